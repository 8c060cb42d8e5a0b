//! What the system has: std's.

pub(crate) use crate::driver::system::Sleeper;
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard, atomic};
pub(crate) use std::{thread, thread_local};

use std::sync::PoisonError;
use std::time::{Duration, Instant};

pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Waits for a condition variable, no longer than that; may return for nothing. The guard is that of `_mutex`.
pub(crate) fn wait<'a, T>(
    condvar: &Condvar,
    _mutex: &'a Mutex<T>,
    guard: MutexGuard<'a, T>,
    left: Option<Duration>,
) -> MutexGuard<'a, T> {
    match left {
        None => condvar.wait(guard).unwrap_or_else(PoisonError::into_inner),
        Some(left) => condvar.wait_timeout(guard, left).unwrap_or_else(PoisonError::into_inner).0,
    }
}

/// Lets others go on for about so long.
pub(crate) fn pause(time: Duration) {
    if time.is_zero() { thread::yield_now() } else { thread::sleep(time) }
}

/// A cell of each thread without destructor, which can be used at any time of the thread's end.
///
/// What std makes of it has one on some targets all the same, so where a pointer must outlast everything, on Windows it
/// lies with the system.
macro_rules! bare {
    ($(#[$attribute:meta])* static $name:ident: *const $type:ty = $first:expr;) => {
        #[cfg(windows)]
        $(#[$attribute])*
        static $name: $crate::driver::system::Bare<*const $type> = $crate::driver::system::Bare::new($first);
        #[cfg(not(windows))]
        std::thread_local! {
            $(#[$attribute])*
            static $name: std::cell::Cell<*const $type> = const { std::cell::Cell::new($first) };
        }
    };
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $first:expr;) => {
        std::thread_local! {
            $(#[$attribute])*
            static $name: std::cell::Cell<$type> = const { std::cell::Cell::new($first) };
        }
    };
}
pub(crate) use bare;
