//! `ConnectEx`: a connect, and if the program has data for the peer a send after it.

use super::super::operation::{Follow, Notice, Operation, Then};
use super::super::{SocketObject, address, bind, lookup};
use super::{bound, is_connected, notice, renew};
use crate::abi::{Bool, Handle, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{Code, no};
use overlapped::face::operations::{End, Issuer, Part};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// `ConnectEx`.
pub unsafe extern "C" fn ConnectEx(
    socket: Handle,
    name: *const u8,
    length: i32,
    data: *const u8,
    data_length: u32,
    sent: *mut u32,
    overlapped: *mut Header,
) -> Bool {
    // SAFETY: what the program promises of its pointers.
    match unsafe { connect(socket, (name, length), (data, data_length), overlapped) } {
        Ok(bytes) => {
            if !sent.is_null() {
                // SAFETY: a place for a number.
                unsafe { *sent = bytes as u32 };
            }
            TRUE
        }
        Err(code) => no(code),
    }
}

unsafe fn connect(
    socket: Handle,
    (name, length): (*const u8, i32),
    (data, data_length): (*const u8, u32),
    overlapped: *mut Header,
) -> Result<usize, Code> {
    let socket = lookup(socket)?;
    // SAFETY: what the program promises.
    let to = unsafe { address::read(name, length) }?;
    check(&socket, &to)?;
    if data.is_null() && data_length > 0 {
        return Err(WSAEFAULT);
    }
    // SAFETY: the program keeps the header.
    let (header, notice) = unsafe { notice(&socket, overlapped) }?;
    let issue = || {
        bind::leave_port(&socket);
        let mut operation = Operation::new(Arc::clone(&socket), header, &notice);
        let data = Data { place: data, length: if data.is_null() { 0 } else { data_length as usize } };
        operation.rare().follow = Some(Box::new(Connect { data, notice: notice.clone() }));
        // SAFETY: a connect names no memory; the header as above.
        unsafe { operation.issue(super::shape(|operation| Part::Connect(&operation.engine, to)), &notice) }
    };
    match issue() {
        // The last connection was to the same peer, and its ports have to rest.
        Err(WSAEADDRNOTAVAIL) if socket.standing.is_renewed() => {
            renew::at_other_port(&socket)?;
            issue()
        }
        issued => issued,
    }
}

/// From a bound stream socket that is not in use.
fn check(socket: &SocketObject, to: &SocketAddr) -> Result<(), Code> {
    if !socket.is_stream() || socket.standing.is_accepting() || socket.system(|system| system.is_listener())? {
        return Err(WSAEINVAL);
    }
    if is_connected(socket) {
        return Err(WSAEISCONN);
    }
    if bound(socket)?.is_none() {
        return Err(WSAEINVAL);
    }
    match () {
        () if address::family(to) != socket.family => Err(WSAEAFNOSUPPORT),
        () if to.ip().is_unspecified() => Err(WSAEADDRNOTAVAIL),
        () => Ok(()),
    }
}

/// The program's data.
struct Data {
    place: *const u8,
    length: usize,
}

// SAFETY: the memory is the program's, which keeps it for the operation, on whichever thread.
unsafe impl Send for Data {}

/// What is left to do when the connection stands.
struct Connect {
    data: Data,
    notice: Notice,
}

impl Follow for Connect {
    fn follow(self: Box<Self>, operation: &mut Operation, end: &mut End<'_>) -> Option<Result<usize, Code>> {
        if let Err(code) = end.bytes() {
            return Some(Err(code.unsigned_abs()));
        }
        let (next, issuer) = (operation.next(operation.engine.clone()), end.issuer());
        let note = |socket: &Arc<SocketObject>| socket.state().connected = Some(Instant::now());
        if self.data.length == 0 {
            note(operation.socket());
            return Some(Ok(0));
        }
        // The socket itself is locked here.
        operation.rare().then = Then::new(move || {
            note(next.socket());
            self.send(next, &issuer);
        });
        None
    }
}

impl Connect {
    fn send(self, operation: Operation, issuer: &Issuer) {
        let again = operation.next(operation.engine.clone());
        let Data { place, length } = self.data;
        let part = super::shape(move |operation: &mut Operation| Part::Send(&operation.engine, place, length));
        // SAFETY: the program keeps its data until the operation has ended, which it has not been told of.
        if let Err(code) = unsafe { operation.go_on(part, &self.notice, issuer) } {
            again.end(Err(code), &self.notice, issuer);
        }
    }
}
