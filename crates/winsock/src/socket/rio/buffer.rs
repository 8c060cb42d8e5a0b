//! Memory that is registered.

use super::registry::Registry;
use crate::abi::Dword;
use crate::codes::*;
use crate::error::{self, Code};
use std::ptr;
use std::sync::Arc;

static BUFFERS: Registry<Buffer> = Registry::new();

/// `RIO_INVALID_BUFFERID`.
const INVALID_BUFFER: usize = 0xFFFF_FFFF;

struct Buffer {
    place: *mut u8,
    length: u32,
}

// SAFETY: the memory is the program's, which keeps it while it is registered; here it is a number.
unsafe impl Send for Buffer {}
// SAFETY: as above.
unsafe impl Sync for Buffer {}

/// `RIO_BUF`: a part of what is registered.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Part {
    buffer: usize,
    offset: u32,
    length: u32,
}

/// `RIORegisterBuffer`.
pub extern "C" fn RIORegisterBuffer(place: *mut u8, length: Dword) -> usize {
    if place.is_null() || length == 0 {
        error::set_last(if place.is_null() { WSAEFAULT } else { WSAEINVAL });
        return INVALID_BUFFER;
    }
    BUFFERS.insert(Arc::new(Buffer { place, length }))
}

/// `RIODeregisterBuffer`. What is in flight goes on.
pub extern "C" fn RIODeregisterBuffer(buffer: usize) {
    BUFFERS.remove(buffer);
}

/// Where a part lies, and how long it is; `None` for a null pointer.
///
/// # Errors
///
/// `WSAEINVAL` for a part of what is not registered.
///
/// # Safety
///
/// `part` is null or points to one.
pub(super) unsafe fn find(part: *const Part) -> Result<Option<(*mut u8, usize)>, Code> {
    if part.is_null() {
        return Ok(None);
    }
    // SAFETY: not null; it need not be aligned.
    let part = unsafe { ptr::read_unaligned(part) };
    let buffer = BUFFERS.get(part.buffer).ok_or(WSAEINVAL)?;
    let end = part.offset.checked_add(part.length).ok_or(WSAEINVAL)?;
    if end > buffer.length {
        return Err(WSAEINVAL);
    }
    Ok(Some((buffer.place.wrapping_add(part.offset as usize), part.length as usize)))
}
