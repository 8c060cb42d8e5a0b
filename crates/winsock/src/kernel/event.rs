//! Events: `HANDLE`s and `WSAEVENT`s are the same.

use crate::abi::{Bool, Dword, FALSE, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, no, set_last};
use crate::handle::{self, Object};
use crate::kernel::names::{self, Name};
use crate::kernel::{close, lookup};
use crate::startup;
use overlapped::{Event, Reset};
use std::ffi::c_char;

const CREATE_EVENT_MANUAL_RESET: Dword = 1;
const CREATE_EVENT_INITIAL_SET: Dword = 2;
/// `WSA_INVALID_EVENT`, and what a function that makes handles returns when it fails.
pub(crate) const NONE: Handle = 0;

/// The handle, or the null handle with the error noted.
pub(crate) fn made(handle: Result<Handle, Code>) -> Handle {
    handle.unwrap_or_else(|code| {
        set_last(code);
        NONE
    })
}

fn create(name: Result<Name, Code>, manual: bool, set: bool) -> Handle {
    let reset = if manual { Reset::Manual } else { Reset::Auto };
    made(name.and_then(|name| names::create(name, || Ok(Object::Event(Event::new(reset, set))))))
}

fn create_ex(name: Result<Name, Code>, flags: Dword) -> Handle {
    if flags & !(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET) != 0 {
        return made(Err(codes::ERROR_INVALID_PARAMETER));
    }
    create(name, flags & CREATE_EVENT_MANUAL_RESET != 0, flags & CREATE_EVENT_INITIAL_SET != 0)
}

fn open(name: Result<Name, Code>) -> Handle {
    made(name.and_then(|name| names::open(name, |object| matches!(object, Object::Event(_)))))
}

/// `CreateEventA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateEventA(_: Pointer, manual: Bool, set: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::narrow(name) }, manual != FALSE, set != FALSE)
}

/// `CreateEventW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateEventW(_: Pointer, manual: Bool, set: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::wide(name) }, manual != FALSE, set != FALSE)
}

/// `CreateEventExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateEventExA(_: Pointer, name: *const c_char, flags: Dword, _access: Dword) -> Handle {
    // SAFETY: the caller passes null or a string.
    create_ex(unsafe { names::narrow(name) }, flags)
}

/// `CreateEventExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateEventExW(_: Pointer, name: *const u32, flags: Dword, _access: Dword) -> Handle {
    // SAFETY: the caller passes null or a string.
    create_ex(unsafe { names::wide(name) }, flags)
}

/// `OpenEventA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenEventA(_access: Dword, _inherit: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::narrow(name) })
}

/// `OpenEventW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenEventW(_access: Dword, _inherit: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::wide(name) })
}

fn with(handle: Handle, act: impl FnOnce(&Event)) -> Bool {
    match lookup::event(handle) {
        Ok(event) => {
            act(&event);
            TRUE
        }
        Err(code) => no(code),
    }
}

/// `SetEvent`.
#[unsafe(no_mangle)]
pub extern "C" fn SetEvent(handle: Handle) -> Bool {
    with(handle, Event::set)
}

/// `ResetEvent`.
#[unsafe(no_mangle)]
pub extern "C" fn ResetEvent(handle: Handle) -> Bool {
    with(handle, Event::reset)
}

/// `PulseEvent`: those who wait now are let go, all or one.
#[unsafe(no_mangle)]
pub extern "C" fn PulseEvent(handle: Handle) -> Bool {
    with(handle, |event| {
        event.set();
        event.reset();
    })
}

fn started(act: impl FnOnce() -> Bool) -> Bool {
    startup::check().map_or_else(no, |()| act())
}

/// `WSACreateEvent`: manual-reset, not signalled.
#[unsafe(no_mangle)]
pub extern "C" fn WSACreateEvent() -> Handle {
    made(startup::check().map(|()| handle::insert(Object::Event(Event::manual()))))
}

/// `WSASetEvent`.
#[unsafe(no_mangle)]
pub extern "C" fn WSASetEvent(event: Handle) -> Bool {
    started(|| SetEvent(event))
}

/// `WSAResetEvent`.
#[unsafe(no_mangle)]
pub extern "C" fn WSAResetEvent(event: Handle) -> Bool {
    started(|| ResetEvent(event))
}

/// `WSACloseEvent`.
#[unsafe(no_mangle)]
pub extern "C" fn WSACloseEvent(event: Handle) -> Bool {
    started(|| close::close(event).map_or_else(no, |()| TRUE))
}
