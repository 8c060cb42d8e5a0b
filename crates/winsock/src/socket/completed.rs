//! Overlapped calls that have done their work when they return: the `OVERLAPPED` is told as if they had been operations.

use super::SocketObject;
use super::issue::notice;
use super::operation::{Operation, Routine};
use crate::abi::Overlapped as Header;
use crate::error::Code;
use std::ptr::NonNull;
use std::sync::Arc;

/// Tells of a success, by an event, a packet or a routine.
///
/// # Safety
///
/// The program keeps the header until it was told.
pub(super) unsafe fn tell(
    socket: &Arc<SocketObject>,
    header: NonNull<Header>,
    routine: Option<Routine>,
    bytes: usize,
) -> Result<(), Code> {
    // SAFETY: the caller's promise.
    let notice = unsafe { notice(socket, header, routine) }?;
    Operation::new(Arc::clone(socket), header, &notice).end_at_once(bytes, &notice);
    Ok(())
}
