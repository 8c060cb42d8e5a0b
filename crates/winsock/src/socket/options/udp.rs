//! Options of UDP.

use super::Value;
use super::raw;
use super::value::{flag, number};
use crate::codes::*;
use crate::error::Code;
use crate::socket::SocketObject;

const UDP_NOCHECKSUM: i32 = 1;
const UDP_SEND_MSG_SIZE: i32 = 2;

pub(super) fn get(socket: &SocketObject, option: i32) -> Result<Value, Code> {
    match option {
        _ if socket.is_stream() => Err(WSAENOPROTOOPT),
        UDP_NOCHECKSUM => raw::get(socket, libc::SOL_SOCKET, libc::SO_NO_CHECK).map(|on| Value::Flag(on != 0)),
        UDP_SEND_MSG_SIZE => {
            raw::get(socket, libc::SOL_UDP, libc::UDP_SEGMENT).map(|bytes| Value::Number(bytes as u32))
        }
        _ => Err(WSAENOPROTOOPT),
    }
}

pub(super) fn set(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    match option {
        _ if socket.is_stream() => Err(WSAENOPROTOOPT),
        UDP_NOCHECKSUM => raw::set(socket, libc::SOL_SOCKET, libc::SO_NO_CHECK, flag(bytes)?.into()),
        UDP_SEND_MSG_SIZE => raw::set(socket, libc::SOL_UDP, libc::UDP_SEGMENT, number(bytes)? as i32),
        _ => Err(WSAENOPROTOOPT),
    }
}
