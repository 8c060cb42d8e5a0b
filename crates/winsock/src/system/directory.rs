//! Directories and names of files.

use super::calendar::FileTime;
use super::path::{code, narrow_path, wide_path};
use crate::abi::{Bool, Dword, Pointer, TRUE};
use crate::codes;
use crate::error;
use crate::text::strings::Wchar;
use std::env;
use std::ffi::c_char;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const READONLY: Dword = 0x1;
const HIDDEN: Dword = 0x2;
const DIRECTORY: Dword = 0x10;
const NORMAL: Dword = 0x80;
const LINK: Dword = 0x400;
const REPLACE_EXISTING: Dword = 1;

fn done(path: Option<PathBuf>, run: impl FnOnce(&Path) -> io::Result<()>) -> Bool {
    let Some(path) = path else { return error::no(codes::ERROR_PATH_NOT_FOUND) };
    match run(&path) {
        Ok(()) => TRUE,
        Err(error) => error::no(code(&error, Some(&path))),
    }
}

fn create_directory(path: Option<PathBuf>) -> Bool {
    let done = done(path, |path| fs::create_dir(path));
    match error::last() {
        // For a directory Windows has another word.
        codes::ERROR_FILE_EXISTS if done != TRUE => error::no(codes::ERROR_ALREADY_EXISTS),
        codes::ERROR_FILE_NOT_FOUND if done != TRUE => error::no(codes::ERROR_PATH_NOT_FOUND),
        _ => done,
    }
}

/// `CreateDirectoryA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateDirectoryA(name: *const c_char, _security: Pointer) -> Bool {
    // SAFETY: null, or a string.
    create_directory(unsafe { narrow_path(name) })
}

/// `CreateDirectoryW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateDirectoryW(name: *const Wchar, _security: Pointer) -> Bool {
    // SAFETY: null, or a string.
    create_directory(unsafe { wide_path(name) })
}

fn remove_directory(path: Option<PathBuf>) -> Bool {
    done(path, |path| fs::remove_dir(path))
}

/// `RemoveDirectoryA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RemoveDirectoryA(name: *const c_char) -> Bool {
    // SAFETY: null, or a string.
    remove_directory(unsafe { narrow_path(name) })
}

/// `RemoveDirectoryW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RemoveDirectoryW(name: *const Wchar) -> Bool {
    // SAFETY: null, or a string.
    remove_directory(unsafe { wide_path(name) })
}

/// `DeleteFileA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DeleteFileA(name: *const c_char) -> Bool {
    // SAFETY: null, or a string.
    done(unsafe { narrow_path(name) }, |path| fs::remove_file(path))
}

/// `DeleteFileW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DeleteFileW(name: *const Wchar) -> Bool {
    // SAFETY: null, or a string.
    done(unsafe { wide_path(name) }, |path| fs::remove_file(path))
}

fn move_file(from: Option<PathBuf>, to: Option<PathBuf>, flags: Dword) -> Bool {
    let Some(to) = to else { return error::no(codes::ERROR_PATH_NOT_FOUND) };
    if flags & REPLACE_EXISTING == 0 && fs::symlink_metadata(&to).is_ok() {
        return error::no(codes::ERROR_ALREADY_EXISTS);
    }
    done(from, |from| fs::rename(from, &to))
}

/// `MoveFileExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MoveFileExA(from: *const c_char, to: *const c_char, flags: Dword) -> Bool {
    // SAFETY: null, or strings.
    let (from, to) = unsafe { (narrow_path(from), narrow_path(to)) };
    move_file(from, to, flags)
}

/// `MoveFileExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MoveFileExW(from: *const Wchar, to: *const Wchar, flags: Dword) -> Bool {
    // SAFETY: null, or strings.
    let (from, to) = unsafe { (wide_path(from), wide_path(to)) };
    move_file(from, to, flags)
}

/// `MoveFileA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MoveFileA(from: *const c_char, to: *const c_char) -> Bool {
    // SAFETY: the same function.
    unsafe { MoveFileExA(from, to, 0) }
}

/// `MoveFileW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MoveFileW(from: *const Wchar, to: *const Wchar) -> Bool {
    // SAFETY: the same function.
    unsafe { MoveFileExW(from, to, 0) }
}

fn copy_file(from: Option<PathBuf>, to: Option<PathBuf>, only_new: Bool) -> Bool {
    let Some(to) = to else { return error::no(codes::ERROR_PATH_NOT_FOUND) };
    if only_new != 0 && fs::symlink_metadata(&to).is_ok() {
        return error::no(codes::ERROR_FILE_EXISTS);
    }
    done(from, |from| fs::copy(from, &to).map(|_| ()))
}

/// `CopyFileA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CopyFileA(from: *const c_char, to: *const c_char, only_new: Bool) -> Bool {
    // SAFETY: null, or strings.
    let (from, to) = unsafe { (narrow_path(from), narrow_path(to)) };
    copy_file(from, to, only_new)
}

/// `CopyFileW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CopyFileW(from: *const Wchar, to: *const Wchar, only_new: Bool) -> Bool {
    // SAFETY: null, or strings.
    let (from, to) = unsafe { (wide_path(from), wide_path(to)) };
    copy_file(from, to, only_new)
}

/// `SetCurrentDirectoryA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetCurrentDirectoryA(name: *const c_char) -> Bool {
    // SAFETY: null, or a string.
    done(unsafe { narrow_path(name) }, |path| env::set_current_dir(path))
}

/// `SetCurrentDirectoryW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetCurrentDirectoryW(name: *const Wchar) -> Bool {
    // SAFETY: null, or a string.
    done(unsafe { wide_path(name) }, |path| env::set_current_dir(path))
}

/// What Windows would say of a file: a name that begins with a dot hides it.
pub(super) fn attributes(name: &str, data: &Metadata) -> Dword {
    let mut attributes = 0;
    if data.is_dir() {
        attributes |= DIRECTORY;
    }
    if data.is_symlink() {
        attributes |= LINK;
    }
    if data.permissions().readonly() {
        attributes |= READONLY;
    }
    if name.starts_with('.') && name != "." && name != ".." {
        attributes |= HIDDEN;
    }
    if attributes == 0 { NORMAL } else { attributes }
}

/// When a file was made, read and written.
pub(super) fn times(data: &Metadata) -> [FileTime; 3] {
    let moment = |time: io::Result<SystemTime>| {
        let since = time.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        FileTime::moment(since.unwrap_or(Duration::ZERO))
    };
    [moment(data.created().or_else(|_| data.modified())), moment(data.accessed()), moment(data.modified())]
}

fn look_up(path: Option<PathBuf>) -> Result<(Dword, Metadata), error::Code> {
    let path = path.ok_or(codes::ERROR_PATH_NOT_FOUND)?;
    let data = fs::metadata(&path).map_err(|error| code(&error, Some(&path)))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((attributes(&name, &data), data))
}

fn attributes_of(path: Option<PathBuf>) -> Dword {
    match look_up(path) {
        Ok((attributes, _)) => attributes,
        Err(code) => {
            error::set_last(code);
            Dword::MAX
        }
    }
}

/// `GetFileAttributesA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetFileAttributesA(name: *const c_char) -> Dword {
    // SAFETY: null, or a string.
    attributes_of(unsafe { narrow_path(name) })
}

/// `GetFileAttributesW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetFileAttributesW(name: *const Wchar) -> Dword {
    // SAFETY: null, or a string.
    attributes_of(unsafe { wide_path(name) })
}

/// `WIN32_FILE_ATTRIBUTE_DATA`, with which `WIN32_FIND_DATA` begins too.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct AttributeData {
    attributes: Dword,
    times: [FileTime; 3],
    size_high: Dword,
    size_low: Dword,
}

impl AttributeData {
    pub(super) fn new(attributes: Dword, data: &Metadata) -> Self {
        let size = if data.is_dir() { 0 } else { data.len() };
        Self { attributes, times: times(data), size_high: (size >> 32) as Dword, size_low: size as Dword }
    }
}

unsafe fn attributes_ex(path: Option<PathBuf>, level: i32, answer: *mut AttributeData) -> Bool {
    if answer.is_null() || level != 0 {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    match look_up(path) {
        Ok((attributes, data)) => {
            // SAFETY: not null: a place for the answer.
            unsafe { answer.write(AttributeData::new(attributes, &data)) };
            TRUE
        }
        Err(code) => error::no(code),
    }
}

/// `GetFileAttributesExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetFileAttributesExA(name: *const c_char, level: i32, answer: *mut AttributeData) -> Bool {
    // SAFETY: null, or a string; null, or a place for the answer.
    unsafe { attributes_ex(narrow_path(name), level, answer) }
}

/// `GetFileAttributesExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetFileAttributesExW(name: *const Wchar, level: i32, answer: *mut AttributeData) -> Bool {
    // SAFETY: null, or a string; null, or a place for the answer.
    unsafe { attributes_ex(wide_path(name), level, answer) }
}
