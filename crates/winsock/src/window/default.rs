//! What a window does with a message that the program does not care for.

use super::create::DestroyWindow;
use super::layout::{WM_CLOSE, WM_NCCREATE, WM_QUERYENDSESSION};
use crate::abi::Handle;

fn answer(window: Handle, message: u32) -> isize {
    match message {
        WM_NCCREATE | WM_QUERYENDSESSION => 1,
        WM_CLOSE => {
            DestroyWindow(window);
            0
        }
        // Nothing is drawn, and nothing is typed.
        _ => 0,
    }
}

/// `DefWindowProcA`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn DefWindowProcA(window: Handle, message: u32, _: usize, _: isize) -> isize {
    answer(window, message)
}

/// `DefWindowProcW`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn DefWindowProcW(window: Handle, message: u32, _: usize, _: isize) -> isize {
    answer(window, message)
}
