//! Addresses as text and back, of both families, with and without a port.

use super::dotted;
use crate::codes::*;
use crate::error::{self, Code, socket_result};
use crate::socket::address::{self, AF_INET, AF_INET6};
use crate::startup;
use crate::text::strings::{Wchar, narrow, put, put_sized, to_wide, wide};
use std::ffi::c_char;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::ptr;

/// Writes an address that was read from text.
///
/// # Safety
///
/// `place` is null or has room for an address of the family.
unsafe fn presentation_to_network(family: i32, text: Option<String>, place: *mut u8) -> i32 {
    let fail = |code| {
        error::set_last(code);
        -1
    };
    if family != AF_INET && family != AF_INET6 {
        return fail(WSAEAFNOSUPPORT);
    }
    let Some(text) = text.filter(|_| !place.is_null()) else { return fail(WSAEFAULT) };
    let bytes = match family {
        AF_INET => text.parse::<Ipv4Addr>().ok().map(|four| four.octets().to_vec()),
        _ => text.parse::<Ipv6Addr>().ok().map(|six| six.octets().to_vec()),
    };
    if let Some(bytes) = &bytes {
        // SAFETY: the caller's promise.
        unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
    }
    bytes.is_some().into()
}

/// `inet_pton` and `InetPtonA`.
#[unsafe(export_name = "overlapped_inet_pton")]
pub unsafe extern "C" fn inet_pton(family: i32, text: *const c_char, place: *mut u8) -> i32 {
    // SAFETY: what the program promises.
    unsafe { presentation_to_network(family, narrow(text), place) }
}

/// `InetPtonW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InetPtonW(family: i32, text: *const Wchar, place: *mut u8) -> i32 {
    // SAFETY: what the program promises.
    unsafe { presentation_to_network(family, wide(text), place) }
}

/// The text of an address.
///
/// # Safety
///
/// `address` is null or points to an address of the family.
unsafe fn network_to_presentation(family: i32, address: *const u8) -> Result<String, Code> {
    if family != AF_INET && family != AF_INET6 {
        return Err(WSAEAFNOSUPPORT);
    }
    if address.is_null() {
        return Err(WSAEFAULT);
    }
    // SAFETY: the caller's promise; it need not be aligned.
    Ok(unsafe {
        match family {
            AF_INET => Ipv4Addr::from(address.cast::<[u8; 4]>().read_unaligned()).to_string(),
            _ => Ipv6Addr::from(address.cast::<[u8; 16]>().read_unaligned()).to_string(),
        }
    })
}

/// Hands a text out, which there must be room for.
///
/// # Safety
///
/// `place` is null or has so much room.
unsafe fn give<C: Copy + Default>(text: Result<Vec<C>, Code>, place: *mut C, size: usize) -> *const C {
    let given = text.and_then(|text| match place.is_null() || size <= text.len() {
        true => Err(ERROR_INVALID_PARAMETER),
        // SAFETY: the caller's promise.
        false => Ok(unsafe { put(&text, place, size) }),
    });
    match given {
        Ok(_) => place,
        Err(code) => {
            error::set_last(code);
            ptr::null()
        }
    }
}

fn bytes(text: &str) -> Vec<c_char> {
    text.bytes().map(|byte| byte as c_char).collect()
}

/// `inet_ntop` and `InetNtopA`.
#[unsafe(export_name = "overlapped_inet_ntop")]
pub unsafe extern "C" fn inet_ntop(family: i32, address: *const u8, place: *mut c_char, size: usize) -> *const c_char {
    // SAFETY: what the program promises.
    unsafe { give(network_to_presentation(family, address).map(|text| bytes(&text)), place, size) }
}

/// `InetNtopW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InetNtopW(family: i32, address: *const u8, place: *mut Wchar, size: usize) -> *const Wchar {
    // SAFETY: what the program promises.
    unsafe { give(network_to_presentation(family, address).map(|text| to_wide(&text)), place, size) }
}

/// An address with its port, if it has one.
fn text(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(four) if four.port() == 0 => four.ip().to_string(),
        SocketAddr::V6(six) if six.port() == 0 && six.scope_id() == 0 => six.ip().to_string(),
        SocketAddr::V6(six) if six.port() == 0 => format!("{}%{}", six.ip(), six.scope_id()),
        address => address.to_string(),
    }
}

/// The rest of `WSAAddressToString`.
///
/// # Safety
///
/// `name` is null or as long as is said, `place` null or as long as `size` says, if that is not null.
unsafe fn address_to_string<C: Copy + Default>(
    name: *const u8,
    length: u32,
    place: *mut C,
    size: *mut u32,
    units: impl FnOnce(&str) -> Vec<C>,
) -> Result<(), Code> {
    startup::check()?;
    if name.is_null() || size.is_null() {
        return Err(WSAEFAULT);
    }
    // SAFETY: the caller's promise.
    let name = unsafe { address::read(name, i32::try_from(length).unwrap_or(0)) }.map_err(|_| WSAEINVAL)?;
    // SAFETY: not null, so it is the program's number; and there is as much room as it says.
    let fits = unsafe { put_sized(&units(&text(&name)), place, &mut *size) };
    if !fits {
        return Err(WSAEFAULT);
    }
    // The zero counts here.
    // SAFETY: as above.
    unsafe { *size += 1 };
    Ok(())
}

/// `WSAAddressToStringA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAAddressToStringA(
    name: *const u8,
    length: u32,
    _protocol: *const u8,
    place: *mut c_char,
    size: *mut u32,
) -> i32 {
    // SAFETY: what the program promises.
    socket_result(unsafe { address_to_string(name, length, place, size, bytes) })
}

/// `WSAAddressToStringW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAAddressToStringW(
    name: *const u8,
    length: u32,
    _protocol: *const u8,
    place: *mut Wchar,
    size: *mut u32,
) -> i32 {
    // SAFETY: what the program promises.
    socket_result(unsafe { address_to_string(name, length, place, size, to_wide) })
}

/// Reads an address with or without a port; that of IPv6 may have a scope, and stands in brackets before a port.
fn parse(family: i32, text: &str) -> Option<SocketAddr> {
    let port = |text: &str| text.parse::<u16>().ok().filter(|_| !text.starts_with('+'));
    if family == AF_INET {
        let (ip, port) = match text.split_once(':') {
            Some((ip, text)) => (ip, port(text)?),
            None => (text, 0),
        };
        return Some((Ipv4Addr::from(dotted::parse(ip.as_bytes())?), port).into());
    }
    let (ip, port) = match text.strip_prefix('[').map(|text| text.split_once(']')) {
        None => (text, 0),
        Some(None) => return None,
        Some(Some((ip, ""))) => (ip, 0),
        Some(Some((ip, rest))) => (ip, port(rest.strip_prefix(':')?)?),
    };
    let (ip, scope) = match ip.split_once('%') {
        Some((ip, scope)) => (ip, scope.parse().ok()?),
        None => (ip, 0),
    };
    Some(SocketAddrV6::new(ip.parse().ok()?, port, 0, scope).into())
}

/// The rest of `WSAStringToAddress`.
///
/// # Safety
///
/// `place` is null or as long as `length` says, if that is not null.
unsafe fn string_to_address(text: Option<String>, family: i32, place: *mut u8, length: *mut i32) -> Result<(), Code> {
    startup::check()?;
    if place.is_null() || length.is_null() {
        return Err(WSAEFAULT);
    }
    if family != AF_INET && family != AF_INET6 {
        return Err(WSAEINVAL);
    }
    let text = text.ok_or(WSAEINVAL)?;
    let found = parse(family, &text).ok_or(WSAEINVAL)?;
    // SAFETY: the caller's promise.
    unsafe { address::write(&found, place, length) }
}

/// `WSAStringToAddressA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAStringToAddressA(
    text: *const c_char,
    family: i32,
    _protocol: *const u8,
    place: *mut u8,
    length: *mut i32,
) -> i32 {
    // SAFETY: what the program promises.
    socket_result(unsafe { string_to_address(narrow(text), family, place, length) })
}

/// `WSAStringToAddressW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAStringToAddressW(
    text: *const Wchar,
    family: i32,
    _protocol: *const u8,
    place: *mut u8,
    length: *mut i32,
) -> i32 {
    // SAFETY: what the program promises.
    socket_result(unsafe { string_to_address(wide(text), family, place, length) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_told_if_there_is_one() {
        for (address, said) in [
            ("1.2.3.4:5", "1.2.3.4:5"),
            ("1.2.3.4:0", "1.2.3.4"),
            ("[::1]:5", "[::1]:5"),
            ("[::1]:0", "::1"),
            ("[fe80::1%3]:0", "fe80::1%3"),
        ] {
            assert_eq!(text(&address.parse().unwrap()), said);
        }
    }

    #[test]
    fn what_was_told_is_read() {
        for said in ["1.2.3.4:5", "1.2.3.4", "[::1]:5", "::1", "fe80::1%3", "[fe80::1%3]:8080"] {
            let family = if said.contains("::") { AF_INET6 } else { AF_INET };
            assert_eq!(parse(family, said).map(|address| text(&address)).as_deref(), Some(said));
        }
        assert_eq!(parse(AF_INET6, "[::1]"), parse(AF_INET6, "::1"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for said in ["", "no address", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:+5", "1.2.3.400", "::1"] {
            assert_eq!(parse(AF_INET, said), None, "{said}");
        }
        for said in ["", "[::1", "::1]", "[::1]5", "[::1]:", "1.2.3.4", "::1%x"] {
            assert_eq!(parse(AF_INET6, said), None, "{said}");
        }
    }
}
