//! Code pages other than UTF-8, by the C library.

use std::ffi::{CString, c_char};

/// A conversion of the C library.
struct Converter(libc::iconv_t);

impl Converter {
    fn new(to: &str, from: &str) -> Option<Self> {
        let (to, from) = (CString::new(to).ok()?, CString::new(from).ok()?);
        // SAFETY: two names that end with a zero.
        let converter = unsafe { libc::iconv_open(to.as_ptr(), from.as_ptr()) };
        (converter.addr() != usize::MAX).then_some(Self(converter))
    }

    /// Converts as much as it can: what came out, and how many bytes were taken.
    fn run(&mut self, input: &[u8]) -> (Vec<u8>, usize) {
        // No character becomes more than four bytes for each of its own; a little more for states.
        let mut output = vec![0_u8; input.len() * 4 + 16];
        let mut from = input.as_ptr().cast_mut().cast::<c_char>();
        let mut from_left = input.len();
        let mut to = output.as_mut_ptr().cast::<c_char>();
        let mut to_left = output.len();
        // SAFETY: an open conversion, the input and a buffer, each with its length; iconv does not write to the input.
        unsafe { libc::iconv(self.0, &raw mut from, &raw mut from_left, &raw mut to, &raw mut to_left) };
        output.truncate(output.len() - to_left);
        (output, input.len() - from_left)
    }
}

impl Drop for Converter {
    fn drop(&mut self) {
        // SAFETY: open, and closed only here.
        unsafe { libc::iconv_close(self.0) };
    }
}

fn name(page: u32) -> String {
    format!("CP{page}")
}

/// The text of bytes in a code page, and whether all of them were characters; `None` if there is no such page.
pub(super) fn decode(page: u32, mut input: &[u8]) -> Option<(String, bool)> {
    let mut converter = Converter::new("UTF-8", &name(page))?;
    let mut text = String::new();
    let mut good = true;
    while !input.is_empty() {
        let (output, taken) = converter.run(input);
        text.push_str(&String::from_utf8_lossy(&output));
        input = input.get(taken..).unwrap_or_default();
        if let Some((_, rest)) = input.split_first() {
            good = false;
            text.push(char::REPLACEMENT_CHARACTER);
            input = rest;
        }
    }
    Some((text, good))
}

/// The bytes of a text in a code page, and whether it has all the characters; `instead` stands for those that it has not.
pub(super) fn encode(page: u32, text: &str, instead: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut converter = Converter::new(&name(page), "UTF-8")?;
    let mut bytes = Vec::new();
    let mut good = true;
    let mut rest = text;
    while !rest.is_empty() {
        let (output, taken) = converter.run(rest.as_bytes());
        bytes.extend_from_slice(&output);
        rest = rest.get(taken..).unwrap_or_default();
        let mut characters = rest.chars();
        if characters.next().is_some() {
            good = false;
            bytes.extend_from_slice(instead);
            rest = characters.as_str();
        }
    }
    Some((bytes, good))
}

/// Whether there is such a page.
pub(super) fn exists(page: u32) -> bool {
    Converter::new("UTF-8", &name(page)).is_some()
}
