//! `AcceptEx`: an accept, and if the program wants data with the connection a receive after it.

use super::super::operation::{Follow, Notice, Operation};
use super::super::{SocketObject, lookup};
use super::addresses::Place;
use super::standing::{self, Claim, Silent};
use super::{bound, notice};
use crate::abi::{Bool, Handle, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{Code, no};
use overlapped::Socket;
use overlapped::face::operations::{End, Issuer, Part};
use std::sync::Arc;

/// `AcceptEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn AcceptEx(
    listener: Handle,
    socket: Handle,
    buffer: *mut u8,
    receive: u32,
    local: u32,
    remote: u32,
    received: *mut u32,
    overlapped: *mut Header,
) -> Bool {
    // SAFETY: what the program promises of its pointers.
    match unsafe { accept(listener, socket, buffer, [receive, local, remote], overlapped) } {
        Ok(bytes) => {
            if !received.is_null() {
                // SAFETY: a place for a number.
                unsafe { *received = bytes as u32 };
            }
            TRUE
        }
        Err(code) => no(code),
    }
}

unsafe fn accept(
    listener: Handle,
    socket: Handle,
    buffer: *mut u8,
    [receive, local, remote]: [u32; 3],
    overlapped: *mut Header,
) -> Result<usize, Code> {
    if overlapped.is_null() {
        return Err(WSA_INVALID_PARAMETER);
    }
    let (listener, socket) = (lookup(listener)?, lookup(socket)?);
    if buffer.is_null() || remote == 0 {
        return Err(WSAEFAULT);
    }
    check(&listener, &socket)?;
    // SAFETY: the program keeps the header.
    let (header, notice) = unsafe { notice(&listener, overlapped) }?;
    let claim = Claim::new(&socket, &listener, overlapped)?;
    // SAFETY: the program says that there is so much room, and keeps it until the operation has ended.
    let place = unsafe { Place::new(buffer, receive, local, remote) };
    let mut operation = Operation::new(Arc::clone(&listener), header, &notice);
    let accept = Accept { claim, place, notice: notice.clone() };
    if let Some(connection) = put_off(&listener) {
        // SAFETY: as for the place.
        return unsafe { accept.at_once(operation, connection) };
    }
    let rare = operation.rare();
    rare.follow = Some(Box::new(accept));
    rare.into = Some(Arc::as_ptr(&socket));
    // SAFETY: an accept names no memory; the header as above.
    let issued = unsafe { operation.issue(|operation: &mut Operation| Part::Accept(&operation.engine), &notice) };
    if issued == Err(WSA_IO_PENDING) && socket.standing.is_closed() {
        // In between, so that its end has found nothing.
        standing::end(&listener, overlapped, &socket);
    }
    issued
}

/// Into an unused stream socket, on one that listens.
fn check(listener: &Arc<SocketObject>, socket: &Arc<SocketObject>) -> Result<(), Code> {
    let fits = socket.is_stream() && listener.is_stream() && socket.family == listener.family;
    if !fits {
        return Err(WSAEINVAL);
    }
    if !listener.system(|system| system.is_listener())? {
        // One that is just being closed does not listen any more.
        return Err(if listener.state().closed { WSAENOTSOCK } else { WSAEINVAL });
    }
    // The listener itself is bound, too.
    let unused = bound(socket)?.is_none() || socket.standing.is_renewed() && !super::is_connected(socket);
    if unused && !Arc::ptr_eq(listener, socket) { Ok(()) } else { Err(WSAEINVAL) }
}

/// A connection that the program has put off comes first.
fn put_off(listener: &SocketObject) -> Option<Socket> {
    let mut state = listener.state();
    (!state.deferred.is_empty()).then(|| state.deferred.remove(0))
}

/// What is left to do when a connection has come.
struct Accept {
    claim: Claim,
    place: Place,
    notice: Notice,
}

impl Accept {
    /// The connection is there.
    unsafe fn at_once(self, operation: Operation, connection: Socket) -> Result<usize, Code> {
        let notice = self.notice.clone();
        operation.mark_pending();
        // SAFETY: the caller's promise, that of `go_on`.
        match unsafe { self.go_on(&operation, connection, &Issuer::this_thread()) } {
            None => Err(WSA_IO_PENDING),
            Some(Ok(bytes)) => {
                operation.end_at_once(bytes, &notice);
                Ok(bytes)
            }
            Some(Err(code)) => {
                operation.fail(code);
                Err(code)
            }
        }
    }

    /// Makes the socket the connection; the result, or `None` if a receive follows.
    ///
    /// # Safety
    ///
    /// The program keeps the place until that has ended.
    unsafe fn go_on(self, operation: &Operation, connection: Socket, issuer: &Issuer) -> Option<Result<usize, Code>> {
        // SAFETY: the caller's promise.
        if let Err(code) = unsafe { self.place.write(&connection, operation.socket()) } {
            return Some(Err(code));
        }
        if !self.claim.adopt(&connection) {
            return Some(Err(WSA_OPERATION_ABORTED));
        }
        let (data, length) = self.place.data();
        if length == 0 {
            return Some(Ok(0));
        }
        let Some(silent) = Silent::new(operation.socket(), operation.header.as_ptr(), &connection) else {
            return Some(Err(WSA_OPERATION_ABORTED));
        };
        let mut receive = operation.next(connection);
        receive.rare().follow = Some(Box::new(FirstData { _claim: self.claim, _silent: silent }));
        let part = super::shape(move |receive| Part::Receive(&receive.engine, data, length));
        // SAFETY: the caller's promise.
        let begun = unsafe { receive.go_on(part, &self.notice, issuer) };
        if begun.is_ok() && operation.socket().standing.is_closed() {
            // In between, so that its end has found nothing.
            standing::cancel(operation.socket(), &operation.name());
        }
        begun.err().map(Err)
    }
}

impl Follow for Accept {
    fn follow(self: Box<Self>, operation: &mut Operation, end: &mut End<'_>) -> Option<Result<usize, Code>> {
        match end.accepted.take() {
            // SAFETY: the program keeps its buffer until the operation has ended, which it has not been told of.
            Some(connection) => unsafe { self.go_on(operation, connection, &end.issuer()) },
            None => Some(end.bytes().map_err(i32::unsigned_abs)),
        }
    }
}

/// The receive of the first data. From its end on the socket may be accepted into, and its listener does not know it any more.
struct FirstData {
    _claim: Claim,
    _silent: Silent,
}

impl Follow for FirstData {
    fn follow(self: Box<Self>, _: &mut Operation, end: &mut End<'_>) -> Option<Result<usize, Code>> {
        Some(end.bytes().map_err(i32::unsigned_abs))
    }
}
