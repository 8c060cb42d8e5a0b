//! Format strings as Microsoft's C library reads them, put into the words of this one.
//!
//! The functions that take them are in the headers, since only C can define functions with any number of arguments. Three
//! things differ: what `%s` and `%c` mean in wide formats, the prefixes `I64`, `I32`, `I` and `w`, and `long`, which has 32 bits
//! there. `%ld` is read as an `int` here: what programs give are `LONG` and `DWORD`, and what they give as `long` fits.

use super::strings::{Wchar, bytes, from_wide, put, to_wide, wide_len};
use std::ffi::c_char;
use std::fmt::Write;
use std::iter::Peekable;
use std::slice;
use std::str::Chars;

/// One `%…` of a format.
struct Conversion {
    /// Flags, width and precision.
    middle: String,
    size: Size,
    kind: char,
    /// What stands between the brackets of `%[`.
    set: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Usual,
    Short,
    VeryShort,
    Long,
    LongLong,
    Pointer,
    LongDouble,
}

impl Conversion {
    fn read(rest: &mut Peekable<Chars<'_>>) -> Self {
        let mut middle = String::new();
        while let Some(c) = rest.next_if(|c| matches!(c, '-' | '+' | ' ' | '#' | '\'' | '0'..='9' | '.' | '*')) {
            middle.push(c);
        }
        let size = Self::size(rest);
        let kind = rest.next().unwrap_or('%');
        Self { middle, size, kind, set: String::new() }
    }

    fn size(rest: &mut Peekable<Chars<'_>>) -> Size {
        let mut twice = |c, once, more| match rest.next_if_eq(&c) {
            None => None,
            Some(_) if rest.next_if_eq(&c).is_some() => Some(more),
            Some(_) => Some(once),
        };
        if let Some(size) = twice('h', Size::Short, Size::VeryShort).or_else(|| twice('l', Size::Long, Size::LongLong))
        {
            return size;
        }
        match rest.next_if(|c| matches!(c, 'I' | 'w' | 'L' | 'z' | 't' | 'j')) {
            Some('w') => Size::Long,
            Some('L') => Size::LongDouble,
            Some('I') => {
                let mut ahead = rest.clone();
                let digits = [ahead.next(), ahead.next()];
                let size = match digits {
                    [Some('6'), Some('4')] => Size::LongLong,
                    [Some('3'), Some('2')] => Size::Usual,
                    _ => return Size::Pointer,
                };
                rest.nth(1);
                size
            }
            Some(_) => Size::Pointer,
            None => Size::Usual,
        }
    }

    /// Whether it is about characters, and those are wide.
    fn wide_text(&self, wide: bool) -> Option<bool> {
        let own = match self.kind {
            's' | 'c' | '[' => wide,
            'S' | 'C' => !wide,
            _ => return None,
        };
        Some(match self.size {
            Size::Short => false,
            Size::Long => true,
            _ => own,
        })
    }

    fn write(&self, wide: bool, out: &mut String) {
        out.push('%');
        out.push_str(&self.middle);
        if let Some(wide_text) = self.wide_text(wide) {
            let kind = self.kind.to_ascii_lowercase();
            out.push_str(if wide_text { "l" } else { "" });
            out.push(kind);
            out.push_str(&self.set);
            return;
        }
        out.push_str(match (self.size, self.kind) {
            (Size::LongLong, _) => "ll",
            (Size::Short, _) => "h",
            (Size::VeryShort, _) => "hh",
            (Size::Pointer, _) => "z",
            (Size::LongDouble, _) => "L",
            // A double is `%lf` to `scanf`, and `%f` or `%lf` to `printf`.
            (Size::Long, 'e' | 'f' | 'g' | 'a' | 'E' | 'F' | 'G' | 'A') => "l",
            (Size::Long | Size::Usual, _) => "",
        });
        out.push(self.kind);
    }
}

/// A format for `printf` and its like.
fn print(format: &str, wide: bool) -> String {
    let mut out = String::with_capacity(format.len() + 8);
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            out.push_str("%%");
            continue;
        }
        let conversion = Conversion::read(&mut rest);
        match conversion.kind {
            // Windows refuses it: it writes to memory.
            'n' => out.push_str("%%n"),
            '%' => out.push_str("%%"),
            _ => conversion.write(wide, &mut out),
        }
    }
    out
}

/// A format for `scanf_s` and its like: each text is as wide at most as the size that goes with it allows.
fn scan(format: &str, sizes: &[u32]) -> (String, Vec<bool>) {
    let mut out = String::with_capacity(format.len() + 8);
    let mut texts = Vec::new();
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        if c != '%' {
            continue;
        }
        if rest.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        out.pop();
        let mut conversion = Conversion::read(&mut rest);
        if conversion.kind == '[' {
            conversion.set = set(&mut rest);
        }
        if !conversion.middle.starts_with('*') {
            let text = matches!(conversion.kind, 's' | 'S' | 'c' | 'C' | '[');
            if text {
                let size = sizes.get(texts.len()).copied().unwrap_or(u32::MAX);
                limit(&mut conversion, size);
            }
            texts.push(text);
        }
        conversion.write(false, &mut out);
    }
    (out, texts)
}

fn limit(conversion: &mut Conversion, size: u32) {
    let own: u32 = conversion.middle.parse().unwrap_or(u32::MAX);
    // Characters have no zero behind them.
    let characters = matches!(conversion.kind, 'c' | 'C');
    let room = if characters { size } else { size.saturating_sub(1) };
    if characters && conversion.middle.is_empty() {
        return;
    }
    conversion.middle.clear();
    // A width of 0 would be none.
    let _ = write!(conversion.middle, "{}", own.min(room).max(1));
}

/// What stands behind `[`, with the bracket that ends it.
fn set(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut set = String::new();
    set.extend(rest.next_if_eq(&'^'));
    // A bracket at the beginning is one of the set.
    set.extend(rest.next_if_eq(&']'));
    for c in rest.by_ref() {
        set.push(c);
        if c == ']' {
            break;
        }
    }
    set
}

/// A format in the C library's words, for narrow output; the length it has, more than the room if it does not fit.
///
/// For the headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_print_format(format: *const c_char, buffer: *mut c_char, room: usize) -> usize {
    // SAFETY: null, or a string.
    let format = unsafe { bytes(format) }.unwrap_or_default();
    // What is no UTF-8 has its own meaning for the program, so bytes go through one by one.
    let latin: String = format.iter().map(|&byte| char::from(byte)).collect();
    let out: Vec<u8> = print(&latin, false).chars().map(|c| u32::from(c) as u8).collect();
    // SAFETY: the buffer has this room.
    unsafe { put(&out, buffer.cast::<u8>(), room) };
    out.len()
}

/// The same for wide output.
///
/// For the headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_wide_print_format(format: *const Wchar, buffer: *mut Wchar, room: usize) -> usize {
    if format.is_null() {
        return 0;
    }
    // SAFETY: not null: a string.
    let out = unsafe { to_wide(&print(&from_wide(slice::from_raw_parts(format, wide_len(format))), true)) };
    // SAFETY: the buffer has this room.
    unsafe { put(&out, buffer, room) };
    out.len()
}

/// The format of a `scanf_s`, with the sizes that its texts have, or without at first. `texts` tells which results are texts;
/// gives the number of results, or `most` and one more if there are more.
///
/// For the headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_scan_format(
    format: *const c_char,
    sizes: *const u32,
    texts: *mut u8,
    most: usize,
    buffer: *mut c_char,
    room: usize,
) -> usize {
    // SAFETY: null, or a string.
    let format = unsafe { bytes(format) }.unwrap_or_default();
    let latin: String = format.iter().map(|&byte| char::from(byte)).collect();
    // SAFETY: null, or as many sizes as there can be results.
    let sizes = if sizes.is_null() { &[] } else { unsafe { slice::from_raw_parts(sizes, most) } };
    let (out, found) = scan(&latin, sizes);
    let out: Vec<u8> = out.chars().map(|c| u32::from(c) as u8).collect();
    if found.len() > most || out.len() >= room {
        return most + 1;
    }
    for (at, &text) in found.iter().enumerate() {
        // SAFETY: fewer than `most`, for which there is room.
        unsafe { texts.add(at).write(text.into()) };
    }
    // SAFETY: the buffer has this room.
    unsafe { put(&out, buffer.cast::<u8>(), room) };
    found.len()
}

/// The arguments of `main` for a `wmain`: made once, and never freed.
///
/// For the headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_wide_arguments(count: i32, arguments: *const *const c_char) -> *mut *mut Wchar {
    let mut all = Vec::new();
    for at in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: the arguments of `main`.
        let argument = unsafe { bytes(*arguments.add(at)) }.unwrap_or_default();
        let mut wide = to_wide(&String::from_utf8_lossy(argument));
        wide.push(0);
        all.push(wide.leak().as_mut_ptr());
    }
    all.push(std::ptr::null_mut());
    all.leak().as_mut_ptr()
}

unsafe extern "C" {
    fn fwide(file: *mut libc::FILE, mode: i32) -> i32;
    fn fputwc(character: Wchar, file: *mut libc::FILE) -> u32;
}

/// Writes wide characters to a stream; 0 if all went well.
///
/// For the headers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn overlapped_put_wide(file: *mut libc::FILE, text: *const Wchar, length: usize) -> i32 {
    if file.is_null() || text.is_null() {
        return -1;
    }
    // SAFETY: so many characters, as the header says.
    let text = unsafe { slice::from_raw_parts(text, length) };
    // SAFETY: an open stream, as the program says; asks what it takes.
    if unsafe { fwide(file, 0) } > 0 {
        // SAFETY: an open stream that takes wide characters.
        let put = |&character: &Wchar| unsafe { fputwc(character, file) } != u32::MAX;
        return if text.iter().all(put) { 0 } else { -1 };
    }
    let bytes = from_wide(text).into_bytes();
    // SAFETY: a buffer with its length, and an open stream.
    let written = unsafe { libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file) };
    if written == bytes.len() { 0 } else { -1 }
}

#[cfg(test)]
mod tests {
    use super::{print, scan};

    #[test]
    fn narrow_formats_say_the_same_in_the_c_librarys_words() {
        for (there, here) in [
            ("%d%%%5.2f", "%d%%%5.2f"),
            ("%ld %lu %08lX", "%d %u %08X"),
            ("%I64d %I64u %Iu %I32d", "%lld %llu %zu %d"),
            ("%S %ws %hs %ls", "%ls %ls %s %ls"),
            ("%C%c", "%lc%c"),
            ("%lf %Lf %lld", "%lf %Lf %lld"),
            ("%-*.*s|%p|%zu", "%-*.*s|%p|%zu"),
            ("%n", "%%n"),
            ("100%", "100%%"),
        ] {
            assert_eq!(print(there, false), here);
        }
    }

    #[test]
    fn wide_formats_take_wide_texts() {
        assert_eq!(print("%s %S %c %hs %ls %-10s", true), "%ls %s %lc %s %ls %-10ls");
    }

    #[test]
    fn scanned_texts_are_no_longer_than_their_buffers() {
        assert_eq!(
            scan("%d %s %3s %[^,],%c %*s", &[9, 16, 16, 8, 1]),
            ("%d %15s %3s %7[^,],%c %*s".into(), vec![false, true, true, true, true])
        );
        assert_eq!(scan("%[]x]", &[0]).0, "%1[]x]");
    }
}
