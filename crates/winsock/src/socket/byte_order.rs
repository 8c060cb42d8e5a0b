//! Numbers in the order of the network.

use super::lookup;
use crate::abi::Handle;
use crate::codes::WSAEFAULT;
use crate::error::socket_result;

/// `htons`.
#[unsafe(export_name = "overlapped_htons")]
pub extern "C" fn htons(number: u16) -> u16 {
    number.to_be()
}

/// `ntohs`.
#[unsafe(export_name = "overlapped_ntohs")]
pub extern "C" fn ntohs(number: u16) -> u16 {
    u16::from_be(number)
}

/// `htonl`.
#[unsafe(export_name = "overlapped_htonl")]
pub extern "C" fn htonl(number: u32) -> u32 {
    number.to_be()
}

/// `ntohl`.
#[unsafe(export_name = "overlapped_ntohl")]
pub extern "C" fn ntohl(number: u32) -> u32 {
    u32::from_be(number)
}

/// Writes a number that was turned for a socket.
///
/// # Safety
///
/// `place` is null or the program's place for it.
unsafe fn put<N>(socket: Handle, number: N, place: *mut N) -> i32 {
    socket_result(lookup(socket).and_then(|_| {
        if place.is_null() {
            return Err(WSAEFAULT);
        }
        // SAFETY: the caller's promise.
        unsafe { place.write(number) };
        Ok(())
    }))
}

/// `WSAHtons`. All protocols have the same order.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAHtons(socket: Handle, number: u16, place: *mut u16) -> i32 {
    // SAFETY: what the program promises, here and below.
    unsafe { put(socket, number.to_be(), place) }
}

/// `WSANtohs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSANtohs(socket: Handle, number: u16, place: *mut u16) -> i32 {
    // SAFETY: as above.
    unsafe { put(socket, u16::from_be(number), place) }
}

/// `WSAHtonl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAHtonl(socket: Handle, number: u32, place: *mut u32) -> i32 {
    // SAFETY: as above.
    unsafe { put(socket, number.to_be(), place) }
}

/// `WSANtohl`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSANtohl(socket: Handle, number: u32, place: *mut u32) -> i32 {
    // SAFETY: as above.
    unsafe { put(socket, u32::from_be(number), place) }
}
