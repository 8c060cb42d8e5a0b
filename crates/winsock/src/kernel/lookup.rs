//! From a handle to what it names, pseudo handles included.

use crate::abi::Handle;
use crate::codes;
use crate::error::Code;
use crate::handle::{self, Object};
use crate::kernel::thread;
use overlapped::{Event, MutexObject, Semaphore, Timer};
use std::sync::Arc;

/// What `GetCurrentProcess` returns: the calling process, whichever it is.
pub const CURRENT_PROCESS: Handle = usize::MAX;
/// What `GetCurrentThread` returns: the calling thread, whichever it is.
pub const CURRENT_THREAD: Handle = usize::MAX - 1;

/// What a handle names.
pub fn resolve(handle: Handle) -> Result<Object, Code> {
    match handle {
        CURRENT_PROCESS => Ok(Object::Process),
        CURRENT_THREAD => Ok(Object::Thread(thread::current())),
        _ => handle::get(handle).ok_or(codes::ERROR_INVALID_HANDLE),
    }
}

/// The thread of a handle.
pub(crate) fn thread(handle: Handle) -> Result<Arc<thread::Thread>, Code> {
    match resolve(handle)? {
        Object::Thread(thread) => Ok(thread),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}

/// The event of a handle.
pub(crate) fn event(handle: Handle) -> Result<Event, Code> {
    match resolve(handle)? {
        Object::Event(event) => Ok(event),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}

/// The semaphore of a handle.
pub(crate) fn semaphore(handle: Handle) -> Result<Semaphore, Code> {
    match resolve(handle)? {
        Object::Semaphore(semaphore) => Ok(semaphore),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}

/// The mutex of a handle.
pub(crate) fn mutex(handle: Handle) -> Result<MutexObject, Code> {
    match resolve(handle)? {
        Object::Mutex(mutex) => Ok(mutex),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}

/// The timer of a handle.
pub(crate) fn timer(handle: Handle) -> Result<Timer, Code> {
    match resolve(handle)? {
        Object::Timer(timer) => Ok(timer),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}
