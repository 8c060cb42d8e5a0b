//! What a window keeps for the program, and what it says of itself.

use super::layout::Procedure;
use super::table::{self, State, Window};
use crate::abi::{Bool, Dword, FALSE, Handle, TRUE};
use crate::codes::*;
use crate::error::{self, Code};

const GWLP_WNDPROC: i32 = -4;
const GWLP_HINSTANCE: i32 = -6;
const GWLP_HWNDPARENT: i32 = -8;
const GWLP_ID: i32 = -12;
const GWL_STYLE: i32 = -16;
const GWL_EXSTYLE: i32 = -20;
const GWLP_USERDATA: i32 = -21;
const WS_VISIBLE: u32 = 0x1000_0000;
const SW_HIDE: i32 = 0;

fn find(window: Handle) -> Result<std::sync::Arc<Window>, Code> {
    table::get(window).ok_or(ERROR_INVALID_WINDOW_HANDLE)
}

/// The bytes of a value that the class has asked for.
fn extra(state: &mut State, index: i32) -> Result<&mut [u8; 8], Code> {
    let place = usize::try_from(index).map_err(|_| ERROR_INVALID_INDEX)?;
    let bytes = state.extra.get_mut(place..).and_then(|rest| rest.first_chunk_mut::<8>());
    bytes.ok_or(ERROR_INVALID_INDEX)
}

fn get(window: Handle, index: i32) -> Result<isize, Code> {
    let window = find(window)?;
    let mut state = window.state();
    Ok(match index {
        GWLP_WNDPROC => state.procedure as usize as isize,
        GWLP_HINSTANCE => window.instance as isize,
        GWLP_HWNDPARENT => window.parent as isize,
        GWLP_ID => state.identifier as isize,
        GWL_STYLE => state.style as isize,
        GWL_EXSTYLE => state.extended as isize,
        GWLP_USERDATA => state.user,
        _ => isize::from_ne_bytes(*extra(&mut state, index)?),
    })
}

/// Sets a value; the one before.
///
/// # Safety
///
/// A procedure is one.
unsafe fn set(window: Handle, index: i32, value: isize) -> Result<isize, Code> {
    let before = get(window, index)?;
    let window = find(window)?;
    let mut state = window.state();
    match index {
        GWLP_WNDPROC if value == 0 => return Err(ERROR_INVALID_PARAMETER),
        // SAFETY: not null, so it is the program's procedure, as it says.
        GWLP_WNDPROC => state.procedure = unsafe { std::mem::transmute::<isize, Procedure>(value) },
        GWLP_HINSTANCE | GWLP_HWNDPARENT => return Err(ERROR_INVALID_INDEX),
        GWLP_ID => state.identifier = value as Handle,
        GWL_STYLE => state.style = value as u32,
        GWL_EXSTYLE => state.extended = value as u32,
        GWLP_USERDATA => state.user = value,
        _ => *extra(&mut state, index)? = value.to_ne_bytes(),
    }
    Ok(before)
}

fn noted(value: Result<isize, Code>) -> isize {
    value.unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

/// `GetWindowLongPtrA`.
#[unsafe(no_mangle)]
pub extern "C" fn GetWindowLongPtrA(window: Handle, index: i32) -> isize {
    noted(get(window, index))
}

/// `GetWindowLongPtrW`.
#[unsafe(no_mangle)]
pub extern "C" fn GetWindowLongPtrW(window: Handle, index: i32) -> isize {
    noted(get(window, index))
}

/// `SetWindowLongPtrA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetWindowLongPtrA(window: Handle, index: i32, value: isize) -> isize {
    // SAFETY: what the program promises.
    noted(unsafe { set(window, index, value) })
}

/// `SetWindowLongPtrW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetWindowLongPtrW(window: Handle, index: i32, value: isize) -> isize {
    // SAFETY: what the program promises.
    noted(unsafe { set(window, index, value) })
}

/// `IsWindow`.
#[unsafe(no_mangle)]
pub extern "C" fn IsWindow(window: Handle) -> Bool {
    if table::exists(window) { TRUE } else { error::no(ERROR_INVALID_WINDOW_HANDLE) }
}

/// `GetWindowThreadProcessId`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetWindowThreadProcessId(window: Handle, process: *mut Dword) -> Dword {
    let Some(window) = table::get(window) else {
        error::set_last(ERROR_INVALID_WINDOW_HANDLE);
        return 0;
    };
    if !process.is_null() {
        // SAFETY: not null, so it is the program's place.
        unsafe { process.write_unaligned(std::process::id()) };
    }
    window.inbox.thread
}

/// `ShowWindow`: whether it was said to be visible before. Nothing is drawn.
#[unsafe(no_mangle)]
pub extern "C" fn ShowWindow(window: Handle, how: i32) -> Bool {
    let Ok(window) = find(window) else { return error::no(ERROR_INVALID_WINDOW_HANDLE) };
    let mut state = window.state();
    let before = state.style & WS_VISIBLE != 0;
    state.style = if how == SW_HIDE { state.style & !WS_VISIBLE } else { state.style | WS_VISIBLE };
    if before { TRUE } else { FALSE }
}

/// `UpdateWindow`: there is nothing to be drawn anew.
#[unsafe(no_mangle)]
pub extern "C" fn UpdateWindow(window: Handle) -> Bool {
    if table::exists(window) { TRUE } else { error::no(ERROR_INVALID_WINDOW_HANDLE) }
}
