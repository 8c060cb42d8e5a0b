//! Making sockets.

use super::SocketObject;
use super::address::{self, AF_INET, AF_INET6};
use super::object::{SOCK_DGRAM, SOCK_STREAM};
use super::protocols::{self, Character, ProtocolInfo};
use crate::abi::{Handle, INVALID};
use crate::codes::*;
use crate::error::{self, Code, code};
use crate::handle::{self, Object};
use crate::startup;
use crate::text::strings::Wchar;
use overlapped::Socket;
use std::cell::Cell;
use std::ffi::c_char;
use std::sync::Arc;

pub(crate) const IPPROTO_TCP: i32 = 6;
pub(crate) const IPPROTO_UDP: i32 = 17;
const AF_UNSPEC: i32 = 0;

const WSA_FLAG_OVERLAPPED: u32 = 0x01;
const WSA_FLAG_NO_HANDLE_INHERIT: u32 = 0x80;
const WSA_FLAG_REGISTERED_IO: u32 = 0x100;

thread_local! {
    /// `SO_OPENTYPE`: with a value but 0 the thread's next sockets are for calls that wait only.
    pub(super) static OPEN_TYPE: Cell<u32> = const { Cell::new(0) };
}

/// `socket`.
#[unsafe(export_name = "overlapped_socket")]
pub extern "C" fn socket(family: i32, kind: i32, protocol: i32) -> Handle {
    let flags = if OPEN_TYPE.get() == 0 { WSA_FLAG_OVERLAPPED } else { 0 };
    handle_of(make(family, kind, protocol, flags))
}

/// What a function returns that makes a socket.
pub(super) fn handle_of(made: Result<Arc<SocketObject>, Code>) -> Handle {
    match made {
        Ok(socket) => handle::insert(Object::Socket(socket)),
        Err(code) => {
            error::set_last(code);
            INVALID
        }
    }
}

/// A socket with Winsock's numbers and the flags of `WSASocket`.
pub(super) fn make(family: i32, kind: i32, protocol: i32, flags: u32) -> Result<Arc<SocketObject>, Code> {
    startup::check()?;
    if flags & !(WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT | WSA_FLAG_REGISTERED_IO) != 0 {
        return Err(WSAEINVAL);
    }
    let (family, kind, protocol) = choose(family, kind, protocol)?;
    let any = address::any(family);
    let engine = if kind == SOCK_DGRAM { Socket::udp_unbound(&any) } else { Socket::tcp(&any) };
    let engine = engine.map_err(|error| code(&error))?;
    Ok(SocketObject::new(engine, family, kind, protocol, flags & WSA_FLAG_OVERLAPPED != 0))
}

/// The first provider that fits; 0 stands for any.
fn choose(family: i32, kind: i32, protocol: i32) -> Result<(i32, i32, i32), Code> {
    if (family, kind, protocol) == (AF_UNSPEC, 0, 0) {
        return Err(WSAEINVAL);
    }
    let kind = match (kind, protocol) {
        (SOCK_STREAM | SOCK_DGRAM, _) => kind,
        (0, 0 | IPPROTO_TCP) => SOCK_STREAM,
        (0, IPPROTO_UDP) => SOCK_DGRAM,
        (0, _) => return Err(WSAEPROTONOSUPPORT),
        _ => return Err(WSAESOCKTNOSUPPORT),
    };
    let family = match family {
        AF_UNSPEC => AF_INET,
        AF_INET | AF_INET6 => family,
        _ => return Err(WSAEAFNOSUPPORT),
    };
    match (kind, protocol) {
        (SOCK_STREAM, 0 | IPPROTO_TCP) => Ok((family, kind, IPPROTO_TCP)),
        (SOCK_DGRAM, 0 | IPPROTO_UDP) => Ok((family, kind, IPPROTO_UDP)),
        _ => Err(WSAEPROTONOSUPPORT),
    }
}

/// What kind of socket a structure asks for.
pub(super) struct Model {
    pub(super) family: i32,
    pub(super) kind: i32,
    pub(super) protocol: i32,
}

/// `WSASocketA`. There are no groups.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSASocketA(
    family: i32,
    kind: i32,
    protocol: i32,
    info: *const ProtocolInfo<c_char>,
    _group: u32,
    flags: u32,
) -> Handle {
    // SAFETY: what the program promises.
    unsafe { make_as(Model { family, kind, protocol }, info, flags) }
}

/// `WSASocketW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSASocketW(
    family: i32,
    kind: i32,
    protocol: i32,
    info: *const ProtocolInfo<Wchar>,
    _group: u32,
    flags: u32,
) -> Handle {
    // SAFETY: what the program promises.
    unsafe { make_as(Model { family, kind, protocol }, info, flags) }
}

/// Makes a socket; what is `FROM_PROTOCOL_INFO` the structure says.
///
/// # Safety
///
/// `info` is null or points to the structure.
unsafe fn make_as<C: Character>(mut model: Model, info: *const ProtocolInfo<C>, flags: u32) -> Handle {
    const FROM_PROTOCOL_INFO: i32 = -1;
    if !info.is_null() {
        // SAFETY: the caller's promise.
        match unsafe { protocols::from_info(info) } {
            Ok(Ok(handle)) => return handle,
            Ok(Err(its)) => {
                for (wanted, its) in
                    [(&mut model.family, its.family), (&mut model.kind, its.kind), (&mut model.protocol, its.protocol)]
                {
                    if *wanted == FROM_PROTOCOL_INFO {
                        *wanted = its;
                    }
                }
            }
            Err(code) => return handle_of(Err(code)),
        }
    }
    handle_of(make(model.family, model.kind, model.protocol, flags))
}
