//! Overlapped calls that have done their work when they return: the `OVERLAPPED` is told as if they had been operations.

use super::SocketObject;
use super::issue::notice;
use super::operation::{Routine, flags, get, set};
use crate::abi::{Dword, Overlapped as Header};
use crate::codes::ERROR_INVALID_HANDLE;
use crate::error::{Code, code};
use crate::kernel::port::Packet;
use crate::status;
use overlapped::alertable;
use std::ptr::NonNull;

/// A header on its way to its routine.
struct Told(NonNull<Header>);

// SAFETY: the program keeps the header until the routine was called, on the thread that it was made on.
unsafe impl Send for Told {}

/// Tells of a success, by an event, a packet or a routine.
///
/// # Safety
///
/// The program keeps the header until it was told.
pub(super) unsafe fn tell(
    socket: &SocketObject,
    header: NonNull<Header>,
    routine: Option<Routine>,
    bytes: usize,
) -> Result<(), Code> {
    // SAFETY: the caller's promise.
    let notice = unsafe { notice(socket, header, routine) }?;
    set(header, status::SUCCESS, bytes);
    if let Some(event) = &notice.event {
        event.set();
    }
    if let Some((port, key)) = &notice.port {
        let packet = Packet { key: *key, header: header.as_ptr(), bytes, status: status::SUCCESS };
        port.engine().post(packet).map_err(|_| ERROR_INVALID_HANDLE)?;
    }
    let Some(routine) = notice.routine else { return Ok(()) };
    let told = Told(header);
    let queued = alertable::current().queue(move || {
        let Told(header) = { told };
        let (status, bytes) = get(header);
        // SAFETY: the program's routine, for an `OVERLAPPED` that it keeps until the routine has been called.
        unsafe { routine(status::winsock(status), bytes as Dword, header.as_ptr(), flags(status)) };
    });
    queued.map_err(|error| code(&error))
}
