//! Addresses of sockets: giving them, asking for them, and listening.

use super::{SocketObject, address, lookup};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code, socket_result};
use std::net::SocketAddr;

/// `bind`.
#[unsafe(export_name = "overlapped_bind")]
pub unsafe extern "C" fn bind(socket: Handle, name: *const u8, length: i32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        // SAFETY: what the program promises.
        let name = unsafe { address::read(name, length) }?;
        if address::family(&name) != socket.family {
            return Err(WSAEFAULT);
        }
        give(&socket, name)
    }))
}

/// Gives a socket its address.
fn give(socket: &SocketObject, name: SocketAddr) -> Result<(), Code> {
    let reuse = socket.state().settings.reuse;
    let bound = if socket.is_stream() {
        give_stream(socket, name)
    } else {
        socket.socket().bind(name).map_err(|error| code(&error))
    };
    match bound {
        // Sharing was asked for, and whoever has the address does not share.
        Err(WSAEADDRINUSE) if reuse => Err(WSAEACCES),
        bound => bound,
    }
}

/// What lingers of former connections keeps nobody from a port, a socket that lives does. Linux knows both by one option,
/// which counts where both sides have it: so a socket has it only while it binds to what lingers, and once it listens or
/// connects, when only what lingers of it later is still to be seen.
fn give_stream(socket: &SocketObject, name: SocketAddr) -> Result<(), Code> {
    let shares = socket.state().settings.reuse;
    let name = name.into();
    socket.system(|system| {
        system.set_reuse_port(shares)?;
        match system.bind(&name) {
            Err(error) if error.raw_os_error() == Some(libc::EADDRINUSE) => {
                system.set_reuse_address(true)?;
                let bound = system.bind(&name);
                system.set_reuse_address(false)?;
                bound
            }
            bound => bound,
        }
    })
}

/// What lingers of the connections of this socket is to keep nobody from its port.
pub(super) fn leave_port(socket: &SocketObject) {
    let _ = socket.system(|system| system.set_reuse_address(true));
}

/// `listen`. The backlog is the system's longest: what is longer than the program asked for is no harm.
#[unsafe(export_name = "overlapped_listen")]
pub extern "C" fn listen(socket: Handle, _backlog: i32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        if !socket.is_stream() {
            return Err(WSAEOPNOTSUPP);
        }
        leave_port(&socket);
        socket.socket().start_listening().map_err(|error| code(&error))
    }))
}

/// `getsockname`.
#[unsafe(export_name = "overlapped_getsockname")]
pub unsafe extern "C" fn getsockname(socket: Handle, name: *mut u8, length: *mut i32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        // SAFETY: what the program promises.
        unsafe { tell(name, length, || socket.socket().local_addr()) }
    }))
}

/// `getpeername`.
#[unsafe(export_name = "overlapped_getpeername")]
pub unsafe extern "C" fn getpeername(socket: Handle, name: *mut u8, length: *mut i32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        // SAFETY: what the program promises.
        unsafe { tell(name, length, || socket.socket().peer_addr()) }
    }))
}

/// Writes an address where there must be a place for it.
///
/// # Safety
///
/// As for [`address::write`].
unsafe fn tell(
    name: *mut u8,
    length: *mut i32,
    get: impl FnOnce() -> overlapped::Result<SocketAddr>,
) -> Result<(), Code> {
    let address = get().map_err(|error| code(&error))?;
    if name.is_null() || length.is_null() {
        return Err(WSAEFAULT);
    }
    // SAFETY: the caller's promise.
    unsafe { address::write(&address, name, length) }
}
