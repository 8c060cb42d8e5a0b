//! `WSAStartup` and `WSACleanup`: how often the program has begun.

use crate::abi::{Bool, FALSE};
use crate::codes;
use crate::error::{Code, socket_error};
use crate::{handle, kernel};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

static STARTED: AtomicU32 = AtomicU32::new(0);

/// Winsock functions fail before `WSAStartup`.
pub fn check() -> Result<(), Code> {
    if STARTED.load(Relaxed) == 0 { Err(codes::WSANOTINITIALISED) } else { Ok(()) }
}

/// `WSADATA`.
#[repr(C)]
pub struct Data {
    version: u16,
    highest: u16,
    max_sockets: u16,
    max_datagram: u16,
    vendor: *mut u8,
    description: [u8; 257],
    status: [u8; 129],
}

/// The highest version of Winsock.
const HIGHEST: u16 = 0x0202;

/// What a program gets that asks for a version: that one, or the highest below it. The major version is the low byte.
fn negotiate(wanted: u16) -> Option<u16> {
    match (wanted & 0xFF, wanted >> 8) {
        (0, _) => None,
        (1, 0) => Some(0x0001),
        (1, _) => Some(0x0101),
        (2, 0) => Some(0x0002),
        (2, 1) => Some(0x0102),
        _ => Some(HIGHEST),
    }
}

/// `WSAStartup`. Its error is what it returns, not what `WSAGetLastError` does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAStartup(wanted: u16, data: *mut Data) -> i32 {
    let Some(version) = negotiate(wanted) else { return codes::WSAVERNOTSUPPORTED as i32 };
    if data.is_null() {
        return codes::WSAEFAULT as i32;
    }
    // A driver that was asked for and cannot be had: the code alone would tell nobody why.
    if let Err(error) = overlapped::driver::report() {
        eprintln!("WSAStartup: {error}");
        return codes::WSASYSNOTREADY as i32;
    }
    let mut description = [0; 257];
    let mut status = [0; 129];
    for (place, text) in [(&mut description[..], &b"WinSock 2.0"[..]), (&mut status[..], &b"Running"[..])] {
        place.iter_mut().zip(text).for_each(|(place, byte)| *place = *byte);
    }
    // The old versions say how much there is; the new ones say nothing.
    let old = version & 0xFF == 1;
    let (max_sockets, max_datagram) = if old { (32767, 65467) } else { (0, 0) };
    let vendor = std::ptr::null_mut();
    let all = Data { version, highest: HIGHEST, max_sockets, max_datagram, vendor, description, status };
    // SAFETY: not null, so it is the program's place for it; it need not be aligned.
    unsafe { data.write_unaligned(all) };
    STARTED.fetch_add(1, SeqCst);
    0
}

/// `WSACleanup`. With the last the sockets of the program are closed.
#[unsafe(no_mangle)]
pub extern "C" fn WSACleanup() -> i32 {
    match STARTED.fetch_update(SeqCst, SeqCst, |count| count.checked_sub(1)) {
        Ok(1) => {
            for socket in handle::sockets() {
                let _ = kernel::close::close(socket);
            }
            0
        }
        Ok(_) => 0,
        Err(_) => socket_error(codes::WSANOTINITIALISED),
    }
}

/// `WSAIsBlocking`: calls that wait are not known to others any more.
#[unsafe(no_mangle)]
pub extern "C" fn WSAIsBlocking() -> Bool {
    FALSE
}

/// `WSACancelBlockingCall`: nor can they be cancelled, but by closing the socket.
#[unsafe(no_mangle)]
pub extern "C" fn WSACancelBlockingCall() -> i32 {
    socket_error(check().err().unwrap_or(codes::WSAEOPNOTSUPP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_that_one_or_the_highest_below_it() {
        for (wanted, given) in [(0x0202, 0x0202), (0x0002, 0x0002), (0x0101, 0x0101), (0x0001, 0x0001)] {
            assert_eq!(negotiate(wanted), Some(given));
        }
        assert_eq!(negotiate(0x0302), Some(HIGHEST));
        assert_eq!(negotiate(0x0003), Some(HIGHEST));
        assert_eq!(negotiate(0x0000), None);
        assert_eq!(negotiate(0x0200), None);
    }
}
