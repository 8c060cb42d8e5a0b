//! Locks, atomics, threads and time, as the engine takes them: std's, or under `--cfg loom` and `--cfg shuttle` those of
//! a model, in which every step that other threads can see is one that the model may put in another order.
//!
//! Owners (`Arc`) and what is set once (`OnceLock`) are std's under a model too: what they do is one step for others.

#[cfg_attr(any(loom, shuttle), path = "sync/model.rs")]
#[cfg_attr(not(any(loom, shuttle)), path = "sync/system.rs")]
pub(crate) mod kind;

pub(crate) use kind::{Condvar, Mutex, MutexGuard, atomic, bare, now, pause, thread, thread_local, wait};

use std::sync::PoisonError;

/// Takes a lock, and ignores poisoning: no code of the program runs under a lock of this library, so a panic cannot leave
/// the guarded state half changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
