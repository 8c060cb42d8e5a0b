//! The protocols that there are, as `WSAPROTOCOL_INFO` tells of them, and sockets that are handed on by one.

use super::address::{AF_INET, AF_INET6};
use super::make::{IPPROTO_TCP, IPPROTO_UDP, Model};
use super::object::{SOCK_DGRAM, SOCK_STREAM};
use super::{SocketObject, lookup};
use crate::abi::{Guid, Handle};
use crate::codes::*;
use crate::error::{Code, socket_error, socket_result};
use crate::handle::{self, Object};
use crate::startup;
use crate::text::strings::{Wchar, to_wide};
use std::collections::HashSet;
use std::ffi::c_char;
use std::sync::{LazyLock, Mutex, PoisonError};

/// `WSAPROTOCOL_INFOA` and `WSAPROTOCOL_INFOW`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ProtocolInfo<C> {
    services: u32,
    more_services: [u32; 3],
    provider_flags: u32,
    provider: Guid,
    entry: u32,
    chain_length: i32,
    chain: [u32; 7],
    version: i32,
    family: i32,
    longest_address: i32,
    shortest_address: i32,
    kind: i32,
    protocol: i32,
    protocol_offset: i32,
    byte_order: i32,
    security: i32,
    message_size: u32,
    /// The number of a handle that was made for whoever gets the structure.
    reserved: u32,
    name: [C; 256],
}

/// What differs between the protocols.
struct Protocol {
    family: i32,
    kind: i32,
    protocol: i32,
    entry: u32,
    name: &'static str,
}

const PROTOCOLS: [Protocol; 4] = [
    Protocol { family: AF_INET, kind: SOCK_STREAM, protocol: IPPROTO_TCP, entry: 1001, name: "MSAFD Tcpip [TCP/IP]" },
    Protocol { family: AF_INET, kind: SOCK_DGRAM, protocol: IPPROTO_UDP, entry: 1002, name: "MSAFD Tcpip [UDP/IP]" },
    Protocol {
        family: AF_INET6,
        kind: SOCK_STREAM,
        protocol: IPPROTO_TCP,
        entry: 1004,
        name: "MSAFD Tcpip [TCP/IPv6]",
    },
    Protocol { family: AF_INET6, kind: SOCK_DGRAM, protocol: IPPROTO_UDP, entry: 1005, name: "MSAFD Tcpip [UDP/IPv6]" },
];

/// Guaranteed delivery and order, graceful close, urgent data; sockets are handles of files.
const STREAM_SERVICES: u32 = 0x2 | 0x4 | 0x20 | 0x40 | 0x2_0000;
/// Connectionless, message oriented, broadcast, multipoint; sockets are handles of files.
const DATAGRAM_SERVICES: u32 = 0x1 | 0x8 | 0x200 | 0x400 | 0x2_0000;
const MATCHES_PROTOCOL_ZERO: u32 = 8;
/// What Windows says of the longest datagram.
const LONGEST_DATAGRAM: u32 = 65467;

const PROVIDER: Guid =
    Guid { data1: 0xE70F_1AA0, data2: 0xAB8B, data3: 0x11CF, data4: [0x8C, 0xA3, 0x00, 0x80, 0x5F, 0x48, 0xA1, 0x92] };
const PROVIDER_OF_SIX: Guid =
    Guid { data1: 0xF9EA_B0C0, data2: 0x26D4, data3: 0x11D0, data4: [0xBB, 0xBF, 0x00, 0xAA, 0x00, 0x6C, 0x34, 0xE4] };

/// Characters of either width.
pub(super) trait Character: Copy + Default {
    fn text(text: &str) -> Vec<Self>;
}

impl Character for c_char {
    fn text(text: &str) -> Vec<Self> {
        text.bytes().map(|byte| byte as Self).collect()
    }
}

impl Character for Wchar {
    fn text(text: &str) -> Vec<Self> {
        to_wide(text)
    }
}

impl Protocol {
    fn info<C: Character>(&self) -> ProtocolInfo<C> {
        let (stream, six) = (self.kind == SOCK_STREAM, self.family == AF_INET6);
        let address = if six { 28 } else { 16 };
        let mut name = [C::default(); 256];
        name.iter_mut().zip(C::text(self.name)).for_each(|(place, character)| *place = character);
        ProtocolInfo {
            services: if stream { STREAM_SERVICES } else { DATAGRAM_SERVICES },
            more_services: [0; 3],
            provider_flags: MATCHES_PROTOCOL_ZERO,
            provider: if six { PROVIDER_OF_SIX } else { PROVIDER },
            entry: self.entry,
            chain_length: 1,
            chain: [0; 7],
            version: 2,
            family: self.family,
            longest_address: address,
            shortest_address: address,
            kind: self.kind,
            protocol: self.protocol,
            protocol_offset: 0,
            byte_order: 0,
            security: 0,
            message_size: if stream { 0 } else { LONGEST_DATAGRAM },
            reserved: 0,
            name,
        }
    }
}

/// What is told of the protocol of a socket.
fn info<C: Character>(socket: &SocketObject) -> Result<ProtocolInfo<C>, Code> {
    let its = PROTOCOLS.iter().find(|protocol| (protocol.family, protocol.kind) == (socket.family, socket.kind));
    its.map(Protocol::info).ok_or(WSAENOPROTOOPT)
}

/// The same as bytes.
pub(super) fn info_bytes<C: Character>(socket: &SocketObject) -> Result<Vec<u8>, Code> {
    let info = info::<C>(socket)?;
    // SAFETY: a plain structure of words and characters without gaps.
    let bytes = unsafe { std::slice::from_raw_parts((&raw const info).cast::<u8>(), size_of_val(&info)) };
    Ok(bytes.to_vec())
}

/// `WSAEnumProtocolsA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAEnumProtocolsA(
    wanted: *const i32,
    place: *mut ProtocolInfo<c_char>,
    length: *mut u32,
) -> i32 {
    // SAFETY: what the program promises.
    unsafe { enumerate(wanted, place, length) }.unwrap_or_else(socket_error)
}

/// `WSAEnumProtocolsW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAEnumProtocolsW(
    wanted: *const i32,
    place: *mut ProtocolInfo<Wchar>,
    length: *mut u32,
) -> i32 {
    // SAFETY: what the program promises.
    unsafe { enumerate(wanted, place, length) }.unwrap_or_else(socket_error)
}

/// # Safety
///
/// `wanted` is null or ends with a zero, `place` is null or as long as `length` says, if that is not null.
unsafe fn enumerate<C: Character>(
    wanted: *const i32,
    place: *mut ProtocolInfo<C>,
    length: *mut u32,
) -> Result<i32, Code> {
    startup::check()?;
    if length.is_null() {
        return Err(WSAEFAULT);
    }
    let is_wanted = |protocol: &&Protocol| {
        let mut next = wanted;
        // SAFETY: the caller's promise: it is read no further than its zero.
        while !next.is_null() && unsafe { *next } != 0 {
            // SAFETY: as above.
            if unsafe { *next } == protocol.protocol {
                return true;
            }
            // SAFETY: as above; the zero is still to come.
            next = unsafe { next.add(1) };
        }
        wanted.is_null()
    };
    let found: Vec<_> = PROTOCOLS.iter().filter(is_wanted).map(Protocol::info::<C>).collect();
    let needed = size_of_val(found.as_slice());
    // SAFETY: not null, so it is the program's number.
    let there = unsafe { length.read_unaligned() } as usize;
    if place.is_null() || there < needed {
        // SAFETY: as above.
        unsafe { length.write_unaligned(needed as u32) };
        return Err(WSAENOBUFS);
    }
    for (index, info) in found.iter().enumerate() {
        // SAFETY: there is room for all of them; it need not be aligned.
        unsafe { place.add(index).write_unaligned(*info) };
    }
    Ok(found.len() as i32)
}

/// Handles that were made for whoever gets a structure, and did not come yet.
static WAITING: LazyLock<Mutex<HashSet<Handle>>> = LazyLock::new(Mutex::default);

/// `WSADuplicateSocketA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSADuplicateSocketA(socket: Handle, process: u32, place: *mut ProtocolInfo<c_char>) -> i32 {
    // SAFETY: what the program promises.
    socket_result(unsafe { duplicate(socket, process, place) })
}

/// `WSADuplicateSocketW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSADuplicateSocketW(socket: Handle, process: u32, place: *mut ProtocolInfo<Wchar>) -> i32 {
    // SAFETY: what the program promises.
    socket_result(unsafe { duplicate(socket, process, place) })
}

/// Another handle, within this process: it is made now, so that the socket stays if the first is closed.
///
/// # Safety
///
/// `place` is null or a place for the structure.
unsafe fn duplicate<C: Character>(socket: Handle, process: u32, place: *mut ProtocolInfo<C>) -> Result<(), Code> {
    let socket = lookup(socket)?;
    if place.is_null() {
        return Err(WSAEFAULT);
    }
    if process != std::process::id() {
        return Err(WSAEINVAL);
    }
    let mut info = info::<C>(&socket)?;
    let handle = handle::insert(Object::Socket(socket));
    info.reserved = u32::try_from(handle).map_err(|_| WSAEMFILE)?;
    WAITING.lock().unwrap_or_else(PoisonError::into_inner).insert(handle);
    // SAFETY: not null, so it is the program's place; it need not be aligned.
    unsafe { place.write_unaligned(info) };
    Ok(())
}

/// What `WSASocket` makes of a structure: the handle that was made for it, or a socket of its protocol.
///
/// # Safety
///
/// `info` points to the structure.
pub(super) unsafe fn from_info<C: Character>(info: *const ProtocolInfo<C>) -> Result<Result<Handle, Model>, Code> {
    startup::check()?;
    // SAFETY: the caller's promise; it need not be aligned.
    let info = unsafe { info.read_unaligned() };
    let handle = info.reserved as Handle;
    if handle == 0 {
        return Ok(Err(Model { family: info.family, kind: info.kind, protocol: info.protocol }));
    }
    // It may have been closed by its number, or by `WSACleanup`.
    let waits = WAITING.lock().unwrap_or_else(PoisonError::into_inner).remove(&handle) && lookup(handle).is_ok();
    if waits { Ok(Ok(handle)) } else { Err(WSAEINVAL) }
}
