//! Making windows, and ending them.

use super::class;
use super::inbox;
use super::layout::{Character, CreateStruct, WM_CREATE, WM_DESTROY, WM_NCCREATE, WM_NCDESTROY};
use super::table::{self, Plan, Window};
use crate::abi::{Bool, Handle, Pointer, TRUE};
use crate::codes::*;
use crate::error::{self, Code};
use crate::text::strings::Wchar;
use std::ffi::c_char;
use std::sync::Arc;

/// `HWND_MESSAGE`.
pub(super) const HWND_MESSAGE: Handle = -3_isize as Handle;
const WS_CHILD: u32 = 0x4000_0000;
const WS_POPUP: u32 = 0x8000_0000;

/// The window, or null with the error noted.
///
/// # Safety
///
/// The strings of `structure` are null, numbers of 16 bits, or end with a zero.
unsafe fn noted<C: Character>(structure: &mut CreateStruct<C>) -> Handle {
    // SAFETY: the caller's promise.
    unsafe { create(structure) }.unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

unsafe fn create<C: Character>(structure: &mut CreateStruct<C>) -> Result<Handle, Code> {
    let own = inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
    let style = structure.style as u32;
    let parent = structure.parent;
    if parent != 0 && parent != HWND_MESSAGE && !table::exists(parent) {
        return Err(ERROR_INVALID_WINDOW_HANDLE);
    }
    if parent == 0 && style & (WS_CHILD | WS_POPUP) == WS_CHILD {
        return Err(ERROR_TLW_WITH_WSCHILD);
    }
    // SAFETY: the caller's promise.
    let class = unsafe { class::find(structure.class) }?;
    let plan =
        Plan { instance: structure.instance, parent, identifier: structure.menu, style, extended: structure.extended };
    let window = Window::make(class, &own.inbox, &plan);
    let parameter = std::ptr::from_mut(structure) as isize;
    // The program may say no, and may destroy it meanwhile.
    if window.call(WM_NCCREATE, 0, parameter) == 0 {
        end(&window, false);
        return Err(ERROR_SUCCESS);
    }
    if window.call(WM_CREATE, 0, parameter) == -1 {
        end(&window, false);
        return Err(ERROR_SUCCESS);
    }
    if table::exists(window.number) { Ok(window.number) } else { Err(ERROR_INVALID_WINDOW_HANDLE) }
}

/// Ends a window of the calling thread, and those in it, once.
fn end(window: &Arc<Window>, tells: bool) {
    if std::mem::replace(&mut window.state().dying, true) {
        return;
    }
    if tells {
        window.call(WM_DESTROY, 0, 0);
    }
    for child in table::filtered(|child| child.parent == window.number && child.is_own()) {
        end(&child, true);
    }
    window.call(WM_NCDESTROY, 0, 0);
    table::remove(window.number);
    if let Some(own) = inbox::own() {
        own.forget(window.number);
    }
}

/// `CreateWindowExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn CreateWindowExA(
    extended: u32,
    class: *const c_char,
    title: *const c_char,
    style: u32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
    parent: Handle,
    menu: Handle,
    instance: Handle,
    parameter: Pointer,
) -> Handle {
    let style = style as i32;
    let mut structure =
        CreateStruct { parameter, instance, menu, parent, height, width, y, x, style, title, class, extended };
    // SAFETY: what the program promises.
    unsafe { noted(&mut structure) }
}

/// `CreateWindowExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn CreateWindowExW(
    extended: u32,
    class: *const Wchar,
    title: *const Wchar,
    style: u32,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
    parent: Handle,
    menu: Handle,
    instance: Handle,
    parameter: Pointer,
) -> Handle {
    let style = style as i32;
    let mut structure =
        CreateStruct { parameter, instance, menu, parent, height, width, y, x, style, title, class, extended };
    // SAFETY: what the program promises.
    unsafe { noted(&mut structure) }
}

/// `DestroyWindow`: of the calling thread's windows.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn DestroyWindow(window: Handle) -> Bool {
    let Some(window) = table::get(window) else { return error::no(ERROR_INVALID_WINDOW_HANDLE) };
    if !window.is_own() {
        return error::no(ERROR_ACCESS_DENIED);
    }
    end(&window, true);
    TRUE
}
