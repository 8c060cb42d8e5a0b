//! Why a name was not found: the codes, and what is said about them.

use crate::codes::*;
use crate::error::Code;
use crate::system::message_texts;
use crate::text::strings::{Wchar, to_wide};
use std::cell::RefCell;
use std::ffi::{CString, c_char};

/// What Winsock calls an error of the system's resolver.
pub(super) fn code(error: i32) -> Code {
    match error {
        libc::EAI_AGAIN => WSATRY_AGAIN,
        libc::EAI_BADFLAGS => WSAEINVAL,
        libc::EAI_FAMILY => WSAEAFNOSUPPORT,
        libc::EAI_MEMORY => WSA_NOT_ENOUGH_MEMORY,
        libc::EAI_SERVICE => WSATYPE_NOT_FOUND,
        libc::EAI_SOCKTYPE => WSAESOCKTNOSUPPORT,
        libc::EAI_OVERFLOW => ERROR_INSUFFICIENT_BUFFER,
        libc::EAI_FAIL | libc::EAI_SYSTEM => WSANO_RECOVERY,
        _ => WSAHOST_NOT_FOUND,
    }
}

thread_local! {
    static NARROW: RefCell<CString> = RefCell::default();
    static WIDE: RefCell<Vec<Wchar>> = const { RefCell::new(Vec::new()) };
}

fn text(code: i32) -> &'static str {
    message_texts::text(code as Code).unwrap_or("The error is unknown.")
}

/// `gai_strerrorA`: the text is the thread's until it calls again.
#[unsafe(no_mangle)]
pub extern "C" fn gai_strerrorA(code: i32) -> *const c_char {
    let text = NARROW.try_with(|place| {
        let mut place = place.borrow_mut();
        *place = CString::new(text(code)).unwrap_or_default();
        place.as_ptr()
    });
    text.unwrap_or(c"".as_ptr())
}

/// `gai_strerrorW`.
#[unsafe(no_mangle)]
pub extern "C" fn gai_strerrorW(code: i32) -> *const Wchar {
    static NOTHING: Wchar = 0;
    let text = WIDE.try_with(|place| {
        let mut place = place.borrow_mut();
        *place = to_wide(text(code));
        place.push(0);
        place.as_ptr()
    });
    text.unwrap_or(&raw const NOTHING)
}
