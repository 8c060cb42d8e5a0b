//! Structures and functions of the program, as `include/` declares them.

use crate::abi::{Handle, Pointer};
use crate::text::strings::Wchar;
use std::ffi::c_char;

/// `MSG`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Msg {
    pub(crate) window: Handle,
    pub(crate) message: u32,
    pub(crate) word: usize,
    pub(crate) parameter: isize,
    pub(crate) time: u32,
    /// Where the mouse was, of which there is none.
    pub(crate) point: [i32; 2],
}

/// `WNDPROC`.
pub(crate) type Procedure = unsafe extern "C-unwind" fn(Handle, u32, usize, isize) -> isize;

/// `TIMERPROC`.
pub(crate) type TimerProcedure = unsafe extern "C-unwind" fn(Handle, u32, usize, u32);

/// `WNDCLASS`.
#[repr(C)]
pub struct WndClass<C> {
    pub(crate) style: u32,
    pub(crate) procedure: Option<Procedure>,
    pub(crate) class_extra: i32,
    pub(crate) window_extra: i32,
    pub(crate) instance: Handle,
    pub(crate) icon: Handle,
    pub(crate) cursor: Handle,
    pub(crate) background: Handle,
    pub(crate) menu: *const C,
    pub(crate) name: *const C,
}

/// `WNDCLASSEX`.
#[repr(C)]
pub struct WndClassEx<C> {
    pub(crate) size: u32,
    pub(crate) style: u32,
    pub(crate) procedure: Option<Procedure>,
    pub(crate) class_extra: i32,
    pub(crate) window_extra: i32,
    pub(crate) instance: Handle,
    pub(crate) icon: Handle,
    pub(crate) cursor: Handle,
    pub(crate) background: Handle,
    pub(crate) menu: *const C,
    pub(crate) name: *const C,
    pub(crate) small_icon: Handle,
}

/// `CREATESTRUCT`.
#[repr(C)]
pub(crate) struct CreateStruct<C> {
    pub(crate) parameter: Pointer,
    pub(crate) instance: Handle,
    pub(crate) menu: Handle,
    pub(crate) parent: Handle,
    pub(crate) height: i32,
    pub(crate) width: i32,
    pub(crate) y: i32,
    pub(crate) x: i32,
    pub(crate) style: i32,
    pub(crate) title: *const C,
    pub(crate) class: *const C,
    pub(crate) extended: u32,
}

/// A character of strings: those of the functions with an `A` at the end, or with a `W`.
pub(crate) trait Character: Sized {
    /// The string; `None` if it is null.
    ///
    /// # Safety
    ///
    /// Null, or a string that ends with a zero.
    unsafe fn read(text: *const Self) -> Option<String>;
}

impl Character for c_char {
    unsafe fn read(text: *const Self) -> Option<String> {
        // SAFETY: the caller's promise.
        unsafe { crate::text::strings::narrow(text) }
    }
}

impl Character for Wchar {
    unsafe fn read(text: *const Self) -> Option<String> {
        // SAFETY: the caller's promise.
        unsafe { crate::text::strings::wide(text) }
    }
}

pub(crate) const WM_CREATE: u32 = 0x0001;
pub(crate) const WM_DESTROY: u32 = 0x0002;
pub(crate) const WM_CLOSE: u32 = 0x0010;
pub(crate) const WM_QUERYENDSESSION: u32 = 0x0011;
pub(crate) const WM_QUIT: u32 = 0x0012;
pub(crate) const WM_NCCREATE: u32 = 0x0081;
pub(crate) const WM_NCDESTROY: u32 = 0x0082;
pub(crate) const WM_TIMER: u32 = 0x0113;
