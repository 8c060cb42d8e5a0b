//! Temporary files: the folder for them, and names that nothing has yet.

use super::environment::hand_out;
use super::path::{code, narrow_path, wide_path};
use crate::abi::Dword;
use crate::codes;
use crate::error::{Code, set_last};
use crate::text::strings::{Wchar, bytes, to_wide, wide};
use std::env;
use std::ffi::c_char;
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// So long may the name of a file be, with the zero at its end.
const MAX_PATH: Dword = 260;

/// `GetTempPathA`: with a slash at its end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetTempPathA(size: Dword, buffer: *mut c_char) -> Dword {
    // SAFETY: the buffer is as the program says.
    unsafe { hand_out(temporary().as_bytes(), buffer.cast::<u8>(), size) }
}

/// `GetTempPathW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetTempPathW(size: Dword, buffer: *mut Wchar) -> Dword {
    // SAFETY: the buffer is as the program says.
    unsafe { hand_out(&to_wide(&temporary()), buffer, size) }
}

fn temporary() -> String {
    format!("{}/", env::temp_dir().to_string_lossy().trim_end_matches('/'))
}

/// `GetTempFileNameA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetTempFileNameA(
    folder: *const c_char,
    prefix: *const c_char,
    number: u32,
    name: *mut c_char,
) -> u32 {
    // SAFETY: strings, or null.
    let (folder, prefix) = unsafe { (narrow_path(folder), bytes(prefix).unwrap_or_default()) };
    if name.is_null() {
        return failed(codes::ERROR_INVALID_PARAMETER);
    }
    match temporary_file(folder, &String::from_utf8_lossy(prefix), number) {
        Ok((path, number)) => {
            // SAFETY: the buffer has room for MAX_PATH letters, as the function demands, and the path is no longer.
            unsafe { hand_out(path.as_bytes(), name.cast::<u8>(), MAX_PATH) };
            number
        }
        Err(code) => failed(code),
    }
}

/// `GetTempFileNameW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetTempFileNameW(
    folder: *const Wchar,
    prefix: *const Wchar,
    number: u32,
    name: *mut Wchar,
) -> u32 {
    // SAFETY: strings, or null.
    let (folder, prefix) = unsafe { (wide_path(folder), wide(prefix).unwrap_or_default()) };
    if name.is_null() {
        return failed(codes::ERROR_INVALID_PARAMETER);
    }
    match temporary_file(folder, &prefix, number) {
        Ok((path, number)) => {
            // SAFETY: as above.
            unsafe { hand_out(&to_wide(&path), name, MAX_PATH) };
            number
        }
        Err(code) => failed(code),
    }
}

fn failed(code: Code) -> u32 {
    set_last(code);
    0
}

/// The path and its number. A number of 0 asks for one that no file has, and for that file.
fn temporary_file(folder: Option<PathBuf>, prefix: &str, number: u32) -> Result<(String, u32), Code> {
    let folder = folder.ok_or(codes::ERROR_DIRECTORY)?;
    if !folder.is_dir() {
        return Err(codes::ERROR_DIRECTORY);
    }
    let prefix: String = prefix.chars().take(3).collect();
    let path = |number: u32| folder.join(format!("{prefix}{number:X}.TMP"));
    let text = |path: &Path| {
        let text = path.to_string_lossy().into_owned();
        if text.len() < MAX_PATH as usize { Ok(text) } else { Err(codes::ERROR_BUFFER_OVERFLOW) }
    };
    if number != 0 {
        let number = number & 0xFFFF;
        return Ok((text(&path(number))?, number));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.subsec_micros());
    for step in 0..0xFFFF {
        let number = (now.wrapping_add(step) % 0xFFFF) + 1;
        let path = path(number);
        let text = text(&path)?;
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok((text, number)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(code(&error, Some(&path))),
        }
    }
    Err(codes::ERROR_FILE_EXISTS)
}
