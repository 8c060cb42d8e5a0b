//! What the number of `ioctlsocket` is about.

use crate::codes::*;
use crate::error::{self, Code};
use crate::socket::SocketObject;
use std::io;
use std::os::fd::AsRawFd;

/// `FIONBIO`. A socket whose network events are selected stays as it is.
pub(super) fn set_nonblocking(socket: &SocketObject, on: bool) -> Result<(), Code> {
    let mut state = socket.state();
    if !on && state.selection.is_some() {
        return Err(WSAEINVAL);
    }
    state.nonblocking = on;
    Ok(())
}

/// `FIONREAD`: of a datagram socket, the bytes of the first datagram.
pub(super) fn available(socket: &SocketObject) -> Result<u32, Code> {
    ask(socket, libc::FIONREAD).map(|bytes| bytes as u32)
}

/// `SIOCATMARK`: no urgent data lies behind what is received next.
pub(super) fn at_mark(socket: &SocketObject) -> Result<bool, Code> {
    if !socket.is_stream() {
        return Err(WSAEINVAL);
    }
    const SIOCATMARK_OF_LINUX: libc::Ioctl = 0x8905;
    let urgent = socket.system(|system| {
        let mut ready = libc::pollfd { fd: system.as_raw_fd(), events: libc::POLLPRI, revents: 0 };
        // SAFETY: one structure, as the count says.
        match unsafe { libc::poll(&raw mut ready, 1, 0) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(ready.revents & libc::POLLPRI != 0),
        }
    })?;
    Ok(!urgent || ask(socket, SIOCATMARK_OF_LINUX)? != 0)
}

/// Asks the system for a number.
fn ask(socket: &SocketObject, question: libc::Ioctl) -> Result<i32, Code> {
    let engine = socket.socket();
    let descriptor = overlapped::face::descriptor(&engine).ok_or(WSAENOTSOCK)?;
    let mut number = 0_i32;
    // SAFETY: the descriptor is open, and each question that is asked here has a number for an answer.
    match unsafe { libc::ioctl(descriptor.as_raw_fd(), question, &raw mut number) } {
        -1 => Err(error::io(&io::Error::last_os_error())),
        _ => Ok(number),
    }
}
