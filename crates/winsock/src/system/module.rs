//! The program's file and its command line.

use super::environment::hand_out;
use crate::abi::{Dword, Handle};
use crate::codes;
use crate::error;
use crate::text::strings::{Wchar, bytes, put, to_wide, wide};
use std::env;
use std::ffi::{CString, c_char};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The handle of the program itself, where Windows loads programs by default. It is a name only; nothing is there.
const PROGRAM: Handle = 0x1_4000_0000;

fn program() -> PathBuf {
    env::current_exe().unwrap_or_default()
}

/// # Safety
/// The buffer has room for `size` units.
unsafe fn file_name<T: Copy + Default>(module: Handle, text: &[T], buffer: *mut T, size: Dword) -> Dword {
    if module != 0 && module != PROGRAM {
        return error::no(codes::ERROR_MOD_NOT_FOUND) as Dword;
    }
    if buffer.is_null() || size == 0 {
        return error::no(codes::ERROR_INSUFFICIENT_BUFFER) as Dword;
    }
    // SAFETY: as the caller says.
    let put = unsafe { put(text, buffer, size as usize) };
    error::set_last(codes::ERROR_SUCCESS);
    if put < text.len() {
        // Cut off, the answer is the room that there was.
        error::set_last(codes::ERROR_INSUFFICIENT_BUFFER);
        return size;
    }
    put as Dword
}

/// `GetModuleFileNameA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetModuleFileNameA(module: Handle, buffer: *mut c_char, size: Dword) -> Dword {
    // SAFETY: the buffer is as the program says.
    unsafe { file_name(module, program().to_string_lossy().as_bytes(), buffer.cast::<u8>(), size) }
}

/// `GetModuleFileNameW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetModuleFileNameW(module: Handle, buffer: *mut Wchar, size: Dword) -> Dword {
    // SAFETY: the buffer is as the program says.
    unsafe { file_name(module, &to_wide(&program().to_string_lossy()), buffer, size) }
}

/// The program by no name or by its own; other modules are not known.
fn module(name: Option<String>) -> Handle {
    let Some(name) = name else { return PROGRAM };
    let own = program();
    let own = [own.file_name(), own.file_stem()];
    let name = name.replace('\\', "/");
    let stem = Path::new(&name).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let stem = stem.strip_suffix(".exe").unwrap_or(stem);
    if own.into_iter().flatten().any(|own| own == stem) {
        return PROGRAM;
    }
    error::set_last(codes::ERROR_MOD_NOT_FOUND);
    0
}

/// `GetModuleHandleA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetModuleHandleA(name: *const c_char) -> Handle {
    // SAFETY: null, or a string.
    module(unsafe { bytes(name) }.map(|name| String::from_utf8_lossy(name).into_owned()))
}

/// `GetModuleHandleW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetModuleHandleW(name: *const Wchar) -> Handle {
    // SAFETY: null, or a string.
    module(unsafe { wide(name) })
}

/// The arguments as one line, by the rules by which Windows' programs take one apart.
fn command_line() -> String {
    let quoted: Vec<_> = env::args_os().map(|argument| quote(&argument.to_string_lossy())).collect();
    quoted.join(" ")
}

fn quote(argument: &str) -> String {
    if !argument.is_empty() && !argument.contains([' ', '\t', '"']) {
        return argument.into();
    }
    let mut quoted = String::from('"');
    let mut backslashes = 0;
    for c in argument.chars() {
        match c {
            '\\' => backslashes += 1,
            // Backslashes are doubled before a quotation mark only.
            '"' => {
                quoted.extend(std::iter::repeat_n('\\', backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        quoted.push(c);
    }
    quoted.extend(std::iter::repeat_n('\\', backslashes));
    quoted.push('"');
    quoted
}

/// `GetCommandLineA`.
#[unsafe(no_mangle)]
pub extern "C" fn GetCommandLineA() -> *const c_char {
    static LINE: LazyLock<CString> = LazyLock::new(|| CString::new(command_line()).unwrap_or_default());
    LINE.as_ptr()
}

/// `GetCommandLineW`.
#[unsafe(no_mangle)]
pub extern "C" fn GetCommandLineW() -> *const Wchar {
    static LINE: LazyLock<Vec<Wchar>> = LazyLock::new(|| {
        let mut line = to_wide(&command_line());
        line.push(0);
        line
    });
    LINE.as_ptr()
}

/// `GetCurrentDirectoryA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetCurrentDirectoryA(size: Dword, buffer: *mut c_char) -> Dword {
    let folder = env::current_dir().unwrap_or_default();
    // SAFETY: the buffer is as the program says.
    unsafe { hand_out(folder.to_string_lossy().as_bytes(), buffer.cast::<u8>(), size) }
}

/// `GetCurrentDirectoryW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetCurrentDirectoryW(size: Dword, buffer: *mut Wchar) -> Dword {
    let folder = env::current_dir().unwrap_or_default();
    // SAFETY: the buffer is as the program says.
    unsafe { hand_out(&to_wide(&folder.to_string_lossy()), buffer, size) }
}
