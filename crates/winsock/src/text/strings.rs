//! Strings that end with a zero, in and out.

use std::ffi::{CStr, c_char};

/// `WCHAR`.
pub type Wchar = libc::wchar_t;

/// The text at an address; `None` if that is null. What is no UTF-8 becomes U+FFFD.
///
/// # Safety
/// Null, or a string that ends with a zero.
pub(crate) unsafe fn narrow(text: *const c_char) -> Option<String> {
    // SAFETY: as the caller says.
    unsafe { bytes(text) }.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The bytes at an address; `None` if that is null.
///
/// # Safety
/// Null, or a string that ends with a zero and stays as it is while the result is used.
pub(crate) unsafe fn bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null; ends with a zero, as the caller says.
    Some(unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// The text at an address; `None` if that is null. What is no character becomes U+FFFD.
///
/// # Safety
/// Null, or a string that ends with a zero.
pub(crate) unsafe fn wide(text: *const Wchar) -> Option<String> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not null; ends with a zero, as the caller says.
    let text = unsafe { std::slice::from_raw_parts(text, wide_len(text)) };
    Some(from_wide(text))
}

/// The number of characters before the zero.
///
/// # Safety
/// A string that ends with a zero.
pub(crate) unsafe fn wide_len(text: *const Wchar) -> usize {
    let mut length = 0;
    // SAFETY: no further than the zero, which is there, as the caller says.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    length
}

/// Characters as text.
pub(crate) fn from_wide(text: &[Wchar]) -> String {
    text.iter().map(|&unit| char::from_u32(unit as u32).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Text as characters, without a zero.
pub(crate) fn to_wide(text: &str) -> Vec<Wchar> {
    text.chars().map(|c| u32::from(c) as Wchar).collect()
}

/// Writes a string and a zero into a buffer of so many units; as much as fits. Gives what it wrote, without the zero.
///
/// # Safety
/// The buffer has room for `size` units, or is null.
pub(crate) unsafe fn put<T: Copy + Default>(text: &[T], buffer: *mut T, size: usize) -> usize {
    if buffer.is_null() || size == 0 {
        return 0;
    }
    let count = text.len().min(size - 1);
    // SAFETY: `count` and one for the zero fit, as the caller says; the text is not in the buffer, since it is borrowed.
    unsafe {
        buffer.copy_from_nonoverlapping(text.as_ptr(), count);
        buffer.add(count).write(T::default());
    }
    count
}

/// Writes a string and a zero as `GetComputerName` and its like do: `size` is the room, then the length; false, and the room
/// that is needed, if it does not fit.
///
/// # Safety
/// The buffer has room for as many units as `size` says, or is null.
pub(crate) unsafe fn put_sized<T: Copy + Default>(text: &[T], buffer: *mut T, size: &mut u32) -> bool {
    let needed = text.len() + 1;
    if buffer.is_null() || (*size as usize) < needed {
        *size = needed as u32;
        return false;
    }
    // SAFETY: as the caller says.
    *size = unsafe { put(text, buffer, *size as usize) } as u32;
    true
}
