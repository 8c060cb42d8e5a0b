//! What makes an object a timer. No thread watches over timers: whoever looks when one is due
//! signals it, and a wait that includes one blocks no longer than until then.

use super::{Kind, Object, Special, State};
use crate::sync;
use crate::thread::ThreadCore;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Default)]
pub(super) struct Schedule {
    due: Option<Instant>,
    period: Option<Duration>,
    routine: Option<RoutineOf>,
}

/// Names one setting of a timer with a routine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Serial(pub(crate) u64);

/// Where a timer's routine is. The routine itself never leaves its thread.
struct RoutineOf {
    thread: Arc<ThreadCore>,
    serial: Serial,
    /// It has come due, and the thread has not seen that yet.
    pending: bool,
}

/// What a thread finds of a timer with a routine of its own.
pub(crate) enum Fired {
    /// It has come due since the thread looked last.
    Yes,
    /// It comes due then.
    At(Instant),
    /// It was set anew or cancelled, or is not due again.
    Never,
}

impl Schedule {
    /// Whether it has come due. The next time follows from the last one, so that nothing drifts.
    fn expire(&mut self, now: Instant) -> bool {
        let Some(due) = self.due.filter(|due| *due <= now) else { return false };
        self.due = self.period.and_then(|period| next(due, period, now));
        if let Some(routine) = &mut self.routine {
            routine.pending = true;
        }
        true
    }

    fn routine(&mut self, serial: Serial) -> Option<&mut RoutineOf> {
        self.routine.as_mut().filter(|routine| routine.serial == serial)
    }
}

/// The first time after `now` that is a whole number of periods after `due`.
fn next(due: Instant, period: Duration, now: Instant) -> Option<Instant> {
    let into = now.duration_since(due).as_nanos() % period.as_nanos();
    let into = Duration::new((into / 1_000_000_000) as u64, (into % 1_000_000_000) as u32);
    now.checked_add(period - into)
}

impl Object {
    pub(crate) fn timer(auto: bool) -> Self {
        Self::with(Kind::Timer, auto, 0, Special::Timer(Box::default()))
    }

    /// Sets a timer anew, without a period if that is zero. A routine that it had must be
    /// [discarded](Replaced::discard).
    pub(crate) fn schedule(
        &self,
        due: Option<Instant>,
        period: Option<Duration>,
        routine: Option<(&Arc<ThreadCore>, Serial)>,
    ) -> Option<Replaced> {
        let mut state = self.lock();
        let Special::Timer(schedule) = &mut state.special else { return None };
        let sooner = due.is_some_and(|due| schedule.due.is_none_or(|before| due < before));
        let routine = routine.map(|(thread, serial)| RoutineOf { thread: Arc::clone(thread), serial, pending: false });
        let period = period.filter(|period| !period.is_zero());
        let before = std::mem::replace(&mut **schedule, Schedule { due, period, routine });
        self.take_back(&mut state);
        self.expire(&mut state, sync::now());
        if sooner {
            // They block no longer than until it was due before.
            let State { waiters, wakes, .. } = &mut *state;
            waiters.iter().for_each(|waiter| wakes.add(&waiter.thread));
        }
        before.routine.map(|routine| Replaced { thread: routine.thread, serial: routine.serial })
    }

    /// Takes back what a timer was set to; it stays signalled if it is. As for
    /// [`schedule`](Self::schedule), the routine must be discarded.
    pub(crate) fn unschedule(&self) -> Option<Replaced> {
        let mut state = self.lock();
        let Special::Timer(schedule) = &mut state.special else { return None };
        let before = std::mem::take(&mut **schedule);
        before.routine.map(|routine| Replaced { thread: routine.thread, serial: routine.serial })
    }

    /// Cancels a timer unless it was set anew since.
    pub(crate) fn unschedule_if(&self, serial: Serial) {
        let mut state = self.lock();
        if let Special::Timer(schedule) = &mut state.special {
            if schedule.routine(serial).is_some() {
                **schedule = Schedule::default();
            }
        }
    }

    /// Signals a timer that is due; when it is due next.
    #[inline]
    pub(crate) fn look(&self) -> Option<Instant> {
        if self.kind != Kind::Timer {
            return None;
        }
        match &self.current().special {
            Special::Timer(schedule) => schedule.due,
            _ => None,
        }
    }

    /// Signals a timer that is due by `now`, and tells the routine's thread how that stands.
    pub(crate) fn fired(&self, serial: Serial, now: Instant) -> Fired {
        let mut state = self.lock();
        self.expire(&mut state, now);
        let Special::Timer(schedule) = &mut state.special else { return Fired::Never };
        match schedule.routine(serial) {
            None => Fired::Never,
            Some(routine) if routine.pending => {
                routine.pending = false;
                Fired::Yes
            }
            Some(_) => schedule.due.map_or(Fired::Never, Fired::At),
        }
    }

    /// Whether the timer still has this routine.
    pub(crate) fn is_set(&self, serial: Serial) -> bool {
        match &mut self.lock().special {
            Special::Timer(schedule) => schedule.routine(serial).is_some(),
            _ => false,
        }
    }

    /// The routine is about to run: whether it still is to. What came due until now is one call.
    pub(crate) fn begin(&self, serial: Serial) -> bool {
        let mut state = self.current();
        let Special::Timer(schedule) = &mut state.special else { return false };
        let Some(routine) = schedule.routine(serial) else { return false };
        routine.pending = false;
        if schedule.due.is_none() {
            schedule.routine = None;
        }
        true
    }

    #[cold]
    pub(super) fn expire(&self, state: &mut State, now: Instant) {
        if let Special::Timer(schedule) = &mut state.special {
            if schedule.expire(now) {
                self.signal(state);
            }
        }
    }
}

/// The routine that a timer had.
pub(crate) struct Replaced {
    thread: Arc<ThreadCore>,
    serial: Serial,
}

impl Replaced {
    /// Has it dropped by its thread. Drops of the program may run here: no lock is held.
    pub(crate) fn discard(self) {
        crate::thread::discard_timer(&self.thread, self.serial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_is_a_whole_number_of_periods_away() {
        let due = Instant::now();
        let period = Duration::from_millis(10);
        assert_eq!(next(due, period, due), Some(due + period));
        assert_eq!(next(due, period, due + Duration::from_millis(9)), Some(due + period));
        assert_eq!(next(due, period, due + Duration::from_millis(35)), Some(due + 4 * period));
        assert_eq!(next(due, Duration::MAX, due + period), due.checked_add(Duration::MAX));
    }

    #[test]
    fn what_was_missed_counts_once() {
        let timer = Object::timer(true);
        let thread = Arc::new(ThreadCore::new());
        let due = Instant::now() - Duration::from_millis(25);
        assert!(timer.schedule(Some(due), Some(Duration::from_secs(10)), Some((&thread, Serial(7)))).is_none());
        assert!(timer.take(&thread));
        assert!(!timer.take(&thread));
        assert_eq!(timer.look(), Some(due + Duration::from_secs(10)));
        assert!(matches!(timer.fired(Serial(7), Instant::now()), Fired::Yes));
        assert!(matches!(timer.fired(Serial(7), Instant::now()), Fired::At(_)));
        assert!(matches!(timer.fired(Serial(8), Instant::now()), Fired::Never));
    }
}
