//! Mutexes.

use crate::abi::{Bool, Dword, FALSE, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{self, Code, no};
use crate::handle::Object;
use crate::kernel::event::made;
use crate::kernel::lookup;
use crate::kernel::names::{self, Name};
use overlapped::MutexObject;
use std::ffi::c_char;

const CREATE_MUTEX_INITIAL_OWNER: Dword = 1;

fn create(name: Result<Name, Code>, owned: bool) -> Handle {
    let make = || {
        let mutex = if owned { MutexObject::owned() } else { Ok(MutexObject::new()) };
        mutex.map(Object::Mutex).map_err(|error| error::code(&error))
    };
    made(name.and_then(|name| names::create(name, make)))
}

fn create_ex(name: Result<Name, Code>, flags: Dword) -> Handle {
    if flags & !CREATE_MUTEX_INITIAL_OWNER != 0 {
        return made(Err(codes::ERROR_INVALID_PARAMETER));
    }
    create(name, flags != 0)
}

fn open(name: Result<Name, Code>) -> Handle {
    made(name.and_then(|name| names::open(name, |object| matches!(object, Object::Mutex(_)))))
}

/// `CreateMutexA`. Who opens an existing one by its name does not own it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateMutexA(_: Pointer, owned: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::narrow(name) }, owned != FALSE)
}

/// `CreateMutexW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateMutexW(_: Pointer, owned: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::wide(name) }, owned != FALSE)
}

/// `CreateMutexExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateMutexExA(_: Pointer, name: *const c_char, flags: Dword, _access: Dword) -> Handle {
    // SAFETY: the caller passes null or a string.
    create_ex(unsafe { names::narrow(name) }, flags)
}

/// `CreateMutexExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateMutexExW(_: Pointer, name: *const u32, flags: Dword, _access: Dword) -> Handle {
    // SAFETY: the caller passes null or a string.
    create_ex(unsafe { names::wide(name) }, flags)
}

/// `OpenMutexA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenMutexA(_access: Dword, _inherit: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::narrow(name) })
}

/// `OpenMutexW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenMutexW(_access: Dword, _inherit: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::wide(name) })
}

/// `ReleaseMutex`.
#[unsafe(no_mangle)]
pub extern "C" fn ReleaseMutex(handle: Handle) -> Bool {
    match lookup::mutex(handle) {
        Ok(mutex) => mutex.release().map_or_else(|error| no(error::code(&error)), |()| TRUE),
        Err(code) => no(code),
    }
}
