//! The old functions for hosts, which give structures that are the thread's until it calls again.

use super::nameinfo;
use super::resolve::{AI_CANONNAME, Query, own_name};
use crate::codes::*;
use crate::error::{self, Code, socket_error, socket_result};
use crate::socket::address::{AF_INET, AF_INET6};
use crate::startup;
use crate::text::strings::{Wchar, narrow, put, to_wide};
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ptr;

/// `struct hostent`.
#[repr(C)]
pub struct Hostent {
    name: *const c_char,
    aliases: *const *const c_char,
    family: i16,
    length: i16,
    addresses: *const *const u8,
}

/// One with what it points to.
struct Host {
    name: CString,
    aliases: Vec<*const c_char>,
    bytes: Vec<Vec<u8>>,
    addresses: Vec<*const u8>,
    entry: Hostent,
}

thread_local! {
    static HOST: RefCell<Option<Box<Host>>> = const { RefCell::new(None) };
}

/// Keeps a host for the thread, and gives what C sees of it.
fn keep(name: &str, addresses: &[IpAddr]) -> *const Hostent {
    let bytes = |address: &IpAddr| match address {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    };
    let bytes: Vec<_> = addresses.iter().map(bytes).collect();
    let six = addresses.first().is_some_and(IpAddr::is_ipv6);
    let mut host = Box::new(Host {
        name: CString::new(name).unwrap_or_default(),
        aliases: vec![ptr::null()],
        addresses: bytes.iter().map(|bytes| bytes.as_ptr()).chain([ptr::null()]).collect(),
        bytes,
        entry: Hostent {
            name: ptr::null(),
            aliases: ptr::null(),
            family: if six { AF_INET6 } else { AF_INET } as i16,
            length: if six { 16 } else { 4 },
            addresses: ptr::null(),
        },
    });
    debug_assert_eq!(host.bytes.len() + 1, host.addresses.len());
    (host.entry.name, host.entry.aliases) = (host.name.as_ptr(), host.aliases.as_ptr());
    host.entry.addresses = host.addresses.as_ptr();
    let kept = HOST.try_with(|place| ptr::from_ref(&place.borrow_mut().insert(host).entry));
    kept.unwrap_or(ptr::null())
}

fn entry(found: Result<*const Hostent, Code>) -> *const Hostent {
    found.unwrap_or_else(|code| {
        error::set_last(code);
        ptr::null()
    })
}

/// `gethostbyname`. Without a name, and by its own, the machine's own addresses.
#[unsafe(export_name = "overlapped_gethostbyname")]
pub unsafe extern "C" fn gethostbyname(name: *const c_char) -> *const Hostent {
    // SAFETY: the program's text, with its end.
    let name = unsafe { narrow(name) }.unwrap_or_default();
    entry(startup::check().and_then(|()| {
        let query = Query {
            node: Some(name.clone()),
            service: None,
            flags: AI_CANONNAME,
            family: AF_INET,
            kind: 0,
            protocol: 0,
        };
        let found = query.resolve()?;
        let addresses: Vec<_> = found.addresses.iter().map(|address| address.ip()).collect();
        Ok(keep(&found.name.unwrap_or(name), &addresses))
    }))
}

/// `gethostbyaddr`.
#[unsafe(export_name = "overlapped_gethostbyaddr")]
pub unsafe extern "C" fn gethostbyaddr(address: *const u8, length: i32, family: i32) -> *const Hostent {
    entry(startup::check().and_then(|()| {
        let needed = match family {
            AF_INET => 4,
            AF_INET6 => 16,
            _ => return Err(WSAEAFNOSUPPORT),
        };
        if address.is_null() || length < needed {
            return Err(WSAEFAULT);
        }
        // SAFETY: not null, and as long as its family needs; it need not be aligned.
        let ip: IpAddr = unsafe {
            match family {
                AF_INET => Ipv4Addr::from(address.cast::<[u8; 4]>().read_unaligned()).into(),
                _ => Ipv6Addr::from(address.cast::<[u8; 16]>().read_unaligned()).into(),
            }
        };
        const NI_NAMEREQD: i32 = 4;
        let mut name = [0; 1025];
        nameinfo::ask(&(ip, 0).into(), &mut name, &mut [], NI_NAMEREQD)?;
        let name = CStr::from_bytes_until_nul(&name).unwrap_or_default().to_string_lossy();
        Ok(keep(&name, &[ip]))
    }))
}

/// `gethostname`. A negative length is a very large one here.
#[unsafe(export_name = "overlapped_gethostname")]
pub unsafe extern "C" fn gethostname(place: *mut c_char, size: usize) -> i32 {
    let name: Vec<_> = own_name().bytes().map(|byte| byte as c_char).collect();
    // SAFETY: what the program promises.
    unsafe { tell(&name, place, i32::try_from(size).unwrap_or(0)) }
}

/// `GetHostNameW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetHostNameW(place: *mut Wchar, size: i32) -> i32 {
    // SAFETY: what the program promises.
    unsafe { tell(&to_wide(&own_name()), place, size) }
}

/// # Safety
///
/// `place` has so much room, or is null.
unsafe fn tell<C: Copy + Default>(name: &[C], place: *mut C, size: i32) -> i32 {
    if let Err(code) = startup::check() {
        return socket_error(code);
    }
    let size = usize::try_from(size).unwrap_or(0);
    if place.is_null() || size <= name.len() {
        return socket_result(Err(WSAEFAULT));
    }
    // SAFETY: the caller's promise.
    unsafe { put(name, place, size) };
    0
}
