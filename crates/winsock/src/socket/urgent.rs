//! Urgent data (`MSG_OOB`), which is no business of the engine: it lies outside of the stream.

use super::SocketObject;
use crate::abi::WsaBuf;
use crate::codes::*;
use crate::error::{self, Code};
use libc::{MSG_DONTWAIT, MSG_NOSIGNAL, MSG_OOB, POLLOUT};
use overlapped::Socket;
use overlapped::face::descriptor;
use socket2::SockRef;
use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// Receives what is urgent: it is there, or it is not; nothing waits for it.
///
/// # Safety
///
/// The buffers are valid for the call.
pub(super) unsafe fn receive(socket: &SocketObject, engine: &Socket, list: &[WsaBuf]) -> Result<usize, Code> {
    let system = system(socket, engine)?;
    let Some(first) = list.iter().find(|buffer| buffer.len > 0) else { return Ok(0) };
    // SAFETY: the caller's promise.
    let buffer = unsafe { std::slice::from_raw_parts_mut(first.buf.cast::<MaybeUninit<u8>>(), first.len as usize) };
    system.recv_with_flags(buffer, MSG_OOB | MSG_DONTWAIT).map_err(|error| match error.kind() {
        ErrorKind::InvalidInput => WSAEINVAL,
        _ => error::io(&error),
    })
}

/// Sends as urgent data: all of it from a blocking socket, from another what the system takes.
///
/// # Safety
///
/// The buffers are valid for the call.
pub(super) unsafe fn send(socket: &SocketObject, engine: &Socket, list: &[WsaBuf]) -> Result<usize, Code> {
    let system = system(socket, engine)?;
    let (nonblocking, timeout) = {
        let state = socket.state();
        (state.nonblocking, state.send_timeout)
    };
    let deadline = (timeout != 0).then(|| Instant::now() + Duration::from_millis(timeout.into()));
    let mut sent = 0;
    for buffer in list.iter().filter(|buffer| buffer.len > 0) {
        // SAFETY: the caller's promise.
        let mut bytes = unsafe { std::slice::from_raw_parts(buffer.buf.cast_const(), buffer.len as usize) };
        while !bytes.is_empty() {
            match system.send_with_flags(bytes, MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL) {
                Ok(count) => {
                    sent += count;
                    bytes = bytes.get(count..).unwrap_or_default();
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock && !nonblocking => wait(socket, &system, deadline)?,
                Err(error) if error.kind() == ErrorKind::WouldBlock && sent > 0 => return Ok(sent),
                Err(error) => return Err(refused(socket, &system, &error)),
            }
        }
    }
    Ok(sent)
}

/// What a failure of a send means.
fn refused(socket: &SocketObject, system: &SockRef<'_>, error: &io::Error) -> Code {
    match error.kind() {
        ErrorKind::BrokenPipe if socket.state().closed => WSAEINTR,
        // The end of what is sent, of a connection that stands.
        ErrorKind::BrokenPipe if system.peer_addr().is_ok() => WSAESHUTDOWN,
        _ => error::io(error),
    }
}

/// Only a stream has urgent data.
fn system<'a>(socket: &SocketObject, engine: &'a Socket) -> Result<SockRef<'a>, Code> {
    let handle = descriptor(engine).filter(|_| socket.is_stream()).ok_or(WSAEOPNOTSUPP)?;
    Ok(SockRef::from(handle))
}

/// Whoever closes the socket is noticed as late as that.
const LOOK: i32 = 50;

/// Waits a while for room.
fn wait(socket: &SocketObject, system: &SockRef<'_>, deadline: Option<Instant>) -> Result<(), Code> {
    if socket.state().closed {
        return Err(WSAEINTR);
    }
    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
        return Err(WSAETIMEDOUT);
    }
    let mut wanted = libc::pollfd { fd: system.as_raw_fd(), events: POLLOUT, revents: 0 };
    // SAFETY: one entry, which is ours, and an open descriptor.
    let ready = unsafe { libc::poll(&raw mut wanted, 1, LOOK) };
    match ready {
        0.. => Ok(()),
        _ => match io::Error::last_os_error() {
            error if error.kind() == ErrorKind::Interrupted => Ok(()),
            error => Err(error::io(&error)),
        },
    }
}
