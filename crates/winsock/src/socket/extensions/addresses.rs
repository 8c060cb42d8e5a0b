//! The addresses of an accepted connection, as they lie in the buffer of `AcceptEx`.
//!
//! Behind the data there is room for the local address, and behind that for the remote one. In each lie numbers of the
//! transport before the `sockaddr`, more of them before the local one, and it is for these that the program adds 16 bytes.

use super::super::{SocketObject, address};
use crate::codes::*;
use crate::error::Code;
use overlapped::Socket;
use std::net::SocketAddr;
use std::ptr;

/// How often the address was asked for, how many there are, and the length of this one.
const BEFORE_LOCAL: usize = 10;
/// How many there are, and the length of this one.
const BEFORE_REMOTE: usize = 6;
/// The length does not count the family.
const FAMILY: usize = 2;

/// The buffer of an `AcceptEx`.
pub(super) struct Place {
    buffer: *mut u8,
    data: usize,
    local: usize,
    remote: usize,
}

// SAFETY: the memory is the program's, which keeps it for the operation, on whichever thread.
unsafe impl Send for Place {}

impl Place {
    /// # Safety
    ///
    /// There is so much room, which stays until the operation has ended.
    pub(super) unsafe fn new(buffer: *mut u8, data: u32, local: u32, remote: u32) -> Self {
        Self { buffer, data: data as usize, local: local as usize, remote: remote as usize }
    }

    /// Where the first data goes, and how much.
    pub(super) fn data(&self) -> (*mut u8, usize) {
        (self.buffer, self.data)
    }

    /// Writes the addresses of a connection. With no room for the local one the program does not want it.
    ///
    /// # Errors
    ///
    /// `ERROR_INSUFFICIENT_BUFFER` if there is some room, and too little.
    ///
    /// # Safety
    ///
    /// The room that `new` was told is still there.
    pub(super) unsafe fn write(&self, connection: &Socket, listener: &SocketObject) -> Result<(), Code> {
        // A connection that is gone already has no names any more.
        let unknown = || address::any(listener.family);
        if self.local > 0 {
            let local = connection.local_addr().unwrap_or_else(|_| unknown());
            // SAFETY: the caller's promise.
            unsafe { put(&local, self.buffer.add(self.data), self.local, BEFORE_LOCAL) }?;
        }
        let remote = connection.peer_addr().unwrap_or_else(|_| unknown());
        // SAFETY: the caller's promise.
        unsafe { put(&remote, self.buffer.add(self.data + self.local), self.remote, BEFORE_REMOTE) }
    }
}

/// # Safety
///
/// `place` has so much room.
unsafe fn put(address: &SocketAddr, place: *mut u8, room: usize, before: usize) -> Result<(), Code> {
    let length = address::length(address);
    if room < before + length {
        return Err(ERROR_INSUFFICIENT_BUFFER);
    }
    // SAFETY: there is room for all of it; nothing need be aligned.
    unsafe {
        ptr::write_bytes(place, 0, before);
        ptr::write_unaligned(place.add(before - 6).cast::<i32>(), 1);
        ptr::write_unaligned(place.add(before - 2).cast::<u16>(), (length - FAMILY) as u16);
        address::put(address, place.add(before));
    }
    Ok(())
}

/// Where an address was written, and its length; `None` if there was no room for one.
///
/// # Safety
///
/// `place` has so much room, and [`put`] has filled it if there was enough.
unsafe fn find(place: *mut u8, room: usize, before: usize) -> Option<(*mut u8, i32)> {
    if room < before + FAMILY {
        return None;
    }
    // SAFETY: there is so much room.
    let (address, length) = unsafe { (place.add(before), ptr::read_unaligned(place.add(before - 2).cast::<u16>())) };
    let length = usize::from(length) + FAMILY;
    (length <= room - before).then_some((address, length as i32))
}

/// `GetAcceptExSockaddrs`. What the program has given no room for it is not told.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetAcceptExSockaddrs(
    buffer: *mut u8,
    data: u32,
    local: u32,
    remote: u32,
    local_address: *mut *mut u8,
    local_length: *mut i32,
    remote_address: *mut *mut u8,
    remote_length: *mut i32,
) {
    if buffer.is_null() {
        return;
    }
    let (data, local, remote) = (data as usize, local as usize, remote as usize);
    // SAFETY: the buffer that `AcceptEx` has filled, with the same lengths.
    unsafe {
        tell(find(buffer.add(data), local, BEFORE_LOCAL), local_address, local_length);
        tell(find(buffer.add(data + local), remote, BEFORE_REMOTE), remote_address, remote_length);
    }
}

/// # Safety
///
/// The pointers are null or places for what they are told.
unsafe fn tell(found: Option<(*mut u8, i32)>, address: *mut *mut u8, length: *mut i32) {
    let Some((its_address, its_length)) = found else { return };
    // SAFETY: the caller's promise.
    unsafe {
        if !address.is_null() {
            *address = its_address;
        }
        if !length.is_null() {
            *length = its_length;
        }
    }
}
