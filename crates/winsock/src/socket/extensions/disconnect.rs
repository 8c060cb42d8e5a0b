//! `DisconnectEx`: the end of what is sent, and if the program wants the socket for another connection the end of this one.

use super::super::operation::{Follow, Notice, Operation, Then};
use super::super::{SocketObject, call, lookup};
use super::{is_connected, renew};
use crate::abi::{Bool, Dword, Handle, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{Code, code, no};
use overlapped::Shutdown;
use overlapped::face::operations::{End, Part};
use std::sync::Arc;

const TF_REUSE_SOCKET: Dword = 2;

/// `DisconnectEx`.
pub unsafe extern "C-unwind" fn DisconnectEx(
    socket: Handle,
    overlapped: *mut Header,
    flags: Dword,
    reserved: Dword,
) -> Bool {
    // SAFETY: what the program promises of its pointers.
    match unsafe { disconnect(socket, overlapped, flags, reserved) } {
        Ok(()) => TRUE,
        Err(code) => no(code),
    }
}

unsafe fn disconnect(socket: Handle, overlapped: *mut Header, flags: Dword, reserved: Dword) -> Result<(), Code> {
    let socket = lookup(socket)?;
    if flags & !TF_REUSE_SOCKET != 0 || reserved != 0 {
        return Err(WSAEINVAL);
    }
    let reuse = flags & TF_REUSE_SOCKET != 0;
    // One that was reset has no peer any more, but it had one.
    if !socket.is_stream() || !(is_connected(&socket) || reuse && socket.state().connected.is_some()) {
        return Err(WSAENOTCONN);
    }
    if overlapped.is_null() {
        // SAFETY: nothing is sent.
        let _ = unsafe { call::await_end(&socket.socket(), 0, nothing) };
        return end(&socket, reuse);
    }
    // SAFETY: the program keeps the header.
    let (header, notice) = unsafe { super::notice(&socket, overlapped) }?;
    let engine = socket.socket();
    let mut operation = Operation::new(Arc::clone(&socket), header, &notice);
    if engine.queued_bytes() == 0 {
        end(&socket, reuse)?;
        operation.end_at_once(0, &notice);
        return Ok(());
    }
    operation.rare().follow = Some(Box::new(Disconnect { reuse, notice: notice.clone() }));
    // Behind what is being sent.
    // SAFETY: nothing is sent; the header as above.
    let issued = unsafe { operation.issue(super::shape(|operation| nothing(&operation.engine)), &notice) };
    match issued {
        // No more can be sent, and when it is: the end.
        Err(WSAESHUTDOWN) => {
            end(&socket, reuse)?;
            Operation::new(socket, header, &notice).end_at_once(0, &notice);
            Ok(())
        }
        issued => {
            let _ = engine.shutdown(Shutdown::Send);
            issued.map(|_| ())
        }
    }
}

/// A send of nothing: it ends when what was sent before has been.
fn nothing(socket: &overlapped::Socket) -> Part<'_> {
    Part::Send(socket, std::ptr::dangling(), 0)
}

/// Ends the connection, of which everything has been sent.
pub(super) fn end(socket: &SocketObject, reuse: bool) -> Result<(), Code> {
    if reuse {
        return renew::renew(socket);
    }
    match socket.socket().shutdown(Shutdown::Send) {
        Err(error) => Err(code(&error)),
        Ok(()) => Ok(()),
    }
}

/// What is left to do when everything has been sent.
pub(super) struct Disconnect {
    pub(super) reuse: bool,
    pub(super) notice: Notice,
}

impl Disconnect {
    /// Ends the connection outside of the engine's locks, and with it the operation, which has transferred so many bytes.
    pub(super) fn after(self, operation: &mut Operation, ended: &End<'_>, bytes: usize) {
        let (next, issuer) = (operation.next(operation.engine.clone()), ended.issuer());
        operation.rare().then = Then::new(move || {
            let result = end(next.socket(), self.reuse).map(|()| bytes);
            next.end(result, &self.notice, &issuer);
        });
    }
}

impl Follow for Disconnect {
    fn follow(self: Box<Self>, operation: &mut Operation, ended: &mut End<'_>) -> Option<Result<usize, Code>> {
        match ended.bytes() {
            Err(code) if code.unsigned_abs() == WSA_OPERATION_ABORTED => Some(Err(WSA_OPERATION_ABORTED)),
            // The peer has gone: all the better.
            _ => {
                self.after(operation, ended, 0);
                None
            }
        }
    }
}
