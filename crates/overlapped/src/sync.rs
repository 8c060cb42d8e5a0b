//! Locks that ignore poisoning.
//!
//! No code of the program runs under a lock of this library, so a panic cannot leave the guarded
//! state half changed.

use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
