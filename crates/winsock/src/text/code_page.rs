//! `MultiByteToWideChar`, `WideCharToMultiByte` and what goes with code pages.

use super::iconv;
use super::strings::{Wchar, from_wide, to_wide, wide_len};
use crate::abi::{Bool, Dword, FALSE, TRUE};
use crate::codes;
use crate::error;
use std::ffi::{CStr, c_char};
use std::slice;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

const UTF8: u32 = 65001;
const UTF7: u32 = 65000;
/// The pages that name another one: of the system, of consoles, of Macintosh, of the thread.
const ACP: u32 = 0;
const OEMCP: u32 = 1;
const MACCP: u32 = 2;
const THREAD_ACP: u32 = 3;
const SYMBOL: u32 = 42;

const MB_PRECOMPOSED: Dword = 1;
const MB_ERR_INVALID_CHARS: Dword = 8;
const WC_ERR_INVALID_CHARS: Dword = 0x80;
const WC_NO_BEST_FIT_CHARS: Dword = 0x400;

/// The page that the system works in, and so do programs here.
fn real(page: u32) -> Option<u32> {
    match page {
        ACP | OEMCP | THREAD_ACP => Some(UTF8),
        // UTF-16 and UTF-32 are no pages of bytes on Windows either.
        MACCP | SYMBOL | UTF7 | 1200 | 1201 | 12000 | 12001 => None,
        _ => Some(page),
    }
}

fn fail(code: error::Code) -> i32 {
    error::no(code)
}

/// How long a text is that a program gives: with its zero if the length is -1. `None` if that makes no sense.
fn length(given: i32, until_zero: impl FnOnce() -> usize) -> Option<usize> {
    match given {
        -1 => Some(until_zero() + 1),
        _ => usize::try_from(given).ok().filter(|&length| length != 0),
    }
}

/// Hands out the result of a conversion: its length, and the text if there is room.
///
/// # Safety
/// The buffer has room for `size` units.
unsafe fn hand_out<T: Copy>(text: &[T], buffer: *mut T, size: i32) -> i32 {
    let Ok(needed) = i32::try_from(text.len()) else { return fail(codes::ERROR_INVALID_PARAMETER) };
    if size == 0 {
        return needed;
    }
    let fits = needed.min(size);
    // SAFETY: no more than the room that there is, as the caller says; the text is our own.
    unsafe { buffer.copy_from_nonoverlapping(text.as_ptr(), fits.unsigned_abs() as usize) };
    if fits < needed { fail(codes::ERROR_INSUFFICIENT_BUFFER) } else { needed }
}

/// `MultiByteToWideChar`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MultiByteToWideChar(
    page: u32,
    flags: Dword,
    text: *const c_char,
    count: i32,
    buffer: *mut Wchar,
    size: i32,
) -> i32 {
    if text.is_null() || size < 0 || (size != 0 && buffer.is_null()) {
        return fail(codes::ERROR_INVALID_PARAMETER);
    }
    // SAFETY: not null; the program says that it ends with a zero, if that is what is asked for.
    let Some(count) = length(count, || unsafe { CStr::from_ptr(text) }.count_bytes()) else {
        return fail(codes::ERROR_INVALID_PARAMETER);
    };
    let Some(page) = real(page) else { return fail(codes::ERROR_INVALID_PARAMETER) };
    if flags & !(MB_PRECOMPOSED | MB_ERR_INVALID_CHARS) != 0 || (page == UTF8 && flags & MB_PRECOMPOSED != 0) {
        return fail(codes::ERROR_INVALID_FLAGS);
    }
    // SAFETY: so many bytes are there, as the program says.
    let bytes = unsafe { slice::from_raw_parts(text.cast::<u8>(), count) };
    let (text, good) = if page == UTF8 {
        let text = String::from_utf8_lossy(bytes);
        (to_wide(&text), matches!(text, std::borrow::Cow::Borrowed(_)))
    } else {
        match iconv::decode(page, bytes) {
            Some((text, good)) => (to_wide(&text), good),
            None => return fail(codes::ERROR_INVALID_PARAMETER),
        }
    };
    if !good && flags & MB_ERR_INVALID_CHARS != 0 {
        return fail(codes::ERROR_NO_UNICODE_TRANSLATION);
    }
    // SAFETY: the room is what the program says.
    unsafe { hand_out(&text, buffer, size) }
}

/// `WideCharToMultiByte`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WideCharToMultiByte(
    page: u32,
    flags: Dword,
    text: *const Wchar,
    count: i32,
    buffer: *mut c_char,
    size: i32,
    instead: *const c_char,
    used: *mut Bool,
) -> i32 {
    if text.is_null() || size < 0 || (size != 0 && buffer.is_null()) {
        return fail(codes::ERROR_INVALID_PARAMETER);
    }
    // SAFETY: not null; the program says that it ends with a zero, if that is what is asked for.
    let Some(count) = length(count, || unsafe { wide_len(text) }) else {
        return fail(codes::ERROR_INVALID_PARAMETER);
    };
    let Some(page) = real(page) else { return fail(codes::ERROR_INVALID_PARAMETER) };
    // UTF-8 has all characters, so it takes nothing that stands for one that is missing.
    if page == UTF8 && !(instead.is_null() && used.is_null()) {
        return fail(codes::ERROR_INVALID_PARAMETER);
    }
    if flags & !(WC_ERR_INVALID_CHARS | WC_NO_BEST_FIT_CHARS | 0x270) != 0 {
        return fail(codes::ERROR_INVALID_FLAGS);
    }
    // SAFETY: so many characters are there, as the program says.
    let units = unsafe { slice::from_raw_parts(text, count) };
    let text = from_wide(units);
    let valid = units.iter().all(|&unit| char::from_u32(unit as u32).is_some());
    let bytes = if page == UTF8 {
        if !valid && flags & WC_ERR_INVALID_CHARS != 0 {
            return fail(codes::ERROR_NO_UNICODE_TRANSLATION);
        }
        text.into_bytes()
    } else {
        // SAFETY: null, or a character of one or more bytes that ends with a zero.
        let given = unsafe { super::strings::bytes(instead) }.unwrap_or(b"?");
        let Some((bytes, good)) = iconv::encode(page, &text, given) else {
            return fail(codes::ERROR_INVALID_PARAMETER);
        };
        // SAFETY: null, or a place for the answer.
        if let Some(used) = unsafe { used.as_mut() } {
            *used = (!good).into();
        }
        bytes
    };
    // SAFETY: the room is what the program says.
    unsafe { hand_out(&bytes, buffer.cast::<u8>(), size) }
}

/// `IsDBCSLeadByteEx`: UTF-8 is no page with lead bytes, so only the East Asian pages have any.
#[unsafe(no_mangle)]
pub extern "C" fn IsDBCSLeadByteEx(page: u32, byte: u8) -> Bool {
    let lead = match real(page) {
        Some(932) => matches!(byte, 0x81..=0x9F | 0xE0..=0xFC),
        Some(936 | 949 | 950) => matches!(byte, 0x81..=0xFE),
        Some(1361) => matches!(byte, 0x84..=0xD3 | 0xD8..=0xDE | 0xE0..=0xF9),
        _ => false,
    };
    if lead { TRUE } else { FALSE }
}

/// `IsDBCSLeadByte`.
#[unsafe(no_mangle)]
pub extern "C" fn IsDBCSLeadByte(byte: u8) -> Bool {
    IsDBCSLeadByteEx(ACP, byte)
}

/// `IsValidCodePage`.
#[unsafe(no_mangle)]
pub extern "C" fn IsValidCodePage(page: u32) -> Bool {
    (page != 0 && real(page).is_some_and(|page| page == UTF8 || (page > THREAD_ACP && iconv::exists(page)))).into()
}

/// `GetACP`.
#[unsafe(no_mangle)]
pub extern "C" fn GetACP() -> u32 {
    UTF8
}

/// `GetOEMCP`.
#[unsafe(no_mangle)]
pub extern "C" fn GetOEMCP() -> u32 {
    UTF8
}

static INPUT: AtomicU32 = AtomicU32::new(UTF8);
static OUTPUT: AtomicU32 = AtomicU32::new(UTF8);

/// A console here speaks UTF-8, whatever programs ask for; they get back what they have set.
fn set(place: &AtomicU32, page: u32) -> Bool {
    if IsValidCodePage(page) == FALSE {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    place.store(page, Relaxed);
    TRUE
}

/// `GetConsoleCP`.
#[unsafe(no_mangle)]
pub extern "C" fn GetConsoleCP() -> u32 {
    INPUT.load(Relaxed)
}

/// `SetConsoleCP`.
#[unsafe(no_mangle)]
pub extern "C" fn SetConsoleCP(page: u32) -> Bool {
    set(&INPUT, page)
}

/// `GetConsoleOutputCP`.
#[unsafe(no_mangle)]
pub extern "C" fn GetConsoleOutputCP() -> u32 {
    OUTPUT.load(Relaxed)
}

/// `SetConsoleOutputCP`.
#[unsafe(no_mangle)]
pub extern "C" fn SetConsoleOutputCP(page: u32) -> Bool {
    set(&OUTPUT, page)
}
