//! Where a thread sleeps, and how it is woken.

use super::{check, core, join, spawn};
use crate::driver::Gate;
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::Relaxed;
use crate::sync::{Condvar, Mutex, lock, wait};
use std::sync::Arc;
use std::time::Duration;

/// A gate that keeps the contract and no more: a wake before `prepare` is forgotten.
#[derive(Default)]
struct Narrow {
    woken: Mutex<bool>,
    changed: Condvar,
    /// Whether a block ends for another reason, once: a completion.
    ends: Mutex<bool>,
}

impl Narrow {
    fn prepare(&self) {
        *lock(&self.woken) = false;
    }
}

impl Gate for Narrow {
    fn block(&self, _: Option<Duration>) {
        if std::mem::take(&mut *lock(&self.ends)) {
            return;
        }
        let mut woken = lock(&self.woken);
        while !*woken {
            woken = wait(&self.changed, &self.woken, woken, None);
        }
    }

    fn wake(&self) {
        *lock(&self.woken) = true;
        self.changed.notify_one();
    }
}

/// No wake-up is lost in the condition variable: whoever unparks a thread after he has changed something brings it to
/// look, whether it sleeps, is about to or is awake; and what was written before is seen.
#[test]
fn an_unpark_is_not_lost_in_the_condition_variable() {
    check(|| {
        let (core, flags) = (core(), Arc::new([AtomicBool::new(false), AtomicBool::new(false)]));
        let others = [0, 1].map(|index| {
            let (core, flags) = (Arc::clone(&core), Arc::clone(&flags));
            spawn(move || {
                flags[index].store(true, Relaxed);
                core.unpark();
            })
        });
        while !flags.iter().all(|flag| flag.load(Relaxed)) {
            core.park(None);
        }
        join(others);
    });
}

/// A park that returns was unparked: what the other had written is there.
#[test]
fn a_park_ends_only_when_somebody_wants_it() {
    check(|| {
        let (core, flag) = (core(), Arc::new(AtomicBool::new(false)));
        let other = spawn({
            let (core, flag) = (Arc::clone(&core), Arc::clone(&flag));
            move || {
                flag.store(true, Relaxed);
                core.unpark();
            }
        });
        core.park(None);
        assert!(flag.load(Relaxed));
        other.join().unwrap();
    });
}

/// No wake-up is lost in a driver: the place is known before it is announced, and prepared before that.
#[test]
fn an_unpark_is_not_lost_in_a_gate() {
    check(|| {
        let (core, flags) = (core(), Arc::new([AtomicBool::new(false), AtomicBool::new(false)]));
        let others = [0, 1].map(|index| {
            let (core, flags) = (Arc::clone(&core), Arc::clone(&flags));
            spawn(move || {
                flags[index].store(true, Relaxed);
                core.unpark();
            })
        });
        let narrow = Arc::new(Narrow::default());
        let gate: Arc<dyn Gate> = narrow.clone();
        while !flags.iter().all(|flag| flag.load(Relaxed)) {
            narrow.prepare();
            core.park_in(&gate, || gate.block(None));
        }
        join(others);
    });
}

/// A thread that leaves a driver for a completion and sleeps elsewhere has either seen the unpark or is woken by it.
#[test]
fn an_unpark_follows_to_another_place() {
    check(|| {
        let (core, flag) = (core(), Arc::new(AtomicBool::new(false)));
        let other = spawn({
            let (core, flag) = (Arc::clone(&core), Arc::clone(&flag));
            move || {
                flag.store(true, Relaxed);
                core.unpark();
            }
        });
        let narrow = Arc::new(Narrow { ends: Mutex::new(true), ..Narrow::default() });
        let gate: Arc<dyn Gate> = narrow.clone();
        narrow.prepare();
        core.park_in(&gate, || gate.block(None));
        while !flag.load(Relaxed) {
            core.park(None);
        }
        other.join().unwrap();
    });
}
