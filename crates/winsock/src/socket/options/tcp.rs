//! Options of TCP.

use super::Value;
use super::raw;
use super::value::{flag, number};
use crate::codes::*;
use crate::error::{Code, code};
use crate::socket::SocketObject;

const TCP_NODELAY: i32 = 1;
/// `TCP_KEEPALIVE` and `TCP_KEEPIDLE`.
const TCP_KEEPALIVE: i32 = 3;
const TCP_MAXSEG: i32 = 4;
const TCP_MAXRT: i32 = 5;
const TCP_MAXRTMS: i32 = 14;
const TCP_KEEPCNT: i32 = 16;
const TCP_KEEPINTVL: i32 = 17;

/// What the system calls an option that counts the same.
fn system(option: i32) -> Option<i32> {
    Some(match option {
        TCP_KEEPALIVE => libc::TCP_KEEPIDLE,
        TCP_MAXSEG => libc::TCP_MAXSEG,
        TCP_KEEPCNT => libc::TCP_KEEPCNT,
        TCP_KEEPINTVL => libc::TCP_KEEPINTVL,
        TCP_MAXRTMS => libc::TCP_USER_TIMEOUT,
        _ => return None,
    })
}

pub(super) fn get(socket: &SocketObject, option: i32) -> Result<Value, Code> {
    if !socket.is_stream() {
        return Err(WSAENOPROTOOPT);
    }
    let get = |option| raw::get(socket, libc::IPPROTO_TCP, option).map(|value| value as u32);
    match option {
        TCP_NODELAY => socket.socket().nodelay().map(Value::Flag).map_err(|error| code(&error)),
        TCP_MAXRT => get(libc::TCP_USER_TIMEOUT).map(|time| Value::Number(time / 1000)),
        _ => get(system(option).ok_or(WSAENOPROTOOPT)?).map(Value::Number),
    }
}

pub(super) fn set(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    if !socket.is_stream() {
        return Err(WSAENOPROTOOPT);
    }
    let set =
        |option, value: u32| raw::set(socket, libc::IPPROTO_TCP, option, i32::try_from(value).map_err(|_| WSAEINVAL)?);
    match option {
        TCP_NODELAY => socket.socket().set_nodelay(flag(bytes)?).map_err(|error| code(&error)),
        // For ever, which is 0 to the system.
        TCP_MAXRT | TCP_MAXRTMS if number(bytes)? == u32::MAX => set(libc::TCP_USER_TIMEOUT, 0),
        TCP_MAXRT => set(libc::TCP_USER_TIMEOUT, number(bytes)?.saturating_mul(1000)),
        TCP_MAXSEG => Err(WSAENOPROTOOPT),
        _ => set(system(option).ok_or(WSAENOPROTOOPT)?, number(bytes)?),
    }
}
