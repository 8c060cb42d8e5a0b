//! `WSARecvMsg` and `WSASendMsg`: datagrams with what belongs to them in one structure. Of control data there is none.

use super::super::issue::{self, MSG_PEEK, scatter};
use super::super::operation::{Follow, Operation, Routine};
use super::super::{SocketObject, address, call, lookup};
use super::shape;
use crate::abi::{Handle, Overlapped as Header, WsaBuf};
use crate::codes::*;
use crate::error::{Code, socket_error};
use overlapped::face::operations::{End, Part};
use std::ptr::{self, NonNull};
use std::sync::Arc;

const MSG_TRUNC: u32 = 0x0100;

/// `WSAMSG`.
#[repr(C)]
#[derive(Debug)]
pub struct Message {
    name: *mut u8,
    name_length: i32,
    buffers: *const WsaBuf,
    count: u32,
    control: WsaBuf,
    flags: u32,
}

/// `WSARecvMsg`.
pub unsafe extern "C-unwind" fn WSARecvMsg(
    socket: Handle,
    message: *mut Message,
    bytes: *mut u32,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    let received = lookup(socket).and_then(|socket| {
        let message = NonNull::new(message).ok_or(WSAEFAULT)?;
        if socket.is_stream() {
            return Err(WSAEOPNOTSUPP);
        }
        // SAFETY: what the program promises of its pointers.
        unsafe { receive(&socket, message, overlapped, routine) }
    });
    match received {
        Ok(count) => {
            if !bytes.is_null() {
                // SAFETY: a place for a number.
                unsafe { *bytes = count as u32 };
            }
            0
        }
        Err(code) => socket_error(code),
    }
}

/// # Safety
///
/// The program keeps the message, what it names and the header until the receive has ended.
unsafe fn receive(
    socket: &Arc<SocketObject>,
    message: NonNull<Message>,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> Result<usize, Code> {
    let place = message.as_ptr();
    // SAFETY: the program's message.
    let (buffers, flags, name) = unsafe { ((*place).buffers, (*place).flags, (*place).name) };
    // SAFETY: as above.
    let list = unsafe { issue::list((buffers, (*place).count)) }?;
    issue::check(list)?;
    // SAFETY: a part of the program's message.
    let room = unsafe { NonNull::new_unchecked(&raw mut (*place).name_length) };
    let from = NonNull::new(name).map(|name| (name, room));
    let Some(header) = NonNull::new(overlapped).filter(|_| socket.overlapped) else {
        // SAFETY: the program's memory for the length of the call.
        let received = unsafe { call::receive(socket, list, flags, from) };
        if matches!(received, Ok(_) | Err(WSAEMSGSIZE)) {
            // SAFETY: the program's message.
            unsafe { complete(message, received.is_err()) };
        }
        return received.map(|(bytes, _)| bytes);
    };
    if flags & !MSG_PEEK != 0 {
        return Err(WSAEOPNOTSUPP);
    }
    // SAFETY: the program keeps the header.
    let notice = unsafe { issue::notice(socket, header, routine) }?;
    let mut operation = Operation::new(Arc::clone(socket), header, &notice);
    operation.from = from;
    operation.rare().follow = Some(Box::new(Received(message)));
    let part = shape(|operation| {
        // SAFETY: the program keeps the buffers until the operation has ended.
        Part::Scatter(unsafe { scatter(&operation.engine, list, flags) }, from.is_some())
    });
    // SAFETY: the program keeps the buffers and the header until the operation has ended.
    unsafe { operation.issue(part, &notice) }
}

/// Writes what a message has brought beside its bytes.
///
/// # Safety
///
/// The program's message.
unsafe fn complete(message: NonNull<Message>, truncated: bool) {
    // SAFETY: the caller's promise.
    unsafe {
        (*message.as_ptr()).control.len = 0;
        (*message.as_ptr()).flags = if truncated { MSG_TRUNC } else { 0 };
    }
}

/// A message that is being received.
struct Received(NonNull<Message>);

// SAFETY: the message is the program's, which keeps it for the operation, on whichever thread.
unsafe impl Send for Received {}

impl Follow for Received {
    fn follow(self: Box<Self>, _: &mut Operation, end: &mut End<'_>) -> Option<Result<usize, Code>> {
        let result = end.bytes().map_err(i32::unsigned_abs);
        if matches!(result, Ok(_) | Err(WSAEMSGSIZE)) {
            // SAFETY: the program keeps it until it is told of the end.
            unsafe { complete(self.0, result.is_err()) };
        }
        Some(result)
    }
}

/// `WSASendMsg`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSASendMsg(
    socket: Handle,
    message: *const Message,
    flags: u32,
    bytes: *mut u32,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    let checked = lookup(socket).and_then(|socket| {
        if message.is_null() {
            return Err(WSAEFAULT);
        }
        // SAFETY: not null, so it is the program's message.
        let message = unsafe { ptr::read(message) };
        match socket.is_stream() || message.control.len > 0 {
            true => Err(WSAEOPNOTSUPP),
            false => Ok(message),
        }
    });
    let message = match checked {
        Ok(message) => message,
        Err(code) => return socket_error(code),
    };
    let Message { name, name_length, buffers, count, .. } = message;
    // SAFETY: what the program promises of its pointers.
    let to = if name.is_null() { Ok(None) } else { unsafe { address::read(name, name_length) }.map(Some) };
    // SAFETY: as above.
    unsafe { issue::send(socket, (buffers, count), bytes, flags, to, overlapped, routine) }
}
