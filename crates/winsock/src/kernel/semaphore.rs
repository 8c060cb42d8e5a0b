//! Semaphores.

use crate::abi::{Bool, Dword, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{self, Code, no};
use crate::handle::Object;
use crate::kernel::event::made;
use crate::kernel::lookup;
use crate::kernel::names::{self, Name};
use overlapped::Semaphore;
use std::ffi::c_char;

fn create(name: Result<Name, Code>, initial: i32, maximum: i32) -> Handle {
    let make = || {
        let (Ok(initial), Ok(maximum)) = (u32::try_from(initial), u32::try_from(maximum)) else {
            return Err(codes::ERROR_INVALID_PARAMETER);
        };
        Semaphore::new(initial, maximum).map(Object::Semaphore).map_err(|error| error::code(&error))
    };
    made(name.and_then(|name| names::create(name, make)))
}

fn open(name: Result<Name, Code>) -> Handle {
    made(name.and_then(|name| names::open(name, |object| matches!(object, Object::Semaphore(_)))))
}

/// `CreateSemaphoreA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateSemaphoreA(_: Pointer, initial: i32, maximum: i32, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::narrow(name) }, initial, maximum)
}

/// `CreateSemaphoreW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateSemaphoreW(_: Pointer, initial: i32, maximum: i32, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::wide(name) }, initial, maximum)
}

/// `CreateSemaphoreExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateSemaphoreExA(
    _: Pointer,
    initial: i32,
    maximum: i32,
    name: *const c_char,
    flags: Dword,
    _access: Dword,
) -> Handle {
    // SAFETY: the caller passes null or a string.
    let name = unsafe { names::narrow(name) };
    create(if flags == 0 { name } else { Err(codes::ERROR_INVALID_PARAMETER) }, initial, maximum)
}

/// `CreateSemaphoreExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateSemaphoreExW(
    _: Pointer,
    initial: i32,
    maximum: i32,
    name: *const u32,
    flags: Dword,
    _access: Dword,
) -> Handle {
    // SAFETY: the caller passes null or a string.
    let name = unsafe { names::wide(name) };
    create(if flags == 0 { name } else { Err(codes::ERROR_INVALID_PARAMETER) }, initial, maximum)
}

/// `OpenSemaphoreA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenSemaphoreA(_access: Dword, _inherit: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::narrow(name) })
}

/// `OpenSemaphoreW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenSemaphoreW(_access: Dword, _inherit: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::wide(name) })
}

/// `ReleaseSemaphore`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ReleaseSemaphore(handle: Handle, count: i32, previous: *mut i32) -> Bool {
    let semaphore = match lookup::semaphore(handle) {
        Ok(semaphore) => semaphore,
        Err(code) => return no(code),
    };
    let Ok(count) = u32::try_from(count) else { return no(codes::ERROR_INVALID_PARAMETER) };
    match semaphore.release(count) {
        Ok(before) => {
            if !previous.is_null() {
                // SAFETY: not null, so it is the caller's variable.
                unsafe { previous.write(before as i32) };
            }
            TRUE
        }
        Err(error) => no(error::code(&error)),
    }
}
