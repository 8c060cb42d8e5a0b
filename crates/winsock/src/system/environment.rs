//! Names of the computer and the user, and the environment.

use crate::abi::{Bool, Dword, TRUE};
use crate::codes;
use crate::error;
use crate::text::strings::{Wchar, bytes, put, put_sized, to_wide, wide};
use std::env;
use std::ffi::{OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt;

fn no_variable(code: error::Code) -> Dword {
    error::no(code) as Dword
}

/// Hands out a string as `GetEnvironmentVariable` and its like do: its length, or the room that it needs.
///
/// # Safety
/// The buffer has room for `size` units, or is null.
pub(super) unsafe fn hand_out<T: Copy + Default>(text: &[T], buffer: *mut T, size: Dword) -> Dword {
    if buffer.is_null() || size as usize <= text.len() {
        return text.len() as Dword + 1;
    }
    // SAFETY: there is so much room, as the caller says.
    unsafe { put(text, buffer, size as usize) as Dword }
}

fn variable(name: Option<&OsStr>) -> Result<OsString, error::Code> {
    let name = name.filter(|name| !name.is_empty()).ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let value = env::var_os(name).ok_or(codes::ERROR_ENVVAR_NOT_FOUND)?;
    // An empty value is 0 characters, which alone would look like an error.
    error::set_last(codes::ERROR_SUCCESS);
    Ok(value)
}

/// `GetEnvironmentVariableA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetEnvironmentVariableA(name: *const c_char, buffer: *mut c_char, size: Dword) -> Dword {
    // SAFETY: null, or a string.
    match variable(unsafe { bytes(name) }.map(OsStr::from_bytes)) {
        // SAFETY: the buffer is as the program says.
        Ok(value) => unsafe { hand_out(value.as_bytes(), buffer.cast::<u8>(), size) },
        Err(code) => no_variable(code),
    }
}

/// `GetEnvironmentVariableW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetEnvironmentVariableW(name: *const Wchar, buffer: *mut Wchar, size: Dword) -> Dword {
    // SAFETY: null, or a string.
    match variable(unsafe { wide(name) }.as_deref().map(OsStr::new)) {
        // SAFETY: the buffer is as the program says.
        Ok(value) => unsafe { hand_out(&to_wide(&value.to_string_lossy()), buffer, size) },
        Err(code) => no_variable(code),
    }
}

fn set(name: Option<&OsStr>, value: Option<&OsStr>) -> Bool {
    let valid = |name: &&OsStr| !name.is_empty() && !name.as_bytes().contains(&b'=');
    let Some(name) = name.filter(valid) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    // SAFETY: no other thread may change the environment at the same time through the C library, which is up to the program,
    // as with `setenv`; this library reads it through the standard library only, which has a lock.
    unsafe {
        match value {
            Some(value) => env::set_var(name, value),
            None => env::remove_var(name),
        }
    }
    TRUE
}

/// `SetEnvironmentVariableA`: null removes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetEnvironmentVariableA(name: *const c_char, value: *const c_char) -> Bool {
    // SAFETY: null, or strings.
    let (name, value) = unsafe { (bytes(name), bytes(value)) };
    set(name.map(OsStr::from_bytes), value.map(OsStr::from_bytes))
}

/// `SetEnvironmentVariableW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetEnvironmentVariableW(name: *const Wchar, value: *const Wchar) -> Bool {
    // SAFETY: null, or strings.
    let (name, value) = unsafe { (wide(name), wide(value)) };
    set(name.as_deref().map(OsStr::new), value.as_deref().map(OsStr::new))
}

fn computer() -> String {
    let mut name = [0_u8; 256];
    // SAFETY: a buffer with its length.
    unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len()) };
    let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(name).into_owned()
}

fn user() -> String {
    let mut entry = std::mem::MaybeUninit::<libc::passwd>::zeroed();
    let mut room = vec![0_u8; 4096];
    let mut found = std::ptr::null_mut();
    // SAFETY: places for the entry, for its strings and for the result.
    let name = unsafe {
        let id = libc::geteuid();
        libc::getpwuid_r(id, entry.as_mut_ptr(), room.as_mut_ptr().cast(), room.len(), &raw mut found);
        found.as_ref().and_then(|entry| bytes(entry.pw_name))
    };
    match name {
        Some(name) => String::from_utf8_lossy(name).into_owned(),
        None => env::var("USER").unwrap_or_else(|_| "root".into()),
    }
}

/// # Safety
/// The buffer has room for as many units as the size says.
unsafe fn name<T: Copy + Default>(text: &[T], buffer: *mut T, size: *mut Dword, too_small: error::Code) -> Bool {
    // SAFETY: null, or a number.
    let Some(size) = (unsafe { size.as_mut() }) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    // SAFETY: as the caller says.
    if unsafe { put_sized(text, buffer, size) } { TRUE } else { error::no(too_small) }
}

/// `GetComputerNameA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetComputerNameA(buffer: *mut c_char, size: *mut Dword) -> Bool {
    // SAFETY: the buffer is as the program says.
    unsafe { name(computer().as_bytes(), buffer.cast::<u8>(), size, codes::ERROR_BUFFER_OVERFLOW) }
}

/// `GetComputerNameW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetComputerNameW(buffer: *mut Wchar, size: *mut Dword) -> Bool {
    // SAFETY: the buffer is as the program says.
    unsafe { name(&to_wide(&computer()), buffer, size, codes::ERROR_BUFFER_OVERFLOW) }
}

/// `GetUserNameA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetUserNameA(buffer: *mut c_char, size: *mut Dword) -> Bool {
    // SAFETY: the buffer is as the program says. The answer counts the zero, other than the computer's name.
    let done = unsafe { name(user().as_bytes(), buffer.cast::<u8>(), size, codes::ERROR_INSUFFICIENT_BUFFER) };
    // SAFETY: null, or a number.
    unsafe { count_zero(done, size) }
}

/// `GetUserNameW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetUserNameW(buffer: *mut Wchar, size: *mut Dword) -> Bool {
    // SAFETY: the buffer is as the program says.
    let done = unsafe { name(&to_wide(&user()), buffer, size, codes::ERROR_INSUFFICIENT_BUFFER) };
    // SAFETY: null, or a number.
    unsafe { count_zero(done, size) }
}

unsafe fn count_zero(done: Bool, size: *mut Dword) -> Bool {
    if done == TRUE {
        // SAFETY: a call that went well had a place for the size.
        unsafe { *size += 1 };
    }
    done
}
