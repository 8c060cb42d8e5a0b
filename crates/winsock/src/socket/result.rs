//! What became of an operation, and its cancelling.

use super::operation::{self, Name, Operation, this_thread};
use super::{SocketObject, extensions, lookup};
use crate::abi::{Bool, Dword, FALSE, Handle, INFINITE, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{Code, no};
use crate::handle;
use crate::status;
use overlapped::face::operations::{Cancel, cancel};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `WSAGetOverlappedResult`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAGetOverlappedResult(
    socket: Handle,
    overlapped: *mut Header,
    bytes: *mut Dword,
    wait: Bool,
    flags: *mut Dword,
) -> Bool {
    let result = lookup(socket).and_then(|socket| {
        let header = NonNull::new(overlapped).filter(|_| !bytes.is_null() && !flags.is_null()).ok_or(WSAEFAULT)?;
        // SAFETY: the program's `OVERLAPPED`.
        unsafe { ended(&socket, header, if wait == FALSE { 0 } else { INFINITE }) }.ok_or(WSA_IO_INCOMPLETE)
    });
    let (status, count) = match result {
        Ok(ended) => ended,
        Err(code) => return no(code),
    };
    // SAFETY: neither is null.
    unsafe {
        *bytes = count as Dword;
        *flags = operation::flags(status);
    }
    match status::winsock(status) {
        0 => TRUE,
        code => no(code),
    }
}

/// `GetOverlappedResult`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetOverlappedResult(
    file: Handle,
    overlapped: *mut Header,
    bytes: *mut Dword,
    wait: Bool,
) -> Bool {
    // SAFETY: what the program promises.
    unsafe { result(file, overlapped, bytes, if wait == FALSE { 0 } else { INFINITE }, ERROR_IO_INCOMPLETE) }
}

/// `GetOverlappedResultEx`, but that its wait is not alertable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetOverlappedResultEx(
    file: Handle,
    overlapped: *mut Header,
    bytes: *mut Dword,
    milliseconds: Dword,
    _alertable: Bool,
) -> Bool {
    let late = if milliseconds == 0 { ERROR_IO_INCOMPLETE } else { WAIT_TIMEOUT };
    // SAFETY: what the program promises.
    unsafe { result(file, overlapped, bytes, milliseconds, late) }
}

unsafe fn result(file: Handle, overlapped: *mut Header, bytes: *mut Dword, milliseconds: Dword, late: Code) -> Bool {
    let Some(socket) = handle::socket(file) else { return no(ERROR_INVALID_HANDLE) };
    let Some(header) = NonNull::new(overlapped).filter(|_| !bytes.is_null()) else { return no(ERROR_NOACCESS) };
    // SAFETY: the program's `OVERLAPPED`.
    let Some((status, count)) = (unsafe { ended(&socket, header, milliseconds) }) else { return no(late) };
    // SAFETY: not null.
    unsafe { *bytes = count as Dword };
    match status::win32(status) {
        0 => TRUE,
        code => no(code),
    }
}

/// `HasOverlappedIoCompleted`, which is a macro on Windows: here a call, in which operations may end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_HasOverlappedIoCompleted(overlapped: *const Header) -> Bool {
    let Some(header) = NonNull::new(overlapped.cast_mut()) else { return FALSE };
    if operation::get(header).0 == status::PENDING {
        poll();
    }
    Bool::from(operation::get(header).0 != status::PENDING)
}

/// So often somebody looks at a port who waits for one of its operations in another way.
const LOOK: Duration = Duration::from_millis(5);

/// Lets operations end that can.
fn poll() {
    overlapped::face::poll();
    crate::kernel::port::poll_all();
}

/// Status and bytes of an operation when it has ended, waiting for it so long.
///
/// # Safety
///
/// The program keeps the header.
unsafe fn ended(
    socket: &SocketObject,
    header: NonNull<Header>,
    milliseconds: Dword,
) -> Option<(status::Status, usize)> {
    let done = || operation::get(header).0 != status::PENDING;
    if !done() {
        poll();
    }
    if !done() && milliseconds != 0 {
        // SAFETY: the caller's promise.
        let number = unsafe { (*header.as_ptr()).event } & !1;
        let event = handle::event(number);
        let time = (milliseconds != INFINITE).then(|| Duration::from_millis(milliseconds.into()));
        let deadline = time.map(|time| Instant::now() + time);
        while !done() {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                break;
            }
            // Whoever waits here drives no port: it looks there now and then.
            let most = socket.port.get().map(|_| LOOK);
            let time = most.into_iter().chain(left).min();
            match &event {
                Some(event) => drop(overlapped::face::wait_until(event, done, time)),
                None => socket.done.wait(done, time),
            }
            if most.is_some() {
                poll();
            }
        }
    }
    done().then(|| operation::get(header))
}

/// `CancelIoEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CancelIoEx(file: Handle, overlapped: *mut Header) -> Bool {
    let Some(socket) = handle::socket(file) else { return no(ERROR_INVALID_HANDLE) };
    let which = if overlapped.is_null() { Cancel::All } else { Cancel::One };
    let found = cancel_named(&socket, overlapped, None, &which);
    if found { TRUE } else { no(ERROR_NOT_FOUND) }
}

/// `CancelIo`.
#[unsafe(no_mangle)]
pub extern "C" fn CancelIo(file: Handle) -> Bool {
    let Some(socket) = handle::socket(file) else { return no(ERROR_INVALID_HANDLE) };
    cancel_named(&socket, std::ptr::null_mut(), Some(this_thread()), &Cancel::All);
    TRUE
}

fn cancel_named(socket: &Arc<SocketObject>, header: *mut Header, thread: Option<usize>, which: &Cancel) -> bool {
    let name = Name { header, thread, socket: Arc::as_ptr(socket), into: std::ptr::null() };
    let found = cancel::<Operation>(&socket.socket(), &name, which);
    if found && matches!(which, Cancel::One) {
        return true;
    }
    extensions::cancel(socket, &name) || found
}
