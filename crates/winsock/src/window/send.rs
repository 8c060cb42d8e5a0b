//! Sending messages: the procedure of the window is called, on its own thread, and its sender waits for the answer.

use super::inbox::{self, Letter, Own, Sent};
use super::layout::{Msg, WM_TIMER};
use super::{post, table};
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{self, Code};
use overlapped::face::messages;
use overlapped::{Waited, wait};

fn send(window: Handle, number: u32, word: usize, parameter: isize) -> Result<isize, Code> {
    let to = table::get(window).ok_or(ERROR_INVALID_WINDOW_HANDLE)?;
    if to.is_own() {
        return Ok(to.call(number, word, parameter));
    }
    let own = inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
    let (sent, answer) = Sent::new(post::message(window, number, word, parameter));
    to.inbox.put(Letter::Sent(sent)).map_err(|_| ERROR_INVALID_WINDOW_HANDLE)?;
    loop {
        // Who waits answers what others send meanwhile: they may wait for each other.
        match wait::any(&[&answer.given, &own.inbox.arrived], None) {
            Ok(Waited::Object(0)) => return Ok(answer.value()),
            Ok(_) => own.inbox.arrived.reset(),
            Err(error) => return Err(error::code(&error)),
        };
        own.answer();
    }
}

impl Own {
    /// Calls the procedures of windows for what others have sent to them.
    pub(super) fn answer(&self) {
        while let Some(letter) = messages::take(&self.queue, |letter| matches!(letter, Letter::Sent(_))) {
            if let Letter::Sent(sent) = letter {
                let Msg { window, message, word, parameter, .. } = sent.message;
                if let Some(window) = table::get(window).filter(|window| window.is_own()) {
                    sent.answer(window.call(message, word, parameter));
                }
            }
        }
    }
}

fn noted(answer: Result<isize, Code>) -> isize {
    answer.unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

/// `SendMessageA`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn SendMessageA(window: Handle, number: u32, word: usize, parameter: isize) -> isize {
    noted(send(window, number, word, parameter))
}

/// `SendMessageW`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn SendMessageW(window: Handle, number: u32, word: usize, parameter: isize) -> isize {
    noted(send(window, number, word, parameter))
}

/// # Safety
///
/// Null or a message.
unsafe fn dispatch(message: *const Msg) -> isize {
    // SAFETY: the caller's promise.
    let Some(message) = (unsafe { message.as_ref() }).copied() else { return noted(Err(ERROR_NOACCESS)) };
    if message.message == WM_TIMER && message.parameter != 0 {
        inbox::own().inspect(|own| own.call_timer(&message));
        return 0;
    }
    if message.window == 0 {
        return 0;
    }
    match table::get(message.window) {
        Some(window) if window.is_own() => window.call(message.message, message.word, message.parameter),
        Some(_) => 0,
        None => noted(Err(ERROR_INVALID_WINDOW_HANDLE)),
    }
}

/// `DispatchMessageA`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn DispatchMessageA(message: *const Msg) -> isize {
    // SAFETY: what the program promises.
    unsafe { dispatch(message) }
}

/// `DispatchMessageW`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn DispatchMessageW(message: *const Msg) -> isize {
    // SAFETY: what the program promises.
    unsafe { dispatch(message) }
}
