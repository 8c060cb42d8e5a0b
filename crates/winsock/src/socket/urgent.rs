//! Urgent data (`MSG_OOB`), which is no business of the engine: it lies outside of the stream.

use crate::abi::WsaBuf;
use crate::codes::*;
use crate::error::Code;
use overlapped::Socket;
use overlapped::face::descriptor;
use socket2::SockRef;
use std::io::ErrorKind;
use std::mem::MaybeUninit;

/// Receives what is urgent.
///
/// # Safety
///
/// The buffers are valid for the call.
pub(super) unsafe fn receive(socket: &Socket, list: &[WsaBuf]) -> Result<usize, Code> {
    let Some(handle) = descriptor(socket) else { return Err(WSAEOPNOTSUPP) };
    let Some(first) = list.iter().find(|buffer| buffer.len > 0) else { return Ok(0) };
    // SAFETY: the caller's promise.
    let buffer = unsafe { std::slice::from_raw_parts_mut(first.buf.cast::<MaybeUninit<u8>>(), first.len as usize) };
    SockRef::from(handle).recv_out_of_band(buffer).map_err(|error| match error.kind() {
        ErrorKind::WouldBlock => WSAEWOULDBLOCK,
        ErrorKind::InvalidInput => WSAEINVAL,
        _ => WSAENOTCONN,
    })
}

/// Sends as urgent data.
///
/// # Safety
///
/// The buffers are valid for the call.
pub(super) unsafe fn send(socket: &Socket, list: &[WsaBuf]) -> Result<usize, Code> {
    let Some(handle) = descriptor(socket) else { return Err(WSAEOPNOTSUPP) };
    let mut sent = 0;
    for buffer in list.iter().filter(|buffer| buffer.len > 0) {
        // SAFETY: the caller's promise.
        let bytes = unsafe { std::slice::from_raw_parts(buffer.buf, buffer.len as usize) };
        match SockRef::from(handle).send_out_of_band(bytes) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Err(WSAEWOULDBLOCK),
            Err(_) => return Err(WSAENOTCONN),
        }
    }
    Ok(sent)
}
