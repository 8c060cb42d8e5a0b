//! `getnameinfo` and its wide twin.

use super::failure;
use super::info::code;
use crate::codes::*;
use crate::error::Code;
use crate::socket::address;
use crate::startup;
use crate::text::strings::{Wchar, put, to_wide};
use socket2::SockAddr;
use std::ffi::{CStr, c_char};
use std::net::SocketAddr;
use std::ptr;

const NI_NAMEREQD: i32 = 0x04;
/// The flags by Winsock's numbers and by the system's.
const FLAGS: [(i32, i32); 5] = [
    (0x01, libc::NI_NOFQDN),
    (0x02, libc::NI_NUMERICHOST),
    (NI_NAMEREQD, libc::NI_NAMEREQD),
    (0x08, libc::NI_NUMERICSERV),
    (0x10, libc::NI_DGRAM),
];

/// `getnameinfo`.
#[unsafe(export_name = "overlapped_getnameinfo")]
pub unsafe extern "C" fn getnameinfo(
    name: *const u8,
    length: i32,
    host: *mut c_char,
    host_size: u32,
    service: *mut c_char,
    service_size: u32,
    flags: i32,
) -> i32 {
    let units = |text: &CStr| text.to_bytes().iter().map(|&byte| byte as c_char).collect();
    // SAFETY: what the program promises.
    code(unsafe { tell(name, length, (host, host_size), (service, service_size), flags, units) })
}

/// `GetNameInfoW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetNameInfoW(
    name: *const u8,
    length: i32,
    host: *mut Wchar,
    host_size: u32,
    service: *mut Wchar,
    service_size: u32,
    flags: i32,
) -> i32 {
    let units = |text: &CStr| to_wide(&text.to_string_lossy());
    // SAFETY: what the program promises.
    code(unsafe { tell(name, length, (host, host_size), (service, service_size), flags, units) })
}

/// A place for a text, which there is unless it has no room.
type Place<C> = (*mut C, u32);

unsafe fn tell<C: Copy + Default>(
    name: *const u8,
    length: i32,
    host: Place<C>,
    service: Place<C>,
    flags: i32,
    units: impl Fn(&CStr) -> Vec<C>,
) -> Result<(), Code> {
    startup::check()?;
    // SAFETY: the caller's promise.
    let address = unsafe { address::read(name, length) }?;
    let wanted = |(place, size): Place<C>| !place.is_null() && size > 0;
    if !wanted(host) && !wanted(service) {
        return Err(WSAHOST_NOT_FOUND);
    }
    let (mut host_text, mut service_text) = ([0; 1025], [0; 128]);
    ask(&address, &mut host_text, &mut service_text, flags)?;
    for (place, text) in [(host, &host_text[..]), (service, &service_text[..])] {
        if wanted(place) {
            let text = units(CStr::from_bytes_until_nul(text).unwrap_or_default());
            if text.len() >= place.1 as usize {
                return Err(ERROR_INSUFFICIENT_BUFFER);
            }
            // SAFETY: the program says that there is so much room.
            unsafe { put(&text, place.0, place.1 as usize) };
        }
    }
    Ok(())
}

/// Asks the system for the name of an address, and for that of its port.
pub(super) fn ask(address: &SocketAddr, host: &mut [u8], service: &mut [u8], flags: i32) -> Result<(), Code> {
    let its = FLAGS.iter().filter(|(ours, _)| flags & ours != 0);
    let flags = its.fold(0, |flags, (_, theirs)| flags | theirs);
    let address = SockAddr::from(*address);
    let part = |part: &mut [u8]| match part.len() {
        0 => (ptr::null_mut(), 0),
        length => (part.as_mut_ptr().cast::<c_char>(), length as libc::socklen_t),
    };
    let ((host, host_length), (service, service_length)) = (part(host), part(service));
    // SAFETY: an address as long as it says, and places as long as is said.
    let error = unsafe {
        let name = address.as_ptr().cast();
        libc::getnameinfo(name, address.len(), host, host_length, service, service_length, flags)
    };
    if error == 0 { Ok(()) } else { Err(failure::code(error)) }
}
