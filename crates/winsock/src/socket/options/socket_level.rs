//! Options of the socket itself.

use super::Value;
use super::value::{flag, number, part};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{Code, code};
use crate::socket::make::OPEN_TYPE;
use crate::socket::protocols::info_bytes;
use crate::socket::{SocketObject, lookup};
use crate::text::strings::Wchar;
use std::ffi::c_char;
use std::time::Duration;

const SO_DEBUG: i32 = 0x0001;
const SO_ACCEPTCONN: i32 = 0x0002;
const SO_REUSEADDR: i32 = 0x0004;
const SO_KEEPALIVE: i32 = 0x0008;
const SO_DONTROUTE: i32 = 0x0010;
const SO_BROADCAST: i32 = 0x0020;
const SO_LINGER: i32 = 0x0080;
const SO_OOBINLINE: i32 = 0x0100;
const SO_DONTLINGER: i32 = !SO_LINGER;
const SO_EXCLUSIVEADDRUSE: i32 = !SO_REUSEADDR;
const SO_SNDBUF: i32 = 0x1001;
const SO_RCVBUF: i32 = 0x1002;
const SO_SNDTIMEO: i32 = 0x1005;
const SO_RCVTIMEO: i32 = 0x1006;
const SO_ERROR: i32 = 0x1007;
const SO_TYPE: i32 = 0x1008;
const SO_MAX_MSG_SIZE: i32 = 0x2003;
const SO_PROTOCOL_INFOA: i32 = 0x2004;
const SO_PROTOCOL_INFOW: i32 = 0x2005;
const SO_CONDITIONAL_ACCEPT: i32 = 0x3002;
const SO_OPENTYPE: i32 = 0x7008;
const SO_UPDATE_ACCEPT_CONTEXT: i32 = 0x700B;
const SO_CONNECT_TIME: i32 = 0x700C;
const SO_UPDATE_CONNECT_CONTEXT: i32 = 0x7010;

pub(super) fn get(socket: &SocketObject, option: i32) -> Result<Value, Code> {
    let engine = socket.socket();
    let failed = |error| code(&error);
    Ok(match option {
        SO_DEBUG => Value::Flag(socket.state().settings.debug),
        SO_ACCEPTCONN => Value::Flag(socket.is_stream() && socket.system(|system| system.is_listener())?),
        SO_REUSEADDR => Value::Flag(socket.state().settings.reuse),
        SO_EXCLUSIVEADDRUSE => Value::Flag(socket.state().settings.exclusive),
        SO_KEEPALIVE if socket.is_stream() => Value::Flag(engine.keepalive().map_err(failed)?),
        SO_DONTROUTE => Value::Flag(super::raw::get(socket, libc::SOL_SOCKET, libc::SO_DONTROUTE)? != 0),
        SO_BROADCAST if !socket.is_stream() => Value::Flag(engine.broadcast().map_err(failed)?),
        SO_LINGER if socket.is_stream() => {
            let linger = engine.linger().map_err(failed)?;
            let seconds = linger.map_or(0, |time| time.as_secs().min(u16::MAX.into())) as u16;
            Value::Bytes([u16::from(linger.is_some()).to_ne_bytes(), seconds.to_ne_bytes()].concat())
        }
        SO_DONTLINGER if socket.is_stream() => Value::Flag(engine.linger().map_err(failed)?.is_none()),
        SO_OOBINLINE if socket.is_stream() => Value::Flag(socket.system(|system| system.out_of_band_inline())?),
        SO_SNDBUF => number_of(socket.state().settings.send_buffer, || engine.send_buffer())?,
        SO_RCVBUF => number_of(socket.state().settings.receive_buffer, || engine.receive_buffer())?,
        SO_SNDTIMEO => Value::Number(socket.state().send_timeout),
        SO_RCVTIMEO => Value::Number(socket.state().receive_timeout),
        SO_ERROR => Value::Number(engine.take_error().map_err(failed)?.map_or(0, |error| code(&error))),
        SO_TYPE => Value::Number(socket.kind as u32),
        SO_MAX_MSG_SIZE if !socket.is_stream() => Value::Number(65507),
        SO_CONDITIONAL_ACCEPT if socket.is_stream() => Value::Flag(false),
        SO_CONNECT_TIME if socket.is_stream() => Value::Number(connect_time(socket)),
        SO_PROTOCOL_INFOA => Value::Bytes(info_bytes::<c_char>(socket)?),
        SO_PROTOCOL_INFOW => Value::Bytes(info_bytes::<Wchar>(socket)?),
        _ => return Err(WSAENOPROTOOPT),
    })
}

fn number_of(set: Option<i32>, system: impl FnOnce() -> overlapped::Result<usize>) -> Result<Value, Code> {
    match set {
        Some(bytes) => Ok(Value::Number(bytes as u32)),
        None => system().map(|bytes| Value::Number(bytes as u32)).map_err(|error| code(&error)),
    }
}

/// Whether an option is the thread's and not the socket's: then there need be no socket.
pub(super) fn is_of_thread(level: i32, option: i32) -> bool {
    level == super::SOL_SOCKET && option == SO_OPENTYPE
}

pub(super) fn get_of_thread() -> Value {
    Value::Number(OPEN_TYPE.get())
}

pub(super) fn set_of_thread(bytes: &[u8]) -> Result<(), Code> {
    OPEN_TYPE.set(number(bytes)?);
    Ok(())
}

/// The seconds since the connect; all ones if the socket is not connected.
fn connect_time(socket: &SocketObject) -> u32 {
    match (socket.socket().peer_addr(), socket.state().connected) {
        (Ok(_), since) => since.map_or(0, |since| since.elapsed().as_secs() as u32),
        (Err(_), _) => u32::MAX,
    }
}

pub(super) fn set(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    let engine = socket.socket();
    let failed = |error| code(&error);
    match option {
        SO_DEBUG => socket.state().settings.debug = flag(bytes)?,
        SO_REUSEADDR => {
            let on = flag(bytes)?;
            let mut state = socket.state();
            if on && state.settings.exclusive {
                return Err(WSAEINVAL);
            }
            if !socket.is_stream() {
                state.socket.set_reuse_address(on).map_err(failed)?;
            }
            state.settings.reuse = on;
        }
        SO_EXCLUSIVEADDRUSE => {
            let on = flag(bytes)?;
            let bound = engine.local_addr().is_ok();
            let mut state = socket.state();
            if on && (state.settings.reuse || bound) {
                return Err(WSAEINVAL);
            }
            state.settings.exclusive = on;
        }
        SO_KEEPALIVE if socket.is_stream() => engine.set_keepalive(flag(bytes)?).map_err(failed)?,
        SO_DONTROUTE => {
            super::raw::set(socket, libc::SOL_SOCKET, libc::SO_DONTROUTE, flag(bytes)?.into())?;
        }
        SO_BROADCAST if !socket.is_stream() => engine.set_broadcast(flag(bytes)?).map_err(failed)?,
        SO_LINGER if socket.is_stream() => {
            let on = u16::from_ne_bytes(part(bytes, 0)?) != 0;
            let seconds = u16::from_ne_bytes(part(bytes, 2)?);
            engine.set_linger(on.then(|| Duration::from_secs(seconds.into()))).map_err(failed)?;
        }
        SO_DONTLINGER if socket.is_stream() => {
            let on = !flag(bytes)?;
            let seconds = engine.linger().map_err(failed)?.unwrap_or_default();
            engine.set_linger(on.then_some(seconds)).map_err(failed)?;
        }
        SO_OOBINLINE if socket.is_stream() => {
            let on = flag(bytes)?;
            socket.system(|system| system.set_out_of_band_inline(on))?;
        }
        SO_SNDBUF => {
            let size = number(bytes)?.min(i32::MAX as u32);
            engine.set_send_buffer(size as usize).map_err(failed)?;
            socket.state().settings.send_buffer = Some(size as i32);
        }
        SO_RCVBUF => {
            let size = number(bytes)?.min(i32::MAX as u32);
            engine.set_receive_buffer(size as usize).map_err(failed)?;
            socket.state().settings.receive_buffer = Some(size as i32);
        }
        SO_SNDTIMEO => socket.state().send_timeout = number(bytes)?,
        SO_RCVTIMEO => socket.state().receive_timeout = number(bytes)?,
        SO_UPDATE_ACCEPT_CONTEXT if socket.is_stream() => {
            let listener = lookup(Handle::from_ne_bytes(part(bytes, 0)?))?;
            connected(socket)?;
            let from = {
                let from = listener.state();
                (from.receive_timeout, from.send_timeout, from.settings.clone())
            };
            let mut state = socket.state();
            (state.receive_timeout, state.send_timeout, state.settings) = from;
        }
        SO_UPDATE_CONNECT_CONTEXT if socket.is_stream() => connected(socket)?,
        _ => return Err(WSAENOPROTOOPT),
    }
    Ok(())
}

/// Whether it is connected, or was when the peer had not reset it.
fn connected(socket: &SocketObject) -> Result<(), Code> {
    if socket.state().connected.is_some() {
        return Ok(());
    }
    socket.socket().peer_addr().map(drop).map_err(|error| code(&error))
}
