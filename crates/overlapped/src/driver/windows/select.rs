//! Readiness, as `select` of Winsock tells it.

use super::codes::{from_number, last, succeeded};
use super::descriptor::socket_of;
use crate::codes;
use crate::driver::Attempt;
use std::ptr;
use windows_sys::Win32::Networking::WinSock as ws;

/// How a connect stands that no operation waits for, see `System::connected`.
pub(super) fn connect_ended(raw: i32) -> Attempt<()> {
    let socket = socket_of(raw);
    let mut one = ws::FD_SET { fd_count: 1, ..Default::default() };
    one.fd_array[0] = socket;
    let (mut write, mut except) = (one, one);
    let now = ws::TIMEVAL { tv_sec: 0, tv_usec: 0 };
    // SAFETY: the sets hold as many sockets as they say.
    match unsafe { ws::select(0, ptr::null_mut(), &raw mut write, &raw mut except, &raw const now) } {
        ..0 => Err(last()),
        _ if except.fd_count > 0 => Err(error_of(socket)?),
        _ if write.fd_count > 0 => Ok(()),
        _ => Err(codes::WSAENOTCONN),
    }
}

/// The error that the socket remembers.
fn error_of(socket: ws::SOCKET) -> Attempt<i32> {
    let mut error = 0i32;
    let mut length = size_of::<i32>() as i32;
    // SAFETY: the value is an integer of the size that is given.
    succeeded(unsafe {
        ws::getsockopt(socket, ws::SOL_SOCKET, ws::SO_ERROR, (&raw mut error).cast(), &raw mut length)
    })?;
    Ok(from_number(error))
}
