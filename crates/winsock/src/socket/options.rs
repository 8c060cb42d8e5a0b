//! Options of sockets, in Winsock's numbers, units and rules.

mod ip;
mod raw;
mod socket_level;
mod tcp;
mod udp;
mod value;

use super::{SocketObject, lookup};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, socket_result};
use crate::startup;
use std::sync::Arc;
use value::Value;

pub(crate) const SOL_SOCKET: i32 = 0xFFFF;
const IPPROTO_IP: i32 = 0;
const IPPROTO_TCP: i32 = 6;
const IPPROTO_UDP: i32 = 17;
const IPPROTO_IPV6: i32 = 41;

/// The socket whose option it is, if it is not the thread's.
fn find(socket: Handle, level: i32, option: i32) -> Result<Option<Arc<SocketObject>>, Code> {
    if socket_level::is_of_thread(level, option) {
        return startup::check().map(|()| None);
    }
    lookup(socket).map(Some)
}

/// `getsockopt`.
#[unsafe(export_name = "overlapped_getsockopt")]
pub unsafe extern "C" fn getsockopt(socket: Handle, level: i32, option: i32, place: *mut u8, room: *mut i32) -> i32 {
    socket_result(find(socket, level, option).and_then(|socket| {
        if place.is_null() || room.is_null() {
            return Err(WSAEFAULT);
        }
        // SAFETY: not null, so it is the program's length; it need not be aligned.
        let there = usize::try_from(unsafe { room.read_unaligned() }).unwrap_or(0);
        let value = match (level, socket) {
            (_, None) => Ok(socket_level::get_of_thread()),
            (SOL_SOCKET, Some(socket)) => socket_level::get(&socket, option),
            (IPPROTO_TCP, Some(socket)) => tcp::get(&socket, option),
            (IPPROTO_UDP, Some(socket)) => udp::get(&socket, option),
            (IPPROTO_IP, Some(socket)) => ip::get(&socket, option),
            (IPPROTO_IPV6, Some(socket)) => ip::get_six(&socket, option),
            _ => Err(WSAEINVAL),
        }?;
        let bytes = value.bytes(there)?;
        // SAFETY: the program says that there is so much room, and both are not null.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
            room.write_unaligned(bytes.len() as i32);
        }
        Ok(())
    }))
}

/// `setsockopt`.
#[unsafe(export_name = "overlapped_setsockopt")]
pub unsafe extern "C" fn setsockopt(socket: Handle, level: i32, option: i32, place: *const u8, length: i32) -> i32 {
    socket_result(find(socket, level, option).and_then(|socket| {
        let length = usize::try_from(length).map_err(|_| WSAEFAULT)?;
        let bytes = match (place.is_null(), length) {
            (true, 0) | (false, 0) => &[],
            (true, _) => return Err(WSAEFAULT),
            // SAFETY: the program's value, as long as it says.
            (false, _) => unsafe { std::slice::from_raw_parts(place, length) },
        };
        match (level, socket) {
            (_, None) => socket_level::set_of_thread(bytes),
            (SOL_SOCKET, Some(socket)) => socket_level::set(&socket, option, bytes),
            (IPPROTO_TCP, Some(socket)) => tcp::set(&socket, option, bytes),
            (IPPROTO_UDP, Some(socket)) => udp::set(&socket, option, bytes),
            (IPPROTO_IP, Some(socket)) => ip::set(&socket, option, bytes),
            (IPPROTO_IPV6, Some(socket)) => ip::set_six(&socket, option, bytes),
            _ => Err(WSAEINVAL),
        }
    }))
}
