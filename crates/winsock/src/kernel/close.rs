//! Handles themselves: closing them, more of them for one object, and what is noted of them.

use crate::abi::{Bool, Dword, FALSE, Handle, TRUE};
use crate::codes;
use crate::error::{Code, no};
use crate::handle::{self, Object};
use crate::kernel::{CURRENT_PROCESS, CURRENT_THREAD, names, resolve};

const DUPLICATE_CLOSE_SOURCE: Dword = 1;
const DUPLICATE_SAME_ACCESS: Dword = 2;
const HANDLE_FLAG_INHERIT: Dword = 1;
const HANDLE_FLAG_PROTECT_FROM_CLOSE: Dword = 2;

/// Closes a handle. The object goes with its last owner.
pub(crate) fn close(handle: Handle) -> Result<(), Code> {
    if handle == CURRENT_PROCESS || handle == CURRENT_THREAD {
        return Ok(());
    }
    if names::flags(handle) & HANDLE_FLAG_PROTECT_FROM_CLOSE != 0 {
        return Err(codes::ERROR_INVALID_HANDLE);
    }
    if matches!(handle::get(handle), Some(Object::Pool(_) | Object::Search(_))) {
        return Err(codes::ERROR_INVALID_HANDLE);
    }
    let object = handle::remove(handle).ok_or(codes::ERROR_INVALID_HANDLE)?;
    names::closed(handle);
    drop(object);
    Ok(())
}

/// `CloseHandle`.
#[unsafe(no_mangle)]
pub extern "C" fn CloseHandle(handle: Handle) -> Bool {
    close(handle).map_or_else(no, |()| TRUE)
}

fn duplicate(from: Handle, source: Handle, to: Handle, wanted: bool, options: Dword) -> Result<Option<Handle>, Code> {
    let this_process = |handle| matches!(resolve(handle), Ok(Object::Process));
    if !this_process(from) {
        return Err(codes::ERROR_INVALID_HANDLE);
    }
    // Without a target the source is closed all the same.
    let made = if wanted {
        if !this_process(to) {
            return Err(codes::ERROR_INVALID_HANDLE);
        }
        let object = resolve(source)?;
        if matches!(object, Object::Pool(_) | Object::Search(_)) {
            return Err(codes::ERROR_INVALID_HANDLE);
        }
        let handle = handle::insert(object);
        names::duplicated(source, handle);
        Some(handle)
    } else if options & DUPLICATE_CLOSE_SOURCE == 0 {
        return Err(codes::ERROR_INVALID_PARAMETER);
    } else {
        None
    };
    if options & DUPLICATE_CLOSE_SOURCE != 0 {
        close(source)?;
    }
    Ok(made)
}

/// `DuplicateHandle`, within this process: there are no handles of others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DuplicateHandle(
    from: Handle,
    source: Handle,
    to: Handle,
    target: *mut Handle,
    _access: Dword,
    inherit: Bool,
    options: Dword,
) -> Bool {
    if options & !(DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS) != 0 {
        return no(codes::ERROR_INVALID_PARAMETER);
    }
    match duplicate(from, source, to, !target.is_null(), options) {
        Ok(made) => {
            if let Some(made) = made {
                if inherit != FALSE {
                    names::set_flags(made, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
                }
                // SAFETY: not null, else none is made; so it is the caller's variable.
                unsafe { target.write(made) };
            }
            TRUE
        }
        Err(code) => no(code),
    }
}

/// `GetHandleInformation`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetHandleInformation(handle: Handle, flags: *mut Dword) -> Bool {
    if flags.is_null() {
        return no(codes::ERROR_NOACCESS);
    }
    if let Err(code) = resolve(handle) {
        return no(code);
    }
    // SAFETY: not null, so it is the caller's variable.
    unsafe { flags.write(names::flags(handle)) };
    TRUE
}

/// `SetHandleInformation`. No process inherits a handle of ours, whatever its flag says.
#[unsafe(no_mangle)]
pub extern "C" fn SetHandleInformation(handle: Handle, mask: Dword, flags: Dword) -> Bool {
    if mask & !(HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0 {
        return no(codes::ERROR_INVALID_PARAMETER);
    }
    match handle {
        CURRENT_PROCESS | CURRENT_THREAD => TRUE,
        _ => match resolve(handle) {
            Ok(_) => {
                names::set_flags(handle, mask, flags);
                TRUE
            }
            Err(code) => no(code),
        },
    }
}

/// `CompareObjectHandles`: whether both name one object.
#[unsafe(no_mangle)]
pub extern "C" fn CompareObjectHandles(one: Handle, other: Handle) -> Bool {
    let (Ok(one), Ok(other)) = (resolve(one), resolve(other)) else { return no(codes::ERROR_INVALID_HANDLE) };
    let same = match (crate::kernel::wait::waitable(&one), crate::kernel::wait::waitable(&other)) {
        (Some(one), Some(other)) => overlapped::face::objects::is_same(one, other),
        _ => false,
    };
    if same { TRUE } else { no(codes::ERROR_NOT_SAME_OBJECT) }
}

/// `GetCurrentProcess`: a handle that need not be closed.
#[unsafe(no_mangle)]
pub extern "C" fn GetCurrentProcess() -> Handle {
    CURRENT_PROCESS
}
