//! Cursors and icons, which programs give to their window classes. Nothing is drawn: those of the system are numbers that stand
//! for nothing, and programs have none of their own.

use crate::abi::Handle;
use crate::codes::ERROR_RESOURCE_NAME_NOT_FOUND;
use crate::error;
use crate::text::strings::Wchar;
use std::ffi::c_char;
use std::ops::RangeInclusive;

/// The numbers of the system's cursors and icons.
const OF_SYSTEM: RangeInclusive<usize> = 32512..=32651;

fn load(instance: Handle, name: usize) -> Handle {
    if instance == 0 && OF_SYSTEM.contains(&name) {
        return name;
    }
    error::set_last(ERROR_RESOURCE_NAME_NOT_FOUND);
    0
}

/// `LoadCursorA`.
#[unsafe(no_mangle)]
pub extern "C" fn LoadCursorA(instance: Handle, name: *const c_char) -> Handle {
    load(instance, name.addr())
}

/// `LoadCursorW`.
#[unsafe(no_mangle)]
pub extern "C" fn LoadCursorW(instance: Handle, name: *const Wchar) -> Handle {
    load(instance, name.addr())
}

/// `LoadIconA`.
#[unsafe(no_mangle)]
pub extern "C" fn LoadIconA(instance: Handle, name: *const c_char) -> Handle {
    load(instance, name.addr())
}

/// `LoadIconW`.
#[unsafe(no_mangle)]
pub extern "C" fn LoadIconW(instance: Handle, name: *const Wchar) -> Handle {
    load(instance, name.addr())
}
