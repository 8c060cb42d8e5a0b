//! Microsoft's extension functions, which a program finds by their names with `WSAIoctl`.

pub mod accept;
pub mod addresses;
pub mod connect;
pub mod disconnect;
pub mod function;
pub mod message;
mod renew;
mod source;
mod standing;
pub mod transmit;

pub(super) use function::answer;
pub(super) use standing::{Standing, cancel, closing};

use super::SocketObject;
use super::issue::shape;
use super::operation::Notice;
use crate::abi::Overlapped as Header;
use crate::codes::*;
use crate::error::Code;
use std::net::SocketAddr;
use std::ptr::NonNull;

/// The address that the system says a socket has, if it has one.
fn bound(socket: &SocketObject) -> Result<Option<SocketAddr>, Code> {
    let local = socket.system(|system| system.local_addr())?;
    Ok(local.as_socket().filter(|local| local.port() != 0))
}

/// Whether it has a peer.
fn is_connected(socket: &SocketObject) -> bool {
    socket.system(|system| system.peer_addr()).is_ok()
}

/// How an operation without a routine is told of.
///
/// # Errors
///
/// `WSA_INVALID_PARAMETER` without an `OVERLAPPED` or on a socket that was made without the overlapped attribute.
///
/// # Safety
///
/// The program keeps the header, if there is one.
unsafe fn notice(socket: &SocketObject, header: *mut Header) -> Result<(NonNull<Header>, Notice), Code> {
    let header = NonNull::new(header).filter(|_| socket.overlapped).ok_or(WSA_INVALID_PARAMETER)?;
    // SAFETY: the caller's promise.
    Ok((header, unsafe { super::issue::notice(socket, header, None) }?))
}
