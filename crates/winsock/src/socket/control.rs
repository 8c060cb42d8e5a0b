//! Modes and questions: `ioctlsocket` and `WSAIoctl`.

use super::{SocketObject, lookup};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{self, Code, socket_result};
use std::io;
use std::os::fd::AsRawFd;

const FIONBIO: u32 = 0x8004_667E;
const FIONREAD: u32 = 0x4004_667F;
const SIOCATMARK: u32 = 0x4004_7307;

/// `ioctlsocket`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ioctlsocket(socket: Handle, command: i32, argument: *mut u32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        if argument.is_null() {
            return Err(WSAEFAULT);
        }
        match command.cast_unsigned() {
            FIONBIO => {
                // SAFETY: not null, so it is the program's number; it need not be aligned.
                let on = unsafe { argument.read_unaligned() } != 0;
                set_nonblocking(&socket, on)
            }
            FIONREAD => {
                let bytes = available(&socket)?;
                // SAFETY: as above.
                unsafe { argument.write_unaligned(bytes) };
                Ok(())
            }
            SIOCATMARK => {
                let at_mark = at_mark(&socket)?;
                // SAFETY: as above.
                unsafe { argument.write_unaligned(at_mark.into()) };
                Ok(())
            }
            _ => Err(WSAEINVAL),
        }
    }))
}

/// `FIONBIO`.
fn set_nonblocking(socket: &SocketObject, on: bool) -> Result<(), Code> {
    socket.state().nonblocking = on;
    Ok(())
}

/// `FIONREAD`: of a datagram socket, the bytes of the first datagram.
fn available(socket: &SocketObject) -> Result<u32, Code> {
    ask(socket, libc::FIONREAD).map(i32::cast_unsigned)
}

/// `SIOCATMARK`: no urgent data lies behind what is received next.
fn at_mark(socket: &SocketObject) -> Result<bool, Code> {
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
