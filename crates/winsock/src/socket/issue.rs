//! Receives and sends: `WSARecv`, `WSASend` and their datagram forms. With an `OVERLAPPED` they are operations, without one
//! they are calls that wait.

use super::object::SOCK_DGRAM;
use super::operation::{Named, Notice, Operation, Routine, Wish};
use super::{SocketObject, address, call, lookup};
use crate::abi::{Handle, Overlapped as Header, SOCKET_ERROR, WsaBuf};
use crate::codes::*;
use crate::error::{self, Code, socket_error};
use overlapped::face::operations::Part;
use overlapped::{Gather, Scatter, Socket};
use std::net::SocketAddr;
use std::ptr::NonNull;
use std::sync::Arc;

pub(crate) const MSG_OOB: u32 = 1;
pub(crate) const MSG_PEEK: u32 = 2;
pub(crate) const MSG_DONTROUTE: u32 = 4;
pub(crate) const MSG_WAITALL: u32 = 8;
pub(crate) const MSG_PUSH_IMMEDIATE: u32 = 0x20;
pub(crate) const MSG_PARTIAL: u32 = 0x8000;

/// `WSARecv`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSARecv(
    socket: Handle,
    buffers: *const WsaBuf,
    count: u32,
    bytes: *mut u32,
    flags: *mut u32,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    // SAFETY: what the program promises of its pointers, here and below.
    unsafe { receive(socket, (buffers, count), bytes, flags, None, overlapped, routine) }
}

/// `WSARecvFrom`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSARecvFrom(
    socket: Handle,
    buffers: *const WsaBuf,
    count: u32,
    bytes: *mut u32,
    flags: *mut u32,
    from: *mut u8,
    room: *mut i32,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    // SAFETY: as above.
    unsafe { receive(socket, (buffers, count), bytes, flags, Some((from, room)), overlapped, routine) }
}

/// `WSASend`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSASend(
    socket: Handle,
    buffers: *const WsaBuf,
    count: u32,
    bytes: *mut u32,
    flags: u32,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    // SAFETY: as above.
    unsafe { send(socket, (buffers, count), bytes, flags, Ok(None), overlapped, routine) }
}

/// `WSASendTo`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSASendTo(
    socket: Handle,
    buffers: *const WsaBuf,
    count: u32,
    bytes: *mut u32,
    flags: u32,
    to: *const u8,
    length: i32,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    // SAFETY: as above.
    let to = if to.is_null() { Ok(None) } else { unsafe { address::read(to, length) }.map(Some) };
    // SAFETY: as above.
    unsafe { send(socket, (buffers, count), bytes, flags, to, overlapped, routine) }
}

/// The `WSABUF`s of a call.
///
/// # Safety
///
/// If not null, `buffers` points to `count` of them.
pub(crate) unsafe fn list<'a>((buffers, count): (*const WsaBuf, u32)) -> Result<&'a [WsaBuf], Code> {
    match (buffers.is_null(), count) {
        (true, _) => Err(WSAEFAULT),
        (false, 0) => Err(WSAEINVAL),
        // SAFETY: the caller's promise.
        _ => Ok(unsafe { std::slice::from_raw_parts(buffers, count as usize) }),
    }
}

/// Says to the compiler what a closure is: what it gives borrows from what it is given.
pub(super) fn shape<F: for<'a> FnOnce(&'a mut Operation) -> Part<'a>>(part: F) -> F {
    part
}

/// Buffers of the program as an operation's place of memory, if they are one.
pub(crate) fn one(list: &[WsaBuf]) -> Option<(*mut u8, usize)> {
    match list {
        [only] => Some((if only.len == 0 { NonNull::dangling().as_ptr() } else { only.buf }, only.len as usize)),
        _ => None,
    }
}

/// Buffers must be somewhere, but for those without room.
pub(crate) fn check(list: &[WsaBuf]) -> Result<(), Code> {
    if list.iter().any(|buffer| buffer.buf.is_null() && buffer.len > 0) { Err(WSAEFAULT) } else { Ok(()) }
}

unsafe fn receive(
    socket: Handle,
    buffers: (*const WsaBuf, u32),
    bytes: *mut u32,
    flags: *mut u32,
    from: Option<(*mut u8, *mut i32)>,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    let received = lookup(socket).and_then(|socket| {
        // SAFETY: what the program promises.
        let list = unsafe { list(buffers) }?;
        check(list)?;
        if flags.is_null() {
            return Err(WSAEFAULT);
        }
        // SAFETY: not null, so it is a place for flags.
        let wants = unsafe { *flags };
        let from = from.and_then(|(place, room)| NonNull::new(place).zip(NonNull::new(room)));
        match NonNull::new(overlapped).filter(|_| socket.overlapped) {
            Some(header) => {
                // SAFETY: the program keeps all of it until the operation has ended.
                unsafe { issue_receive(&socket, list, wants, from, header, routine) }.map(|bytes| (bytes, 0))
            }
            // SAFETY: the program's memory for the length of the call.
            None => unsafe { call::receive(&socket, list, wants, from) },
        }
    });
    match received {
        Ok((count, returned)) => {
            // SAFETY: a place for a number, if not null; of the flags it is not.
            unsafe {
                if !bytes.is_null() {
                    *bytes = count as u32;
                }
                *flags = returned;
            }
            0
        }
        Err(code) => socket_error(code),
    }
}

unsafe fn issue_receive(
    socket: &Arc<SocketObject>,
    list: &[WsaBuf],
    flags: u32,
    from: Option<(NonNull<u8>, NonNull<i32>)>,
    header: NonNull<Header>,
    routine: Option<Routine>,
) -> Result<usize, Code> {
    if flags & !(MSG_PEEK | MSG_WAITALL | MSG_PARTIAL | MSG_PUSH_IMMEDIATE) != 0 {
        return Err(WSAEOPNOTSUPP);
    }
    // SAFETY: the program keeps the header.
    let wish = unsafe { wish(socket, header, routine) }?;
    let mut operation = Operation::begin(socket, header, wish)?;
    operation.from = from;
    let plain = flags & (MSG_PEEK | MSG_WAITALL) == 0 && from.is_none();
    let part = shape(|operation| {
        match one(list).filter(|_| plain) {
            Some((place, length)) => Part::Receive(&operation.engine, place, length),
            None => {
                // SAFETY: the program keeps the buffers until the operation has ended.
                let buffers = unsafe { scatter(&operation.engine, list, flags) };
                Part::Scatter(buffers, from.is_some() && operation.socket().kind == SOCK_DGRAM)
            }
        }
    });
    // SAFETY: the program keeps the buffers and the header until the operation has ended.
    unsafe { Operation::issue_block(operation, part, wish) }
}

/// # Safety
///
/// The buffers stay valid until the operation has ended.
pub(crate) unsafe fn scatter<'a>(socket: &'a Socket, list: &[WsaBuf], flags: u32) -> Scatter<'a> {
    // SAFETY: the caller's promise.
    let add = |all: Scatter<'a>, next: &WsaBuf| unsafe { all.place(next.buf, next.len as usize) };
    let buffers = list.iter().fold(Scatter::new(socket), add);
    let buffers = if flags & MSG_PEEK != 0 { buffers.peek() } else { buffers };
    if flags & MSG_WAITALL != 0 { buffers.wait_all() } else { buffers }
}

pub(super) unsafe fn send(
    socket: Handle,
    buffers: (*const WsaBuf, u32),
    bytes: *mut u32,
    flags: u32,
    to: Result<Option<SocketAddr>, Code>,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    let sent = lookup(socket).and_then(|socket| {
        // SAFETY: what the program promises.
        let list = unsafe { list(buffers) }?;
        check(list)?;
        // A connection needs no address.
        let to = if socket.is_stream() { None } else { to? };
        if to.is_some_and(|to| address::family(&to) != socket.family) {
            return Err(WSAEAFNOSUPPORT);
        }
        match NonNull::new(overlapped).filter(|_| socket.overlapped) {
            // SAFETY: the program keeps all of it until the operation has ended.
            Some(header) => unsafe { issue_send(&socket, list, flags, to, header, routine) },
            // SAFETY: the program's memory for the length of the call.
            None => unsafe { call::send(&socket, list, flags, to) },
        }
    });
    match sent {
        Ok(count) => {
            if !bytes.is_null() {
                // SAFETY: a place for a number.
                unsafe { *bytes = count as u32 };
            }
            0
        }
        Err(code) => {
            error::set_last(code);
            SOCKET_ERROR
        }
    }
}

unsafe fn issue_send(
    socket: &Arc<SocketObject>,
    list: &[WsaBuf],
    flags: u32,
    to: Option<SocketAddr>,
    header: NonNull<Header>,
    routine: Option<Routine>,
) -> Result<usize, Code> {
    if flags & !(MSG_DONTROUTE | MSG_PARTIAL) != 0 {
        return Err(WSAEOPNOTSUPP);
    }
    // SAFETY: the program keeps the header.
    let wish = unsafe { wish(socket, header, routine) }?;
    let operation = Operation::begin(socket, header, wish)?;
    let part = shape(|operation| {
        match one(list).filter(|_| to.is_none()) {
            Some((place, length)) => Part::Send(&operation.engine, place, length),
            // SAFETY: the program keeps the buffers until the operation has ended.
            None => Part::Gather(unsafe { gather(&operation.engine, list, to) }),
        }
    });
    // SAFETY: the program keeps the buffers and the header until the operation has ended.
    unsafe { Operation::issue_block(operation, part, wish) }
}

/// # Safety
///
/// The buffers stay valid until the operation has ended.
pub(crate) unsafe fn gather<'a>(socket: &'a Socket, list: &[WsaBuf], to: Option<SocketAddr>) -> Gather<'a> {
    // SAFETY: the caller's promise.
    let add = |all: Gather<'a>, next: &WsaBuf| unsafe { all.place(next.buf, next.len as usize) };
    let buffers = list.iter().fold(Gather::new(socket), add);
    if let Some(to) = to { buffers.to(to) } else { buffers }
}

/// How the program wants to be told: by a routine, and then nothing of the `OVERLAPPED` is read; else by a packet if the
/// socket belongs to a port, and by the event that the `OVERLAPPED` names. With its low bit set there is the event only.
///
/// # Safety
///
/// The program keeps the header.
pub(crate) unsafe fn notice(
    socket: &SocketObject,
    header: NonNull<Header>,
    routine: Option<Routine>,
) -> Result<Notice, Code> {
    // SAFETY: the caller's promise.
    let Wish { event, routine, port } = unsafe { wish(socket, header, routine) }?;
    Ok(Notice { event: Named::find(event)?, routine, port: port.cloned() })
}

/// The same, only asked for.
///
/// # Safety
///
/// The program keeps the header.
unsafe fn wish(socket: &SocketObject, header: NonNull<Header>, routine: Option<Routine>) -> Result<Wish<'_>, Code> {
    let port = socket.port.get();
    if routine.is_some() {
        return if port.is_some() { Err(WSAEINVAL) } else { Ok(Wish { event: 0, routine, port: None }) };
    }
    // SAFETY: the program's header.
    let number = unsafe { (*header.as_ptr()).event };
    // To a port that is closed nothing goes; the socket goes on.
    let port = port.filter(|(port, _)| number & 1 == 0 && !port.is_closed());
    Ok(Wish { event: number & !1, routine: None, port })
}
