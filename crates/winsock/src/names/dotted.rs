//! Addresses of IPv4 as four numbers, in the old functions.

use std::cell::RefCell;
use std::ffi::CStr;
use std::fmt::Write;
use std::net::Ipv4Addr;

/// `INADDR_NONE`.
const NONE: u32 = u32::MAX;

/// `inet_addr`: one to four numbers, the last of which fills the bytes that are left; decimal, octal or hexadecimal.
#[unsafe(export_name = "overlapped_inet_addr")]
pub unsafe extern "C" fn inet_addr(text: *const u8) -> u32 {
    if text.is_null() {
        return NONE;
    }
    // SAFETY: the program's text, with its end.
    let text = unsafe { CStr::from_ptr(text.cast()) }.to_bytes();
    // A blank stands for 0.0.0.0, and what follows a blank is not looked at.
    if text == b" " {
        return 0;
    }
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    parse(&text[..end]).map_or(NONE, |address| address.to_be())
}

/// The address in the order of this machine.
pub(super) fn parse(text: &[u8]) -> Option<u32> {
    let parts = text.split(|&byte| byte == b'.').map(number).collect::<Option<Vec<_>>>()?;
    let (last, others) = parts.split_last()?;
    if others.len() > 3 || others.iter().any(|&part| part > 0xFF) {
        return None;
    }
    let left = 32 - 8 * others.len() as u32;
    if u64::from(*last) >= 1 << left {
        return None;
    }
    let high = others.iter().enumerate().map(|(index, part)| part << (24 - 8 * index)).sum::<u32>();
    Some(high | last)
}

fn number(text: &[u8]) -> Option<u32> {
    let (digits, radix) = match text {
        [b'0', b'x' | b'X', digits @ ..] => (digits, 16),
        [b'0', digits @ ..] if !digits.is_empty() => (digits, 8),
        digits => (digits, 10),
    };
    let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
    u32::from_str_radix(digits, radix).ok()
}

thread_local! {
    static TEXT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// `inet_ntoa`: the text is the thread's until it calls again.
#[unsafe(export_name = "overlapped_inet_ntoa")]
pub extern "C" fn inet_ntoa(address: u32) -> *const u8 {
    let text = TEXT.try_with(|text| {
        let mut text = text.borrow_mut();
        text.clear();
        let _ = write!(text, "{}\0", Ipv4Addr::from(u32::from_be(address)));
        text.as_ptr()
    });
    text.unwrap_or(std::ptr::null())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_fills_what_is_left() {
        // SAFETY: a text with its end.
        let read = |text: &CStr| unsafe { inet_addr(text.as_ptr().cast()) }.to_ne_bytes();
        assert_eq!(read(c"127.0.0.1"), [127, 0, 0, 1]);
        assert_eq!(read(c"127.1"), [127, 0, 0, 1]);
        assert_eq!(read(c"0x7f.0.0.010 rest"), [127, 0, 0, 8]);
        assert_eq!(read(c"16909060"), [1, 2, 3, 4]);
        assert_eq!(read(c" "), [0, 0, 0, 0]);
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [c"", c"300.1.1.1", c"1.2.3.4.5", c"1..2", c"localhost", c"4294967296", c"1.16777216", c"+1", c"0x"]
        {
            // SAFETY: a text with its end.
            assert_eq!(unsafe { inet_addr(text.as_ptr().cast()) }, NONE, "{text:?}");
        }
    }
}
