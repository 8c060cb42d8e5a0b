//! Every wait of the program, and whether what it says is true.

use std::cell::Cell;
use std::time::{Duration, Instant};

use overlapped::{Result, Signal, Waitable, Waited, alertable, wait};

use super::model::{FOR_EVER, WAITS, count};
use super::watchdog;

thread_local! {
    /// Routines may run now: in alertable waits, and before a thread has begun.
    static OPEN: Cell<bool> = const { Cell::new(true) };
    static RAN: Cell<u64> = const { Cell::new(0) };
}

/// A routine or APC that runs; hold it to its end.
#[must_use]
pub(super) struct Running(String);

impl Running {
    pub(super) fn enter() -> Self {
        assert!(OPEN.replace(false), "a routine runs outside of the alertable waits of its thread");
        RAN.set(RAN.get() + 1);
        Self(watchdog::interrupt())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        OPEN.set(true);
        let before = std::mem::take(&mut self.0);
        watchdog::at(|| before);
    }
}

/// The function of a thread begins; what was queued to it has run.
pub(super) fn begin_thread(name: String) {
    watchdog::name(name);
    OPEN.set(false);
}

#[derive(Clone, Copy)]
pub(super) struct How {
    pub(super) alertable: bool,
    pub(super) timeout: Option<Duration>,
}

impl How {
    fn call(self, wait: impl FnOnce() -> Result<Waited>) -> Waited {
        count(&WAITS);
        if self.timeout.is_none() {
            count(&FOR_EVER);
        }
        let ran = RAN.get();
        let open = OPEN.replace(self.alertable);
        let began = Instant::now();
        let waited = wait().expect("nothing is wrong with the wait");
        OPEN.set(open);
        let ran = RAN.get() - ran;
        match waited {
            Waited::Routines => assert!(self.alertable && ran > 0, "no routine has run"),
            _ => assert_eq!(ran, 0, "a wait that ran routines says {waited:?}"),
        }
        if waited == Waited::TimedOut {
            assert!(self.timeout.is_some_and(|timeout| began.elapsed() >= timeout), "the time was not over");
        }
        waited
    }

    pub(super) fn sleep(self) -> Waited {
        self.call(|| alertable::sleep(self.timeout))
    }

    pub(super) fn one(self, object: &dyn Waitable) -> Waited {
        self.call(
            || if self.alertable { alertable::one(object, self.timeout) } else { wait::one(object, self.timeout) },
        )
    }

    pub(super) fn any(self, objects: &[&dyn Waitable]) -> Waited {
        self.call(
            || if self.alertable { alertable::any(objects, self.timeout) } else { wait::any(objects, self.timeout) },
        )
    }

    pub(super) fn all(self, objects: &[&dyn Waitable]) -> Waited {
        self.call(
            || if self.alertable { alertable::all(objects, self.timeout) } else { wait::all(objects, self.timeout) },
        )
    }

    pub(super) fn signal_and_wait(self, signal: &dyn Signal, object: &dyn Waitable) -> Waited {
        self.call(|| {
            let wait = if self.alertable { alertable::signal_and_wait } else { wait::signal_and_wait };
            wait(signal, object, self.timeout)
        })
    }
}
