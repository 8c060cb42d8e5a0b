//! Addresses as C passes them, `sockaddr` with Winsock's numbers, from and to those of Rust.

use crate::codes::*;
use crate::error::Code;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ptr;

/// `AF_INET`.
pub(crate) const AF_INET: i32 = 2;
/// `AF_INET6`.
pub(crate) const AF_INET6: i32 = 23;

/// `struct sockaddr_in`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct SockaddrIn {
    family: u16,
    /// In the order of the network, as the address.
    port: u16,
    address: [u8; 4],
    zero: [u8; 8],
}

/// `struct sockaddr_in6`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct SockaddrIn6 {
    family: u16,
    port: u16,
    flowinfo: u32,
    address: [u8; 16],
    scope: u32,
}

/// The length that an address of a family has in C.
pub(crate) fn length(address: &SocketAddr) -> usize {
    if address.is_ipv4() { size_of::<SockaddrIn>() } else { size_of::<SockaddrIn6>() }
}

/// The family of an address.
pub(crate) fn family(address: &SocketAddr) -> i32 {
    if address.is_ipv4() { AF_INET } else { AF_INET6 }
}

/// The address of a family that stands for all, with port 0.
pub(crate) fn any(family: i32) -> SocketAddr {
    match family {
        AF_INET6 => (Ipv6Addr::UNSPECIFIED, 0).into(),
        _ => (Ipv4Addr::UNSPECIFIED, 0).into(),
    }
}

/// Whether there is room for an address of a family, if there is a place for one.
///
/// # Errors
///
/// `WSAEFAULT`.
///
/// # Safety
///
/// `room` is null or points to a length.
pub(crate) unsafe fn check_room(family: i32, place: *const u8, room: *const i32) -> Result<(), Code> {
    if place.is_null() {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    if room.is_null() || usize::try_from(unsafe { ptr::read(room) }).unwrap_or(0) < length(&any(family)) {
        return Err(WSAEFAULT);
    }
    Ok(())
}

/// Reads an address of the program.
///
/// # Errors
///
/// `WSAEFAULT` for a null pointer or one that is too short, `WSAEAFNOSUPPORT` for a family that is neither IPv4 nor IPv6.
///
/// # Safety
///
/// `address` is null or points to `length` bytes.
pub(crate) unsafe fn read(address: *const u8, length: i32) -> Result<SocketAddr, Code> {
    let length = usize::try_from(length).unwrap_or(0);
    if address.is_null() || length < size_of::<SockaddrIn>() {
        return Err(WSAEFAULT);
    }
    // SAFETY: there are at least 16 bytes; they need not be aligned.
    let four = unsafe { ptr::read_unaligned(address.cast::<SockaddrIn>()) };
    match i32::from(four.family) {
        AF_INET => Ok(SocketAddrV4::new(Ipv4Addr::from(four.address), u16::from_be(four.port)).into()),
        AF_INET6 if length < size_of::<SockaddrIn6>() => Err(WSAEFAULT),
        AF_INET6 => {
            // SAFETY: there are as many bytes; they need not be aligned.
            let six = unsafe { ptr::read_unaligned(address.cast::<SockaddrIn6>()) };
            let (ip, port) = (Ipv6Addr::from(six.address), u16::from_be(six.port));
            Ok(SocketAddrV6::new(ip, port, six.flowinfo, six.scope).into())
        }
        _ => Err(WSAEAFNOSUPPORT),
    }
}

/// Writes an address to `place`, whose length comes in and goes out through `room`. Null pointers: the program does not want
/// to know.
///
/// # Errors
///
/// `WSAEFAULT` if there is too little room; the length that it takes is written all the same.
///
/// # Safety
///
/// `room` is null or points to a length, `place` is null or points to so many bytes.
pub(crate) unsafe fn write(address: &SocketAddr, place: *mut u8, room: *mut i32) -> Result<(), Code> {
    if place.is_null() || room.is_null() {
        return Ok(());
    }
    let needed = length(address);
    // SAFETY: the caller's promise.
    let there = usize::try_from(unsafe { ptr::replace(room, needed as i32) }).unwrap_or(0);
    if there < needed {
        return Err(WSAEFAULT);
    }
    // SAFETY: there is so much room.
    unsafe { put(address, place) };
    Ok(())
}

/// Writes an address.
///
/// # Safety
///
/// `place` points to [`length`] bytes.
pub(crate) unsafe fn put(address: &SocketAddr, place: *mut u8) {
    match (address.ip(), address) {
        (IpAddr::V6(ip), SocketAddr::V6(six)) => {
            let six = SockaddrIn6 {
                family: AF_INET6 as u16,
                port: six.port().to_be(),
                flowinfo: six.flowinfo(),
                address: ip.octets(),
                scope: six.scope_id(),
            };
            // SAFETY: the caller's promise; it need not be aligned.
            unsafe { ptr::write_unaligned(place.cast(), six) };
        }
        (ip, _) => {
            let address_of_four = if let IpAddr::V4(ip) = ip { ip.octets() } else { [0; 4] };
            let four = SockaddrIn {
                family: AF_INET as u16,
                port: address.port().to_be(),
                address: address_of_four,
                zero: [0; 8],
            };
            // SAFETY: as above.
            unsafe { ptr::write_unaligned(place.cast(), four) };
        }
    }
}
