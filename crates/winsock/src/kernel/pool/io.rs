//! Operations of sockets whose completions the pool takes.

use super::callbacks::Callbacks;
use super::environment::{Environment, Place};
use super::instance::Instance;
use super::{BOUND, Member, Pool};
use crate::abi::{Bool, Dword, FALSE, Handle, Overlapped, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, no, set_last};
use crate::handle::{self, Object};
use crate::kernel::event::made;
use crate::kernel::port::Packet;
use crate::status;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Acquire};

/// `PTP_WIN32_IO_CALLBACK`.
type Callback = unsafe extern "C-unwind" fn(Pointer, Pointer, *mut Overlapped, Dword, usize, Handle);
/// `LPOVERLAPPED_COMPLETION_ROUTINE`.
type Routine = unsafe extern "C-unwind" fn(Dword, Dword, *mut Overlapped);

/// `TP_IO`.
pub struct PoolIo {
    callbacks: Arc<Callbacks>,
    callback: Callback,
    /// The program's pointer: it vouches that any thread may have it.
    context: usize,
    /// It goes with the last of its calls.
    closed: AtomicBool,
}

fn io(handle: Handle) -> Option<Arc<PoolIo>> {
    match handle::get(handle) {
        Some(Object::Pool(Member::Io(io))) => Some(io),
        _ => None,
    }
}

/// The same for a function of the program.
fn opened(handle: Handle) -> Option<Arc<PoolIo>> {
    let io = io(handle).filter(|io| !io.closed.load(Acquire));
    if io.is_none() {
        set_last(codes::ERROR_INVALID_HANDLE);
    }
    io
}

/// An operation of a socket has completed.
pub(super) fn completed(handle: Handle, packet: &Packet) {
    let Some(io) = io(handle) else { return };
    // One that the program has not announced is none of the pool's.
    if let Some(running) = io.callbacks.arrived().and_then(|queued| queued.begin()) {
        let (code, bytes, context) = (status::win32(packet.status), packet.bytes, io.context as Pointer);
        Instance::call(|instance| {
            // SAFETY: the program has made this of the function and its argument, to be called so.
            unsafe { (io.callback)(instance, context, packet.header, code, bytes, handle) }
        });
        drop(running);
    }
    io.leave(handle);
}

impl PoolIo {
    pub(super) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    /// Takes it out of the table if it is closed and nothing is to come.
    fn leave(&self, handle: Handle) {
        if self.closed.load(Acquire) && self.callbacks.is_idle() {
            handle::remove(handle);
        }
    }
}

/// An operation of a socket has completed that is bound to a function; told with its status, as Windows does.
pub(super) fn bound(routine: usize, packet: &Packet) {
    // SAFETY: the key was made of such a function.
    let routine = unsafe { std::mem::transmute::<usize, Routine>(routine) };
    // SAFETY: the program has bound the socket to this function, to be called so.
    unsafe { routine(packet.status, packet.bytes as Dword, packet.header) };
}

fn create(
    file: Handle,
    callback: Option<Callback>,
    context: Pointer,
    environment: *const Environment,
) -> Result<Handle, Code> {
    let callback = callback.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let place = Place::of(environment)?;
    let closed = AtomicBool::new(false);
    let context = context as usize;
    let io = PoolIo { callbacks: Callbacks::new(), callback, context, closed };
    let handle = place.enter(Member::Io(Arc::new(io)), context);
    place.pool.adopt(file, handle).inspect_err(|_| drop(handle::remove(handle)))?;
    Ok(handle)
}

/// `CreateThreadpoolIo`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateThreadpoolIo(
    file: Handle,
    callback: Option<Callback>,
    context: Pointer,
    environment: *const Environment,
) -> Handle {
    made(create(file, callback, context, environment))
}

/// `StartThreadpoolIo`: one operation is about to be issued.
#[unsafe(no_mangle)]
pub extern "C" fn StartThreadpoolIo(handle: Handle) {
    if let Some(io) = opened(handle) {
        io.callbacks.expect();
    }
}

/// `CancelThreadpoolIo`: it has failed at once.
#[unsafe(no_mangle)]
pub extern "C" fn CancelThreadpoolIo(handle: Handle) {
    if let Some(io) = opened(handle) {
        drop(io.callbacks.arrived());
    }
}

/// `WaitForThreadpoolIoCallbacks`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitForThreadpoolIoCallbacks(handle: Handle, cancel: Bool) {
    let Some(io) = opened(handle) else { return };
    if cancel != FALSE {
        io.callbacks.cancel();
    }
    io.callbacks.wait();
}

/// `CloseThreadpoolIo`.
#[unsafe(no_mangle)]
pub extern "C" fn CloseThreadpoolIo(handle: Handle) {
    let Some(io) = opened(handle) else { return };
    if !io.closed.swap(true, AcqRel) {
        io.leave(handle);
    }
}

/// `BindIoCompletionCallback`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn BindIoCompletionCallback(file: Handle, routine: Option<Routine>, flags: Dword) -> Bool {
    let Some(routine) = routine else { return no(codes::ERROR_INVALID_PARAMETER) };
    if flags != 0 {
        return no(codes::ERROR_INVALID_PARAMETER);
    }
    Pool::shared().adopt(file, BOUND | routine as usize).map_or_else(no, |()| TRUE)
}
