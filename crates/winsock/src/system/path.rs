//! Paths as Windows' programs write them, and errors of files in Windows' words.

use crate::codes;
use crate::error::Code;
use crate::text::strings::{Wchar, bytes, wide};
use std::ffi::{OsString, c_char};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The path in a string; `None` if that is null or empty.
///
/// # Safety
/// Null, or a string.
pub(super) unsafe fn narrow_path(name: *const c_char) -> Option<PathBuf> {
    // SAFETY: as the caller says.
    unsafe { bytes(name) }.and_then(path)
}

/// The same in `wchar_t`.
///
/// # Safety
/// Null, or a string.
pub(super) unsafe fn wide_path(name: *const Wchar) -> Option<PathBuf> {
    // SAFETY: as the caller says.
    unsafe { wide(name) }.and_then(|name| path(name.as_bytes()))
}

/// Both bars divide a path. A drive stays: there is none, and no path that begins with one is found.
fn path(name: &[u8]) -> Option<PathBuf> {
    if name.is_empty() {
        return None;
    }
    let name = name.strip_prefix(br"\\?\").unwrap_or(name);
    let device = match name.to_ascii_uppercase().as_slice() {
        b"NUL" => Some("/dev/null"),
        b"CONIN$" | b"CONOUT$" | b"CON" => Some("/dev/tty"),
        _ => None,
    };
    if let Some(device) = device {
        return Some(device.into());
    }
    let name = name.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
    Some(OsString::from_vec(name).into())
}

/// The code for an error with this file.
pub(super) fn code(error: &io::Error, path: Option<&Path>) -> Code {
    let Some(number) = error.raw_os_error() else { return codes::ERROR_GEN_FAILURE };
    match number {
        libc::ENOENT => match path.and_then(Path::parent) {
            Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => codes::ERROR_PATH_NOT_FOUND,
            _ => codes::ERROR_FILE_NOT_FOUND,
        },
        libc::ENOTDIR => codes::ERROR_PATH_NOT_FOUND,
        libc::EACCES | libc::EPERM | libc::EISDIR => codes::ERROR_ACCESS_DENIED,
        libc::EMFILE | libc::ENFILE => codes::ERROR_TOO_MANY_OPEN_FILES,
        libc::EEXIST => codes::ERROR_FILE_EXISTS,
        libc::ENOSPC | libc::EDQUOT => codes::ERROR_DISK_FULL,
        libc::ENAMETOOLONG => codes::ERROR_FILENAME_EXCED_RANGE,
        libc::ENOTEMPTY => codes::ERROR_DIR_NOT_EMPTY,
        libc::EROFS => codes::ERROR_WRITE_PROTECT,
        libc::EXDEV => codes::ERROR_NOT_SAME_DEVICE,
        libc::EBUSY => codes::ERROR_BUSY,
        libc::ETXTBSY => codes::ERROR_SHARING_VIOLATION,
        libc::EINVAL | libc::ESPIPE => codes::ERROR_INVALID_PARAMETER,
        libc::EPIPE => codes::ERROR_NO_DATA,
        libc::EFAULT => codes::ERROR_NOACCESS,
        libc::ENOMEM => codes::ERROR_NOT_ENOUGH_MEMORY,
        libc::EBADF => codes::ERROR_INVALID_HANDLE,
        _ => codes::ERROR_GEN_FAILURE,
    }
}
