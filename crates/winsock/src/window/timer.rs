//! `SetTimer`: timers that become messages when their thread looks.

use super::inbox::{self, QS_TIMER};
use super::layout::{Msg, TimerProcedure, WM_TIMER};
use super::table;
use crate::abi::{Bool, Handle, TRUE};
use crate::codes::*;
use crate::error::{self, Code};
use crate::system::clock::GetTickCount;
use std::time::{Duration, Instant};

/// `USER_TIMER_MINIMUM` and `USER_TIMER_MAXIMUM`, in milliseconds.
const SHORTEST: u32 = 10;
const LONGEST: u32 = 0x7FFF_FFFF;

struct Timer {
    window: Handle,
    identifier: usize,
    period: Duration,
    due: Instant,
    /// It was due, and nobody has taken its message.
    pending: bool,
    routine: Option<TimerProcedure>,
}

impl Timer {
    fn routine(&self) -> isize {
        self.routine.map_or(0, |routine| routine as usize as isize)
    }
}

/// The timers of a thread.
#[derive(Default)]
pub(super) struct Timers {
    all: Vec<Timer>,
    /// The last identifier that was given out.
    last: usize,
}

impl Timers {
    fn place(&self, window: Handle, identifier: usize) -> Option<usize> {
        self.all.iter().position(|timer| timer.window == window && timer.identifier == identifier)
    }

    pub(super) fn forget(&mut self, window: Handle) {
        self.all.retain(|timer| timer.window != window);
    }

    /// When the next one is due that was not yet.
    pub(super) fn next(&self) -> Option<Instant> {
        self.all.iter().filter(|timer| !timer.pending).map(|timer| timer.due).min()
    }

    /// Notes those that are due; whether there is one.
    fn look(&mut self) -> bool {
        let now = Instant::now();
        let mut new = false;
        for timer in self.all.iter_mut().filter(|timer| !timer.pending && timer.due <= now) {
            timer.pending = true;
            // One that was missed is not made up for.
            timer.due = now + timer.period;
            new = true;
        }
        new
    }

    /// The message of one that was due, if it is wanted.
    fn message(&mut self, wanted: impl Fn(&Msg) -> bool, take: bool) -> Option<Msg> {
        self.all.iter_mut().filter(|timer| timer.pending).find_map(|timer| {
            let message = Msg {
                window: timer.window,
                message: WM_TIMER,
                word: timer.identifier,
                parameter: timer.routine(),
                time: GetTickCount(),
                point: [0; 2],
            };
            let wanted = wanted(&message);
            timer.pending &= !(wanted && take);
            wanted.then_some(message)
        })
    }

    fn has_pending(&self) -> bool {
        self.all.iter().any(|timer| timer.pending)
    }
}

impl inbox::Own {
    /// Notes the timers that are due.
    pub(super) fn look_at_timers(&self) {
        if self.timers.borrow_mut().look() {
            self.inbox.change(QS_TIMER);
        }
    }

    pub(super) fn timer_message(&self, wanted: impl Fn(&Msg) -> bool, take: bool) -> Option<Msg> {
        self.timers.borrow_mut().message(wanted, take)
    }

    pub(super) fn has_timer_message(&self) -> bool {
        self.timers.borrow().has_pending()
    }

    /// How long it takes to the next.
    pub(super) fn next_timer(&self) -> Option<Duration> {
        self.timers.borrow().next().map(|due| due.saturating_duration_since(Instant::now()))
    }

    /// Calls the routine of a timer's message, if there is such a timer.
    pub(super) fn call_timer(&self, message: &Msg) {
        let timers = self.timers.borrow();
        let routine = timers.all.iter().find(|timer| timer.routine() == message.parameter);
        let routine = routine.and_then(|timer| timer.routine);
        drop(timers);
        if let Some(routine) = routine {
            // SAFETY: the program's function, for its timer.
            unsafe { routine(message.window, WM_TIMER, message.word, GetTickCount()) };
        }
    }
}

/// `SetTimer`.
#[unsafe(no_mangle)]
pub extern "C" fn SetTimer(
    window: Handle,
    identifier: usize,
    milliseconds: u32,
    routine: Option<TimerProcedure>,
) -> usize {
    set(window, identifier, milliseconds, routine).unwrap_or_else(|code| {
        error::set_last(code);
        0
    })
}

fn set(window: Handle, identifier: usize, milliseconds: u32, routine: Option<TimerProcedure>) -> Result<usize, Code> {
    if window != 0 && !table::get(window).ok_or(ERROR_INVALID_WINDOW_HANDLE)?.is_own() {
        return Err(ERROR_WINDOW_OF_OTHER_THREAD);
    }
    let own = inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
    let mut timers = own.timers.borrow_mut();
    let milliseconds = if milliseconds > LONGEST { SHORTEST } else { milliseconds.max(SHORTEST) };
    let period = Duration::from_millis(milliseconds.into());
    let place = timers.place(window, identifier);
    // Without a window, one that is not there yet gets an identifier of ours.
    let identifier = if window == 0 && place.is_none() {
        loop {
            timers.last = timers.last.wrapping_add(1).max(1);
            if timers.place(0, timers.last).is_none() {
                break timers.last;
            }
        }
    } else {
        identifier
    };
    let timer = Timer { window, identifier, period, due: Instant::now() + period, pending: false, routine };
    match place.and_then(|place| timers.all.get_mut(place)) {
        Some(place) => *place = timer,
        None => timers.all.push(timer),
    }
    // A window's timer may have the identifier 0, which would look like a failure.
    Ok(identifier.max(1))
}

/// `KillTimer`: what it has become already stays in the queue on Windows; here there is nothing of it.
#[unsafe(no_mangle)]
pub extern "C" fn KillTimer(window: Handle, identifier: usize) -> Bool {
    let Some(own) = inbox::own() else { return error::no(ERROR_INVALID_PARAMETER) };
    let mut timers = own.timers.borrow_mut();
    match timers.place(window, identifier) {
        Some(place) => {
            timers.all.remove(place);
            TRUE
        }
        None => error::no(ERROR_INVALID_PARAMETER),
    }
}
