//! Posting messages: they lie in the queue of a thread until it takes them.

use super::create::HWND_MESSAGE;
use super::inbox::{self, Inbox, Letter};
use super::layout::Msg;
use super::table;
use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes::*;
use crate::error::{self, Code};
use crate::system::clock::GetTickCount;

/// `HWND_BROADCAST`.
const HWND_BROADCAST: Handle = 0xFFFF;

pub(super) fn message(window: Handle, message: u32, word: usize, parameter: isize) -> Msg {
    Msg { window, message, word, parameter, time: GetTickCount(), point: [0; 2] }
}

fn put(inbox: &Inbox, message: Msg) -> Result<(), Code> {
    inbox.put(Letter::Posted(message))
}

/// Posts a message to a window.
pub(crate) fn post(window: Handle, number: u32, word: usize, parameter: isize) -> Result<(), Code> {
    let to = table::get(window).ok_or(ERROR_INVALID_WINDOW_HANDLE)?;
    put(&to.inbox, message(window, number, word, parameter)).map_err(|_| ERROR_INVALID_WINDOW_HANDLE)
}

fn post_anywhere(window: Handle, number: u32, word: usize, parameter: isize) -> Result<(), Code> {
    match window {
        // To the thread itself.
        0 => put(&inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?.inbox, message(0, number, word, parameter)),
        HWND_BROADCAST => {
            for window in table::filtered(|window| window.parent != HWND_MESSAGE) {
                let _ = post(window.number, number, word, parameter);
            }
            Ok(())
        }
        _ => post(window, number, word, parameter),
    }
}

fn done(result: Result<(), Code>) -> Bool {
    result.map_or_else(error::no, |()| TRUE)
}

/// `PostMessageA`.
#[unsafe(no_mangle)]
pub extern "C" fn PostMessageA(window: Handle, number: u32, word: usize, parameter: isize) -> Bool {
    done(post_anywhere(window, number, word, parameter))
}

/// `PostMessageW`.
#[unsafe(no_mangle)]
pub extern "C" fn PostMessageW(window: Handle, number: u32, word: usize, parameter: isize) -> Bool {
    done(post_anywhere(window, number, word, parameter))
}

/// To a thread that has a queue: one that has called for a message, or made a window.
fn post_thread(thread: Dword, number: u32, word: usize, parameter: isize) -> Result<(), Code> {
    put(&*inbox::of(thread).ok_or(ERROR_INVALID_THREAD_ID)?, message(0, number, word, parameter))
}

/// `PostThreadMessageA`.
#[unsafe(no_mangle)]
pub extern "C" fn PostThreadMessageA(thread: Dword, number: u32, word: usize, parameter: isize) -> Bool {
    done(post_thread(thread, number, word, parameter))
}

/// `PostThreadMessageW`.
#[unsafe(no_mangle)]
pub extern "C" fn PostThreadMessageW(thread: Dword, number: u32, word: usize, parameter: isize) -> Bool {
    done(post_thread(thread, number, word, parameter))
}

/// `PostQuitMessage`.
#[unsafe(no_mangle)]
pub extern "C" fn PostQuitMessage(code: i32) {
    if let Some(own) = inbox::own() {
        own.inbox.quit(code);
    }
}
