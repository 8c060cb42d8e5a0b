//! Completion ports.

use crate::abi::{Bool, Dword, FALSE, Handle, INFINITE, INVALID, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{self, Code, no};
use crate::handle::{self, Object};
use crate::kernel::wait::WAIT_IO_COMPLETION;
use crate::status::{self, Status};
use overlapped::{Port, Waited};
use std::cell::Cell;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

/// What a port gives.
pub(crate) struct Packet {
    pub(crate) key: usize,
    pub(crate) header: *mut Header,
    pub(crate) bytes: usize,
    pub(crate) status: Status,
}

// SAFETY: the pointer is the program's; it is handed on, and never looked at.
unsafe impl Send for Packet {}

/// A completion port.
pub struct PortObject {
    port: Port<Packet>,
    /// How many handles name it. Sockets keep it beyond them.
    handles: AtomicUsize,
    /// No handle names it any more.
    closed: AtomicBool,
}

impl PortObject {
    /// One on which so many threads run at once, 0 for as many as there are processors.
    pub(crate) fn new(concurrency: Dword) -> Arc<Self> {
        let port = Arc::new(Self {
            port: Port::new(concurrency as usize),
            handles: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
        });
        let mut all = all();
        all.retain(|port| port.strong_count() > 0);
        all.push(Arc::downgrade(&port));
        port
    }

    /// The engine's port.
    pub(crate) fn engine(&self) -> &Port<Packet> {
        &self.port
    }

    /// One handle more names it.
    pub(crate) fn opened(&self) {
        self.handles.fetch_add(1, Relaxed);
    }

    /// One handle less. With the last the port is closed: whoever waits is told, with `ERROR_ABANDONED_WAIT_0`.
    pub(crate) fn closed(&self) {
        if self.handles.fetch_sub(1, AcqRel) == 1 {
            self.closed.store(true, Relaxed);
            self.port.close();
        }
    }

    /// Nobody takes its packets any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Relaxed)
    }
}

fn all() -> MutexGuard<'static, Vec<Weak<PortObject>>> {
    static ALL: Mutex<Vec<Weak<PortObject>>> = Mutex::new(Vec::new());
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets operations to ports complete for which no thread waits there: somebody asks for one of them in another way.
pub(crate) fn poll_all() {
    let ports: Vec<_> = all().iter().filter_map(Weak::upgrade).collect();
    for port in ports {
        overlapped::face::poll_port(&port.port);
    }
}

/// `CreateIoCompletionPort`.
#[unsafe(no_mangle)]
pub extern "C" fn CreateIoCompletionPort(file: Handle, existing: Handle, key: usize, concurrency: Dword) -> Handle {
    match associate(file, existing, key, concurrency) {
        Ok(port) => port,
        Err(code) => {
            error::set_last(code);
            0
        }
    }
}

fn associate(file: Handle, existing: Handle, key: usize, concurrency: Dword) -> Result<Handle, Code> {
    if file == INVALID {
        return match existing {
            0 => Ok(handle::insert(Object::Port(PortObject::new(concurrency)))),
            _ => Err(ERROR_INVALID_PARAMETER),
        };
    }
    let port = if existing == 0 { PortObject::new(concurrency) } else { lookup(existing)? };
    belong(file, &port, key)?;
    Ok(if existing == 0 { handle::insert(Object::Port(port)) } else { existing })
}

/// The packets of a socket go to this port from now on, and have this key.
pub(crate) fn belong(file: Handle, port: &Arc<PortObject>, key: usize) -> Result<(), Code> {
    let socket = handle::socket(file).ok_or(ERROR_INVALID_HANDLE)?;
    if !socket.overlapped || socket.port.set((Arc::clone(port), key)).is_err() {
        return Err(ERROR_INVALID_PARAMETER);
    }
    Ok(())
}

fn lookup(port: Handle) -> Result<Arc<PortObject>, Code> {
    handle::port(port).ok_or(ERROR_INVALID_HANDLE)
}

fn time(milliseconds: Dword) -> Option<Duration> {
    (milliseconds != INFINITE).then(|| Duration::from_millis(milliseconds.into()))
}

/// `GetQueuedCompletionStatus`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetQueuedCompletionStatus(
    port: Handle,
    bytes: *mut Dword,
    key: *mut usize,
    overlapped: *mut *mut Header,
    milliseconds: Dword,
) -> Bool {
    if overlapped.is_null() || bytes.is_null() || key.is_null() {
        return no(ERROR_INVALID_PARAMETER);
    }
    // SAFETY: a place for a pointer. Without a packet the other two are left as they are.
    unsafe { *overlapped = std::ptr::null_mut() };
    let taken = lookup(port).and_then(|port| match port.port.get(time(milliseconds)) {
        Ok(Some(packet)) => Ok(packet),
        Ok(None) => Err(WAIT_TIMEOUT),
        Err(error) => Err(error::code(&error)),
    });
    match taken {
        Ok(packet) => {
            // SAFETY: none is null.
            unsafe {
                *bytes = packet.bytes as Dword;
                *key = packet.key;
                *overlapped = packet.header;
            }
            match status::win32(packet.status) {
                0 => TRUE,
                code => no(code),
            }
        }
        Err(code) => no(code),
    }
}

/// `OVERLAPPED_ENTRY`.
#[repr(C)]
pub struct Entry {
    key: usize,
    overlapped: *mut Header,
    internal: usize,
    bytes: Dword,
}

thread_local! {
    /// Room for what the thread takes from ports, kept from one time to the next.
    static ROOM: Cell<Vec<Packet>> = const { Cell::new(Vec::new()) };
}

/// `GetQueuedCompletionStatusEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GetQueuedCompletionStatusEx(
    port: Handle,
    entries: *mut Entry,
    count: u32,
    removed: *mut u32,
    milliseconds: Dword,
    alertable: Bool,
) -> Bool {
    if entries.is_null() || removed.is_null() || count == 0 {
        return no(ERROR_INVALID_PARAMETER);
    }
    // A routine that takes from a port in this wait finds none, and its own is the one that stays.
    let mut packets = ROOM.try_with(Cell::take).unwrap_or_default();
    let taken = lookup(port).and_then(|port| {
        let (most, time) = (count as usize, time(milliseconds));
        let taken = match alertable {
            FALSE => port
                .port
                .get_many(&mut packets, most, time)
                .map(|many| if many > 0 { Waited::Object(0) } else { Waited::TimedOut }),
            _ => port.port.get_many_alertable(&mut packets, most, time),
        };
        match taken.map_err(|error| error::code(&error))? {
            Waited::TimedOut => Err(WAIT_TIMEOUT),
            Waited::Routines => Err(WAIT_IO_COMPLETION),
            _ => Ok(()),
        }
    });
    if let Err(code) = taken {
        // SAFETY: not null.
        unsafe { *removed = 0 };
        return no(code);
    }
    let count = packets.len();
    for (index, packet) in packets.drain(..).enumerate() {
        let entry = Entry {
            key: packet.key,
            overlapped: packet.header,
            internal: packet.status as usize,
            bytes: packet.bytes as Dword,
        };
        // SAFETY: the program has room for `count` entries, and no more were taken.
        unsafe { entries.add(index).write(entry) };
    }
    // SAFETY: not null.
    unsafe { *removed = count as u32 };
    let _ = ROOM.try_with(|room| room.set(packets));
    TRUE
}

/// `PostQueuedCompletionStatus`.
#[unsafe(no_mangle)]
pub extern "C" fn PostQueuedCompletionStatus(port: Handle, bytes: Dword, key: usize, overlapped: *mut Header) -> Bool {
    let port = match lookup(port) {
        Ok(port) => port,
        Err(code) => return no(code),
    };
    let packet = Packet { key, header: overlapped, bytes: bytes as usize, status: status::SUCCESS };
    if port.port.post(packet).is_ok() { TRUE } else { no(ERROR_INVALID_HANDLE) }
}

/// `SetFileCompletionNotificationModes`.
#[unsafe(no_mangle)]
pub extern "C" fn SetFileCompletionNotificationModes(file: Handle, flags: u8) -> Bool {
    const SKIP_PORT_ON_SUCCESS: u8 = 1;
    const SKIP_SET_EVENT_ON_HANDLE: u8 = 2;
    let Some(socket) = handle::socket(file) else { return no(ERROR_INVALID_HANDLE) };
    if flags & !(SKIP_PORT_ON_SUCCESS | SKIP_SET_EVENT_ON_HANDLE) != 0 {
        return no(ERROR_INVALID_PARAMETER);
    }
    // A mode that was set stays.
    if flags & SKIP_PORT_ON_SUCCESS != 0 {
        socket.state().skips_packets = true;
        socket.socket().skip_packets_on_success(true);
    }
    TRUE
}
