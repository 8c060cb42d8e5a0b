//! Taking messages from the queue of the calling thread.

use super::inbox::{self, Letter, Own, QS_ALLPOSTMESSAGE, QS_POSTMESSAGE, QS_SENDMESSAGE, QS_TIMER};
use super::layout::{Msg, WM_QUIT};
use super::{post, table};
use crate::abi::{Bool, Dword, FALSE, Handle, TRUE};
use crate::codes::*;
use crate::error::{self, Code};
use overlapped::face::messages;
use overlapped::wait;

/// `PM_REMOVE`.
const PM_REMOVE: u32 = 1;

/// Which messages are wanted.
struct Filter {
    window: Handle,
    first: u32,
    last: u32,
}

/// Instead of a window: what was posted to the thread itself.
const THREAD_ONLY: Handle = usize::MAX;

impl Filter {
    fn new(window: Handle, first: u32, last: u32) -> Result<Self, Code> {
        if window != 0 && window != THREAD_ONLY && !table::exists(window) {
            return Err(ERROR_INVALID_WINDOW_HANDLE);
        }
        Ok(Self { window, first, last })
    }

    fn wants(&self, message: &Msg) -> bool {
        let window = match self.window {
            0 => true,
            THREAD_ONLY => message.window == 0,
            window => message.window == window || is_inside(message.window, window),
        };
        let all = self.first == 0 && self.last == 0;
        window && (all || (self.first..=self.last).contains(&message.message))
    }
}

/// Whether a window is in another one.
fn is_inside(window: Handle, other: Handle) -> bool {
    window != 0 && table::get(window).is_some_and(|window| window.parent == other)
}

impl Own {
    /// The next message that is wanted, if there is one. What others have sent is answered first.
    fn next(&self, filter: &Filter, take: bool) -> Option<Msg> {
        self.look_at_timers();
        self.inbox.look(u32::MAX);
        self.answer();
        let posted = || {
            let message = messages::peek(&self.queue, |letter| match letter {
                Letter::Posted(message) if filter.wants(message) => Some(*message),
                _ => None,
            })?;
            if take {
                messages::take(&self.queue, |letter| matches!(letter, Letter::Posted(other) if *other == message));
            }
            Some(message)
        };
        let quit = || {
            let code = messages::quit(&self.queue, take)?;
            Some(post::message(0, WM_QUIT, code as usize, 0))
        };
        let timer = || self.timer_message(|message| filter.wants(message), take);
        posted().or_else(quit).or_else(timer)
    }

    /// Waits until something has come, or a timer is due.
    fn wait(&self) -> Result<(), Code> {
        wait::one(&self.inbox.arrived, self.next_timer()).map(drop).map_err(|error| error::code(&error))
    }

    /// Whether something of these kinds has come since the thread last looked, and is still there.
    pub(super) fn has_new(&self, kinds: u32) -> bool {
        let changed = self.inbox.changed() & kinds;
        changed != 0 && self.present() & changed != 0
    }

    /// What lies there (`QS_…`).
    pub(super) fn present(&self) -> u32 {
        let sent = messages::peek(&self.queue, |letter| matches!(letter, Letter::Sent(_)).then_some(()));
        let posted = messages::peek(&self.queue, |letter| matches!(letter, Letter::Posted(_)).then_some(()))
            .or_else(|| messages::quit(&self.queue, false).map(drop));
        let mut present = 0;
        for (there, kind) in [
            (sent.is_some(), QS_SENDMESSAGE),
            (posted.is_some(), QS_POSTMESSAGE | QS_ALLPOSTMESSAGE),
            (self.has_timer_message(), QS_TIMER),
        ] {
            present |= if there { kind } else { 0 };
        }
        present
    }
}

/// # Safety
///
/// `to` is null or a place for a message.
unsafe fn get(to: *mut Msg, window: Handle, first: u32, last: u32) -> Result<Bool, Code> {
    if to.is_null() {
        return Err(ERROR_NOACCESS);
    }
    let filter = Filter::new(window, first, last)?;
    let own = inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
    let message = loop {
        match own.next(&filter, true) {
            Some(message) => break message,
            None => own.wait()?,
        }
    };
    // SAFETY: not null, so it is the program's place.
    unsafe { to.write_unaligned(message) };
    Ok(if message.message == WM_QUIT { FALSE } else { TRUE })
}

fn failed(code: Code) -> Bool {
    error::set_last(code);
    -1
}

/// `GetMessageA`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GetMessageA(to: *mut Msg, window: Handle, first: u32, last: u32) -> Bool {
    // SAFETY: what the program promises.
    unsafe { get(to, window, first, last) }.unwrap_or_else(failed)
}

/// `GetMessageW`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn GetMessageW(to: *mut Msg, window: Handle, first: u32, last: u32) -> Bool {
    // SAFETY: what the program promises.
    unsafe { get(to, window, first, last) }.unwrap_or_else(failed)
}

/// # Safety
///
/// `to` is null or a place for a message.
unsafe fn peek(to: *mut Msg, window: Handle, first: u32, last: u32, flags: u32) -> Result<Bool, Code> {
    if to.is_null() {
        return Err(ERROR_NOACCESS);
    }
    let filter = Filter::new(window, first, last)?;
    let own = inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
    let take = flags & PM_REMOVE != 0;
    let message = own.next(&filter, take).or_else(|| {
        // What has happened to sockets becomes messages now.
        overlapped::face::poll();
        own.next(&filter, take)
    });
    let Some(message) = message else { return Ok(FALSE) };
    // SAFETY: not null, so it is the program's place.
    unsafe { to.write_unaligned(message) };
    Ok(TRUE)
}

/// `PeekMessageA`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn PeekMessageA(to: *mut Msg, window: Handle, first: u32, last: u32, flags: u32) -> Bool {
    // SAFETY: what the program promises.
    unsafe { peek(to, window, first, last, flags) }.unwrap_or_else(error::no)
}

/// `PeekMessageW`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn PeekMessageW(to: *mut Msg, window: Handle, first: u32, last: u32, flags: u32) -> Bool {
    // SAFETY: what the program promises.
    unsafe { peek(to, window, first, last, flags) }.unwrap_or_else(error::no)
}

/// `WaitMessage`: until something comes that is not there yet.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitMessage() -> Bool {
    let Some(own) = inbox::own() else { return error::no(ERROR_NOT_ENOUGH_MEMORY) };
    loop {
        own.answer();
        own.look_at_timers();
        if own.has_new(!QS_SENDMESSAGE) {
            own.inbox.look(u32::MAX);
            return TRUE;
        }
        own.inbox.look(QS_SENDMESSAGE);
        if let Err(code) = own.wait() {
            return error::no(code);
        }
    }
}

/// `GetQueueStatus`: above what is there, below what has come since the thread last looked.
#[unsafe(no_mangle)]
pub extern "C" fn GetQueueStatus(kinds: u32) -> Dword {
    let Some(own) = inbox::own() else { return 0 };
    overlapped::face::poll();
    own.look_at_timers();
    let new = own.inbox.look(kinds);
    (own.present() & kinds) << 16 | new
}

/// `TranslateMessage`: there are no keys to translate.
#[unsafe(no_mangle)]
pub extern "C" fn TranslateMessage(_: *const Msg) -> Bool {
    FALSE
}
