//! Options of IP, version 4 and 6.

use super::Value;
use super::value::flag;
use crate::codes::*;
use crate::error::{Code, code};
use crate::socket::SocketObject;
use crate::socket::address::{AF_INET, AF_INET6};

const IPV6_V6ONLY: i32 = 27;

pub(super) fn get(socket: &SocketObject, _option: i32) -> Result<Value, Code> {
    if socket.family != AF_INET {
        return Err(WSAEINVAL);
    }
    Err(WSAENOPROTOOPT)
}

pub(super) fn set(socket: &SocketObject, _option: i32, _bytes: &[u8]) -> Result<(), Code> {
    if socket.family != AF_INET {
        return Err(WSAEINVAL);
    }
    Err(WSAENOPROTOOPT)
}

pub(super) fn get_six(socket: &SocketObject, option: i32) -> Result<Value, Code> {
    if socket.family != AF_INET6 {
        return Err(WSAEINVAL);
    }
    match option {
        IPV6_V6ONLY => socket.socket().only_v6().map(Value::Flag).map_err(|error| code(&error)),
        _ => Err(WSAENOPROTOOPT),
    }
}

pub(super) fn set_six(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    if socket.family != AF_INET6 {
        return Err(WSAEINVAL);
    }
    match option {
        IPV6_V6ONLY => socket.socket().set_only_v6(flag(bytes)?).map_err(|error| code(&error)),
        _ => Err(WSAENOPROTOOPT),
    }
}
