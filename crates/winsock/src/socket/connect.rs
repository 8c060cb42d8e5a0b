//! Connecting.

use super::{SocketObject, address, bind, call, lookup};
use crate::abi::{Handle, WsaBuf};
use crate::codes::*;
use crate::error::{Code, code, socket_result};
use overlapped::face::operations::Part;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// `connect`.
#[unsafe(export_name = "overlapped_connect")]
pub unsafe extern "C-unwind" fn connect(socket: Handle, name: *const u8, length: i32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        // SAFETY: what the program promises.
        let name = unsafe { address::read(name, length) }?;
        reach(&socket, name)
    }))
}

/// `WSAConnect`. No protocol here carries data of its own with a connect, nor promises a quality.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSAConnect(
    socket: Handle,
    name: *const u8,
    length: i32,
    _caller: *const WsaBuf,
    _callee: *mut WsaBuf,
    _quality: *const u8,
    _group_quality: *const u8,
) -> i32 {
    // SAFETY: what the program promises.
    unsafe { connect(socket, name, length) }
}

fn reach(socket: &Arc<SocketObject>, to: SocketAddr) -> Result<(), Code> {
    if address::family(&to) != socket.family {
        return Err(WSAEAFNOSUPPORT);
    }
    let engine = socket.socket();
    if !socket.is_stream() {
        return if to.ip().is_unspecified() { forget(socket) } else { engine.try_connect(to).map_err(|e| code(&e)) };
    }
    if socket.standing.is_accepting() || socket.system(|system| system.is_listener())? {
        return Err(WSAEINVAL);
    }
    if to.ip().is_unspecified() {
        return Err(WSAEADDRNOTAVAIL);
    }
    bind::leave_port(socket);
    if socket.state().nonblocking {
        let begun = engine.try_connect(to).map_err(|error| code(&error));
        if begun == Err(WSAEWOULDBLOCK) {
            socket.state().connected = Some(Instant::now());
        }
        return begun;
    }
    // SAFETY: it names no memory.
    let outcome = unsafe { call::await_end(&engine, 0, |socket| Part::Connect(socket, to)) }?;
    outcome.result.unwrap_or(Err(WSAEINTR))?;
    socket.state().connected = Some(Instant::now());
    Ok(())
}

/// A datagram socket that is connected to nowhere receives from everybody again.
fn forget(socket: &SocketObject) -> Result<(), Code> {
    let unspecified = libc::sockaddr { sa_family: libc::AF_UNSPEC as libc::sa_family_t, sa_data: [0; 14] };
    socket.system(|system| {
        use std::os::fd::AsRawFd;
        let length = size_of::<libc::sockaddr>() as libc::socklen_t;
        // SAFETY: the descriptor is open, and the address as long as it says.
        match unsafe { libc::connect(system.as_raw_fd(), &raw const unspecified, length) } {
            0 => Ok(()),
            _ => Err(std::io::Error::last_os_error()),
        }
    })
}
