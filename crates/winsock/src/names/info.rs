//! `getaddrinfo` and its wide twin.

use super::resolve::{AI_CANONNAME, Query};
use crate::codes::*;
use crate::error::{self, Code};
use crate::socket::address::{self, AF_INET, AF_INET6};
use crate::startup;
use crate::text::strings::{Wchar, narrow, to_wide, wide};
use std::ffi::c_char;
use std::net::SocketAddr;
use std::ptr;

const AF_UNSPEC: i32 = 0;

/// `ADDRINFOA` and `ADDRINFOW`.
#[repr(C)]
pub struct AddrInfo<C> {
    flags: i32,
    family: i32,
    kind: i32,
    protocol: i32,
    length: usize,
    name: *mut C,
    address: *mut u8,
    next: *mut AddrInfo<C>,
}

/// One of a list, with what it points to.
#[repr(C)]
struct Node<C> {
    info: AddrInfo<C>,
    address: [u64; 4],
    name: Vec<C>,
}

/// `getaddrinfo`.
#[unsafe(export_name = "overlapped_getaddrinfo")]
pub unsafe extern "C" fn getaddrinfo(
    node: *const c_char,
    service: *const c_char,
    hints: *const AddrInfo<c_char>,
    list: *mut *mut AddrInfo<c_char>,
) -> i32 {
    // SAFETY: the program's texts, with their ends.
    let (node, service) = unsafe { (narrow(node), narrow(service)) };
    let text = |text: String| text.bytes().map(|byte| byte as c_char).chain([0]).collect();
    // SAFETY: what the program promises.
    code(unsafe { find(node, service, hints, list, text) })
}

/// `GetAddrInfoW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetAddrInfoW(
    node: *const Wchar,
    service: *const Wchar,
    hints: *const AddrInfo<Wchar>,
    list: *mut *mut AddrInfo<Wchar>,
) -> i32 {
    // SAFETY: the program's texts, with their ends.
    let (node, service) = unsafe { (wide(node), wide(service)) };
    let text = |text: String| {
        let mut text = to_wide(&text);
        text.push(0);
        text
    };
    // SAFETY: what the program promises.
    code(unsafe { find(node, service, hints, list, text) })
}

/// The error is what these functions return; it is the last one too.
pub(super) fn code(result: Result<(), Code>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(code) => {
            error::set_last(code);
            code as i32
        }
    }
}

unsafe fn find<C>(
    node: Option<String>,
    service: Option<String>,
    hints: *const AddrInfo<C>,
    list: *mut *mut AddrInfo<C>,
    text: impl FnOnce(String) -> Vec<C>,
) -> Result<(), Code> {
    if list.is_null() {
        return Err(WSAEFAULT);
    }
    // SAFETY: a place for a pointer.
    unsafe { *list = ptr::null_mut() };
    startup::check()?;
    if node.is_none() && service.is_none() {
        return Err(WSAHOST_NOT_FOUND);
    }
    let service = service.filter(|service| !service.is_empty());
    let mut query = Query { node, service, flags: 0, family: AF_UNSPEC, kind: 0, protocol: 0 };
    // SAFETY: null, or the program's hints.
    if let Some(hints) = unsafe { hints.as_ref() } {
        if hints.length != 0 || !hints.name.is_null() || !hints.address.is_null() || !hints.next.is_null() {
            return Err(WSANO_RECOVERY);
        }
        if hints.flags & AI_CANONNAME != 0 && query.node.is_none() {
            return Err(WSAEINVAL);
        }
        match hints.family {
            AF_UNSPEC | AF_INET | AF_INET6 => {}
            _ => return Err(WSAEAFNOSUPPORT),
        }
        // Stream, datagram, raw; there are no others of IP.
        if !(0..=5).contains(&hints.kind) {
            return Err(WSAESOCKTNOSUPPORT);
        }
        (query.flags, query.family, query.kind, query.protocol) =
            (hints.flags, hints.family, hints.kind, hints.protocol);
    }
    let found = query.resolve()?;
    let wants_name = query.flags & AI_CANONNAME != 0;
    let name = found.name.or(query.node).filter(|_| wants_name).map(text);
    // SAFETY: a place for a pointer.
    unsafe { *list = chain(&found.addresses, name, (query.kind, query.protocol)) };
    Ok(())
}

/// The list as C sees it; the first has the name.
fn chain<C>(addresses: &[SocketAddr], name: Option<Vec<C>>, (kind, protocol): (i32, i32)) -> *mut AddrInfo<C> {
    let mut first = ptr::null_mut();
    for found in addresses.iter().rev() {
        let mut node = Box::new(Node {
            info: AddrInfo {
                flags: 0,
                family: address::family(found),
                kind,
                protocol,
                length: address::length(found),
                name: ptr::null_mut(),
                address: ptr::null_mut(),
                next: first,
            },
            address: [0; 4],
            name: Vec::new(),
        });
        // SAFETY: there is room for every address.
        unsafe { address::put(found, node.address.as_mut_ptr().cast()) };
        // The pointers are made of the leaked node, which nobody borrows as a whole any more.
        let node = Box::into_raw(node);
        // SAFETY: just leaked, so alive and ours.
        unsafe {
            (*node).info.address = (&raw mut (*node).address).cast();
            first = node.cast();
        }
    }
    if let (Some(name), false) = (name, first.is_null()) {
        let node = first.cast::<Node<C>>();
        // SAFETY: the first of the nodes that were made here; its name moves in before the pointer to it is taken.
        unsafe {
            let place = &mut (*node).name;
            *place = name;
            (*node).info.name = place.as_mut_ptr();
        }
    }
    first
}

/// `freeaddrinfo`.
#[unsafe(export_name = "overlapped_freeaddrinfo")]
pub unsafe extern "C" fn freeaddrinfo(list: *mut AddrInfo<c_char>) {
    // SAFETY: what the program promises, here and below.
    unsafe { free(list) }
}

/// `FreeAddrInfoW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FreeAddrInfoW(list: *mut AddrInfo<Wchar>) {
    // SAFETY: as above.
    unsafe { free(list) }
}

/// # Safety
///
/// A list that was made here, or a part of one, or null.
unsafe fn free<C>(mut list: *mut AddrInfo<C>) {
    while !list.is_null() {
        // SAFETY: the caller's promise: it was leaked by `chain`, as a node of this type.
        let node = unsafe { Box::from_raw(list.cast::<Node<C>>()) };
        list = node.info.next;
    }
}
