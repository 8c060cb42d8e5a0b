//! Receives and sends of one buffer that are done when they return: `recv`, `send` and their datagram forms.

use super::{address, call, issue, lookup};
use crate::abi::{Handle, WsaBuf};
use crate::codes::*;
use crate::error::{Code, socket_error};
use std::ptr::NonNull;

/// `recv`.
#[unsafe(export_name = "overlapped_recv")]
pub unsafe extern "C-unwind" fn recv(socket: Handle, buffer: *mut u8, length: i32, flags: i32) -> i32 {
    // SAFETY: what the program promises, here and below.
    count(unsafe { receive(socket, buffer, length, flags, None) })
}

/// `recvfrom`.
#[unsafe(export_name = "overlapped_recvfrom")]
pub unsafe extern "C-unwind" fn recvfrom(
    socket: Handle,
    buffer: *mut u8,
    length: i32,
    flags: i32,
    from: *mut u8,
    room: *mut i32,
) -> i32 {
    // SAFETY: as above.
    count(unsafe { receive(socket, buffer, length, flags, Some((from, room))) })
}

/// `send`.
#[unsafe(export_name = "overlapped_send")]
pub unsafe extern "C-unwind" fn send(socket: Handle, buffer: *const u8, length: i32, flags: i32) -> i32 {
    // SAFETY: as above.
    count(unsafe { give(socket, buffer, length, flags, None) })
}

/// `sendto`.
#[unsafe(export_name = "overlapped_sendto")]
pub unsafe extern "C-unwind" fn sendto(
    socket: Handle,
    buffer: *const u8,
    length: i32,
    flags: i32,
    to: *const u8,
    to_length: i32,
) -> i32 {
    // SAFETY: as above.
    count(unsafe { give(socket, buffer, length, flags, Some((to, to_length)).filter(|(to, _)| !to.is_null())) })
}

fn count(result: Result<usize, Code>) -> i32 {
    result.map_or_else(socket_error, |bytes| bytes as i32)
}

/// A place of memory as a list of one.
fn list(buffer: *mut u8, length: i32) -> Result<[WsaBuf; 1], Code> {
    let list = [WsaBuf { len: u32::try_from(length).map_err(|_| WSAEFAULT)?, buf: buffer }];
    issue::check(&list)?;
    Ok(list)
}

unsafe fn receive(
    socket: Handle,
    buffer: *mut u8,
    length: i32,
    flags: i32,
    from: Option<(*mut u8, *mut i32)>,
) -> Result<usize, Code> {
    let socket = lookup(socket)?;
    let list = list(buffer, length)?;
    let from = match from {
        Some((place, room)) if !place.is_null() && !socket.is_stream() => {
            // SAFETY: the caller's promise.
            unsafe { address::check_room(socket.family, place, room) }?;
            NonNull::new(place).zip(NonNull::new(room))
        }
        _ => None,
    };
    // SAFETY: the caller's promise.
    unsafe { call::receive(&socket, &list, flags as u32, from) }.map(|(bytes, _)| bytes)
}

unsafe fn give(
    socket: Handle,
    buffer: *const u8,
    length: i32,
    flags: i32,
    to: Option<(*const u8, i32)>,
) -> Result<usize, Code> {
    let socket = lookup(socket)?;
    let list = list(buffer.cast_mut(), length)?;
    let to = match to {
        // SAFETY: the caller's promise.
        Some((to, length)) if !socket.is_stream() => Some(unsafe { address::read(to, length) }?),
        _ => None,
    };
    if to.is_some_and(|to| address::family(&to) != socket.family) {
        return Err(WSAEAFNOSUPPORT);
    }
    // SAFETY: the caller's promise.
    unsafe { call::send(&socket, &list, flags as u32, to) }
}

/// `WSARecvEx`: as `recv`, but a datagram that was longer is no error; a flag says so.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSARecvEx(socket: Handle, buffer: *mut u8, length: i32, flags: *mut i32) -> i32 {
    if flags.is_null() {
        return socket_error(WSAEFAULT);
    }
    // SAFETY: not null, so it is the program's place.
    let wanted = unsafe { flags.read() };
    // SAFETY: as above.
    let (received, flag) = match unsafe { receive(socket, buffer, length, wanted, None) } {
        Err(WSAEMSGSIZE) => (Ok(usize::try_from(length).unwrap_or(0)), issue::MSG_PARTIAL as i32),
        received => (received, 0),
    };
    if received.is_ok() {
        // SAFETY: as above.
        unsafe { flags.write(flag) };
    }
    count(received)
}
