//! A thread's timers with a routine. The timer is an object that any thread may set, cancel or
//! look at; its routine stays here, where it is called and dropped, by its own thread only.

use super::{Apc, Engine, Mail, ThreadCore, is_current, with};
use crate::delivery::contain;
use crate::object::{Fired, Object, Serial};
use crate::sync;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

#[derive(Default)]
pub(super) struct Timers {
    entries: BTreeMap<Serial, Entry>,
    /// Those to look at, and when: neither queued nor running.
    due: BTreeSet<(Instant, Serial)>,
    /// Those that have run in a wait that still runs routines. They are not looked at before the outermost such wait is
    /// over, or another one begins inside: with a routine that takes longer than its period it would never be.
    ran: Vec<Serial>,
}

struct Entry {
    timer: Arc<Object>,
    /// Not here while it runs.
    routine: Option<Box<dyn FnMut()>>,
    /// Its key in `due`.
    due: Option<Instant>,
}

impl Timers {
    fn schedule(&mut self, serial: Serial, due: Instant) {
        if let Some(entry) = self.entries.get_mut(&serial) {
            entry.due = Some(due);
            self.due.insert((due, serial));
        }
    }

    /// What comes back is dropped when nothing is borrowed.
    fn remove(&mut self, serial: Serial) -> Option<Entry> {
        let entry = self.entries.remove(&serial)?;
        if let Some(due) = entry.due {
            self.due.remove(&(due, serial));
        }
        Some(entry)
    }
}

impl Engine {
    /// Keeps the routine of a timer that is due then.
    pub(crate) fn add_timer(
        &self,
        serial: Serial,
        timer: &Arc<Object>,
        due: Option<Instant>,
        routine: Box<dyn FnMut()>,
    ) {
        let mut timers = self.timers.borrow_mut();
        timers.entries.insert(serial, Entry { timer: Arc::clone(timer), routine: Some(routine), due: None });
        if let Some(due) = due {
            timers.schedule(serial, due);
        }
        self.note_due(&timers);
    }

    /// When the thread must look at its timers, at the latest.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.timer_due.get()
    }

    fn note_due(&self, timers: &Timers) {
        let due = timers.due.first().map(|(due, _)| *due);
        self.timer_due.set(due);
        self.core.set_timer_due(due);
    }

    /// Queues the routines of the timers that are due by `now`, in that order.
    pub(super) fn fire_timers(&self, now: Instant) {
        let mut timers = self.timers.borrow_mut();
        while let Some((due, serial)) = timers.due.first().copied().filter(|(due, _)| *due <= now) {
            timers.due.remove(&(due, serial));
            let Some(entry) = timers.entries.get_mut(&serial) else { continue };
            entry.due = None;
            match entry.timer.fired(serial, now) {
                Fired::Yes => self.queue.borrow_mut().push_back(Apc::Timer(serial)),
                Fired::At(due) => timers.schedule(serial, due),
                Fired::Never => {}
            }
        }
        self.note_due(&timers);
    }

    /// Runs the routine of a timer that has come due; `false` if that was taken back.
    pub(super) fn run_timer(&self, serial: Serial) -> bool {
        let ready = match self.timers.borrow_mut().entries.get_mut(&serial) {
            Some(entry) if entry.timer.begin(serial) => entry.routine.take(),
            _ => None,
        };
        let Some(routine) = ready else {
            // Whoever took it back has it dropped.
            return false;
        };
        let mut call = Call { engine: self, serial, routine, returned: false };
        (call.routine)();
        call.returned = true;
        true
    }

    /// Looks again at the timers whose routines have run: when the outermost wait is over, and when one begins inside.
    pub(crate) fn resume_timers(&self) {
        let mut timers = self.timers.borrow_mut();
        if timers.ran.is_empty() {
            return;
        }
        let now = sync::now();
        for index in 0..timers.ran.len() {
            let serial = timers.ran[index];
            match timers.entries.get(&serial).map_or(Fired::Never, |entry| entry.timer.fired(serial, now)) {
                Fired::Yes => self.queue.borrow_mut().push_back(Apc::Timer(serial)),
                Fired::At(due) => timers.schedule(serial, due),
                // It is about to be dropped.
                Fired::Never => {}
            }
        }
        timers.ran.clear();
        self.note_due(&timers);
    }

    /// Drops the routine of a timer that was set anew or cancelled.
    pub(super) fn drop_timer(&self, serial: Serial) {
        let mut timers = self.timers.borrow_mut();
        let entry = timers.remove(serial);
        self.note_due(&timers);
        drop(timers);
        drop(entry);
    }

    /// Cancels the thread's timers with a routine, at its end.
    pub(super) fn drop_timers(&self) {
        loop {
            let entry = self.timers.borrow_mut().entries.pop_first();
            let Some((serial, entry)) = entry else { break };
            entry.timer.unschedule_if(serial);
            contain(|| drop(entry));
        }
        let mut timers = self.timers.borrow_mut();
        timers.due.clear();
        self.note_due(&timers);
    }
}

/// A call of a timer's routine, which then goes back to its timer; not if it is over, or has panicked.
struct Call<'a> {
    engine: &'a Engine,
    serial: Serial,
    routine: Box<dyn FnMut()>,
    returned: bool,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let routine = std::mem::replace(&mut self.routine, Box::new(|| {}));
        let mut timers = self.engine.timers.borrow_mut();
        match timers.entries.get_mut(&self.serial) {
            Some(entry) if self.returned && entry.timer.is_set(self.serial) => {
                entry.routine = Some(routine);
                timers.ran.push(self.serial);
            }
            _ => {
                let over = (timers.remove(self.serial), routine);
                self.engine.note_due(&timers);
                // What is dropped may be the program's, and a panic of its own must not meet the one under way.
                drop(timers);
                if self.returned { drop(over) } else { contain(|| drop(over)) }
            }
        }
    }
}

/// Has the routine of a timer dropped: at once if it is the calling thread's.
pub(crate) fn discard_timer(owner: &Arc<ThreadCore>, serial: Serial) {
    if is_current(owner) {
        with(|engine| engine.drop_timer(serial));
    } else {
        // An ending thread drops all it has.
        let _ = owner.post(Mail::Discard(serial));
    }
}

#[cfg(test)]
mod tests {
    use crate::{Timer, alertable};
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    #[test]
    fn nothing_is_left_of_a_timer_whose_call_panicked() {
        for period in [None, Some(Duration::from_millis(1))] {
            let timer = Timer::manual();
            timer.set_with(Duration::ZERO, period, || panic!("this routine was made to fail")).expect("it is set");
            assert!(catch_unwind(AssertUnwindSafe(|| alertable::sleep(None))).is_err());
            assert_eq!(super::with(|engine| engine.timers.borrow().entries.len()), Some(0));
        }
    }
}
