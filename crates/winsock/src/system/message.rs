//! `FormatMessage`.

use super::heap::LocalAlloc;
use super::message_texts;
use crate::abi::Dword;
use crate::codes;
use crate::error;
use crate::text::strings::{Wchar, narrow, put, to_wide, wide};
use std::ffi::{CString, c_char, c_void};
use std::iter::Peekable;
use std::str::Chars;

const ALLOCATE_BUFFER: Dword = 0x100;
const IGNORE_INSERTS: Dword = 0x200;
const FROM_STRING: Dword = 0x400;
const FROM_HMODULE: Dword = 0x800;
const FROM_SYSTEM: Dword = 0x1000;
const ARGUMENT_ARRAY: Dword = 0x2000;
/// Line breaks of the text are left out; those that it asks for by `%n` stay.
const NO_BREAKS: Dword = 0xFF;
/// No insert has a higher number.
const INSERTS: usize = 99;

/// What a call asks for, with the text that it gives.
struct Request {
    flags: Dword,
    code: Dword,
    given: Option<String>,
    /// `None` if there are no arguments.
    arguments: Option<*const usize>,
    /// Whether arguments that are strings are so in `wchar_t`.
    wide: bool,
}

impl Request {
    fn text(&self) -> Result<String, error::Code> {
        let source = if self.flags & FROM_STRING != 0 {
            self.given.clone().ok_or(codes::ERROR_INVALID_PARAMETER)?
        } else if self.flags & FROM_SYSTEM != 0 {
            let text = message_texts::text(self.code).ok_or(codes::ERROR_MR_MID_NOT_FOUND)?;
            format!("{text}\r\n")
        } else if self.flags & FROM_HMODULE != 0 {
            // No module here has a table of messages.
            return Err(codes::ERROR_RESOURCE_TYPE_NOT_FOUND);
        } else {
            return Err(codes::ERROR_INVALID_PARAMETER);
        };
        let source = match self.flags & 0xFF {
            NO_BREAKS => one_line(&source),
            _ => source,
        };
        self.expand(&source)
    }

    /// Carries out what stands behind `%`.
    fn expand(&self, source: &str) -> Result<String, error::Code> {
        let mut result = String::new();
        let mut rest = source.chars().peekable();
        while let Some(c) = rest.next() {
            if c != '%' {
                result.push(c);
                continue;
            }
            match rest.next() {
                None => return Err(codes::ERROR_INVALID_PARAMETER),
                Some('0') => break,
                Some(first @ '1'..='9') => {
                    let insert = Insert::read(first, &mut rest);
                    match (self.flags & IGNORE_INSERTS != 0, self.arguments) {
                        (true, _) => result.push_str(&insert.source),
                        (false, None) => return Err(codes::ERROR_INVALID_PARAMETER),
                        (false, Some(arguments)) if insert.number <= INSERTS => {
                            // SAFETY: the program gives an array with an argument for each insert of its text.
                            result.push_str(&unsafe { insert.print(arguments, self.wide) });
                        }
                        (false, Some(_)) => return Err(codes::ERROR_INVALID_PARAMETER),
                    }
                }
                Some(other) if self.flags & IGNORE_INSERTS != 0 => result.extend(['%', other]),
                Some('n') => result.push_str("\r\n"),
                Some('r') => result.push('\r'),
                Some('t') => result.push('\t'),
                Some(other) => result.push(other),
            }
        }
        Ok(result)
    }
}

fn one_line(source: &str) -> String {
    let mut line = source.replace("\r\n", " ").replace(['\r', '\n'], " ");
    // Windows leaves a blank for the break at the end.
    while line.ends_with("  ") {
        line.pop();
    }
    line
}

/// `%1` or `%1!format!`.
struct Insert {
    number: usize,
    format: String,
    source: String,
}

impl Insert {
    fn read(first: char, rest: &mut Peekable<Chars<'_>>) -> Self {
        let mut digits = String::from(first);
        digits.extend(rest.next_if(char::is_ascii_digit));
        let mut source = format!("%{digits}");
        let mut format = String::from("s");
        if rest.next_if_eq(&'!').is_some() {
            format = rest.by_ref().take_while(|&c| c != '!').collect();
            source.push_str(&format!("!{format}!"));
        }
        Self { number: digits.parse().unwrap_or(INSERTS + 1), format, source }
    }

    /// # Safety
    /// The array has the argument, which is of the kind that the format says.
    unsafe fn print(&self, arguments: *const usize, wide_call: bool) -> String {
        // SAFETY: as the caller says. Numbers start at 1.
        let argument = unsafe { arguments.add(self.number - 1).read() };
        let kind = self.format.chars().next_back().unwrap_or('s');
        let prefix: String =
            self.format.chars().take_while(|c| matches!(c, '-' | '+' | '0'..='9' | '.' | '#' | ' ')).collect();
        if matches!(kind, 's' | 'S') {
            let size: String = self.format.chars().filter(|c| matches!(c, 'l' | 'w' | 'h')).collect();
            let is_wide = match size.as_str() {
                "h" => false,
                "l" | "w" => true,
                _ => wide_call == (kind == 's'),
            };
            let pointer = std::ptr::with_exposed_provenance::<c_void>(argument);
            // SAFETY: null, or a string, as the format says.
            let text = unsafe { if is_wide { wide(pointer.cast()) } else { narrow(pointer.cast()) } };
            let text = text.unwrap_or_else(|| "(null)".into());
            return CString::new(text)
                .map_or_else(|_| String::new(), |text| number(&prefix, "s", text.as_ptr().expose_provenance()));
        }
        // `DWORD`s and what is like them have 32 bits; what has more says so.
        let long = self.format.contains("I64") || self.format.contains("ll") || self.format.contains('I');
        match kind {
            'c' | 'C' => char::from_u32(argument as u32).map_or_else(String::new, String::from),
            'd' | 'i' if !long => number(&prefix, "ld", argument as u32 as i32 as isize as usize),
            'd' | 'i' => number(&prefix, "ld", argument),
            'u' | 'x' | 'X' | 'o' => {
                let argument = if long { argument } else { argument as u32 as usize };
                number(&prefix, &format!("l{kind}"), argument)
            }
            'p' => number(&prefix, "p", argument),
            _ => self.source.clone(),
        }
    }
}

/// One argument as the C library prints it. `kind` takes a word.
fn number(prefix: &str, kind: &str, argument: usize) -> String {
    let Ok(format) = CString::new(format!("%{prefix}{kind}")) else { return String::new() };
    let mut buffer = vec![0_u8; 64];
    loop {
        // SAFETY: a buffer with its length, and a format with one argument, a word; a string lives in the caller's frame.
        let length = unsafe { libc::snprintf(buffer.as_mut_ptr().cast(), buffer.len(), format.as_ptr(), argument) };
        let Ok(length) = usize::try_from(length) else { return String::new() };
        if length < buffer.len() {
            buffer.truncate(length);
            return String::from_utf8_lossy(&buffer).into_owned();
        }
        buffer.resize(length + 1, 0);
    }
}

/// Hands a message out; the number of its units without the zero, or 0.
///
/// # Safety
/// The buffer has room for `size` units, or is a place for a pointer if it is to be allocated.
unsafe fn hand_out<T: Copy + Default>(text: &[T], flags: Dword, buffer: *mut T, size: Dword) -> Dword {
    if text.is_empty() {
        // An empty message is no message.
        return 0;
    }
    let mut to = buffer;
    let mut room = size as usize;
    if flags & ALLOCATE_BUFFER != 0 {
        room = room.max(text.len() + 1);
        to = LocalAlloc(0, room * size_of::<T>()).cast();
        if to.is_null() {
            return error::no(codes::ERROR_NOT_ENOUGH_MEMORY) as Dword;
        }
        // SAFETY: the program says that there is a place for a pointer.
        unsafe { buffer.cast::<*mut T>().write_unaligned(to) };
    } else if room <= text.len() {
        return error::no(codes::ERROR_INSUFFICIENT_BUFFER) as Dword;
    }
    // SAFETY: there is so much room.
    unsafe { put(text, to, room) as Dword }
}

fn request(
    flags: Dword,
    code: Dword,
    given: Option<String>,
    arguments: *const c_void,
    wide: bool,
) -> Result<Request, error::Code> {
    let array = flags & ARGUMENT_ARRAY != 0;
    let needs = flags & IGNORE_INSERTS == 0 && !arguments.is_null();
    let has_inserts = |text: &String| text.contains('%');
    if needs && !array && given.as_ref().is_some_and(has_inserts) {
        // A list of variable arguments belongs to the C compiler.
        return Err(codes::ERROR_CALL_NOT_IMPLEMENTED);
    }
    let arguments = (needs && array).then_some(arguments.cast::<usize>());
    Ok(Request { flags, code, given, arguments, wide })
}

/// `FormatMessageA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FormatMessageA(
    flags: Dword,
    source: *const c_void,
    code: Dword,
    _language: Dword,
    buffer: *mut c_char,
    size: Dword,
    arguments: *const c_void,
) -> Dword {
    if buffer.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER) as Dword;
    }
    // SAFETY: a string, if the program says so.
    let given = if flags & FROM_STRING != 0 { unsafe { narrow(source.cast()) } } else { None };
    match request(flags, code, given, arguments, false).and_then(|request| request.text()) {
        // SAFETY: the buffer is as the program says.
        Ok(text) => unsafe { hand_out(text.as_bytes(), flags, buffer.cast::<u8>(), size) },
        Err(code) => error::no(code) as Dword,
    }
}

/// `FormatMessageW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FormatMessageW(
    flags: Dword,
    source: *const c_void,
    code: Dword,
    _language: Dword,
    buffer: *mut Wchar,
    size: Dword,
    arguments: *const c_void,
) -> Dword {
    if buffer.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER) as Dword;
    }
    // SAFETY: a string, if the program says so.
    let given = if flags & FROM_STRING != 0 { unsafe { wide(source.cast()) } } else { None };
    match request(flags, code, given, arguments, true).and_then(|request| request.text()) {
        // SAFETY: the buffer is as the program says.
        Ok(text) => unsafe { hand_out(&to_wide(&text), flags, buffer, size) },
        Err(code) => error::no(code) as Dword,
    }
}
