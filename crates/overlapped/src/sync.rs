//! Locks, atomics, threads and time, as the engine takes them: std's, or under `--cfg loom` and `--cfg shuttle` those of
//! a model, in which every step that other threads can see is one that the model may put in another order.
//!
//! Owners (`Arc`) and what is set once (`OnceLock`) are std's under a model too: what they do is one step for others.

#[cfg_attr(any(loom, shuttle), path = "sync/model.rs")]
#[cfg_attr(not(any(loom, shuttle)), path = "sync/system.rs")]
pub(crate) mod kind;

pub(crate) use kind::{Condvar, Mutex, MutexGuard, Sleeper, atomic, bare, now, pause, thread, thread_local, wait};

use crate::fork;
use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Takes a lock, and ignores poisoning: no code of the program runs under a lock of this library, so a panic cannot leave
/// the guarded state half changed.
#[inline]
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    if fork::in_child() {
        return lock_in_child(mutex);
    }
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes a lock in a forked child, where one that another thread of the parent had is never given back: what it guards is
/// lost, and saying so is better than to hang.
///
/// # Panics
///
/// If it is not given back in a time in which any thread of the child would have.
#[cold]
fn lock_in_child<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    let patience = Instant::now() + Duration::from_secs(5);
    loop {
        match mutex.try_lock() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(poisoned)) => return poisoned.into_inner(),
            Err(TryLockError::WouldBlock) if Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(TryLockError::WouldBlock) => {
                panic!(
                    "another thread of the parent was using this object when the process forked: make a new one, or exec"
                )
            }
        }
    }
}

/// std's own under a model too: for statics, which outlive its runs, and for drivers, which it does not run. Nothing is
/// done under these locks that is a step of a model.
pub(crate) mod real {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    /// As [`lock`](super::lock).
    pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
