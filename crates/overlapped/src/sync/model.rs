//! What a model has in their place: loom's, which tries every order of steps within its bounds, or shuttle's, which tries
//! many at random.

#[cfg(loom)]
pub(crate) use loom::{
    sync::{Condvar, Mutex, MutexGuard, atomic},
    thread,
};
#[cfg(shuttle)]
pub(crate) use shuttle::{
    sync::{Condvar, Mutex, MutexGuard, atomic},
    thread,
};

use std::cell::Cell;
use std::sync::{OnceLock, PoisonError};
use std::time::{Duration, Instant};

std::thread_local! {
    /// How much of the model's time is over; all its threads are one of the system's.
    static CLOCK: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Time stands still but for those who wait for it.
pub(crate) fn now() -> Instant {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    *BEGIN.get_or_init(Instant::now) + CLOCK.get()
}

/// A wait with a time ends at once, and its time with it: others may come between or not, which is all that time is.
pub(crate) fn wait<'a, T>(
    condvar: &Condvar,
    mutex: &'a Mutex<T>,
    guard: MutexGuard<'a, T>,
    left: Option<Duration>,
) -> MutexGuard<'a, T> {
    let Some(left) = left else { return condvar.wait(guard).unwrap_or_else(PoisonError::into_inner) };
    drop(guard);
    pause(left);
    super::lock(mutex)
}

pub(crate) fn pause(time: Duration) {
    thread::yield_now();
    CLOCK.set(CLOCK.get() + time);
}

/// Every thread of a model sleeps as far as others can see.
pub(crate) struct Sleeper;

impl Sleeper {
    pub(crate) fn current() -> Self {
        Self
    }

    pub(crate) fn sleeps(&self) -> bool {
        true
    }
}

/// loom's knows no `const`.
macro_rules! locals {
    ($($(#[$attribute:meta])* static $name:ident: $type:ty = const { $first:expr };)*) => {
        #[cfg(loom)]
        loom::thread_local! { $($(#[$attribute])* static $name: $type = $first;)* }
        #[cfg(shuttle)]
        shuttle::thread_local! { $($(#[$attribute])* static $name: $type = $first;)* }
    };
}
pub(crate) use locals as thread_local;

macro_rules! bare {
    ($(#[$attribute:meta])* static $name:ident: $type:ty = $first:expr;) => {
        $(#[$attribute])*
        static $name: $crate::sync::kind::Bare<$type> = $crate::sync::kind::Bare(|| $first);
    };
}
pub(crate) use bare;

/// A cell of each thread of a model, one of a type, with what it holds first.
pub(crate) struct Bare<T: 'static>(pub(crate) fn() -> T);

impl<T: Copy + 'static> Bare<T> {
    pub(crate) fn get(&'static self) -> T {
        place::get().unwrap_or_else(self.0)
    }

    pub(crate) fn set(&'static self, value: T) {
        place::set(value);
    }

    pub(crate) fn replace(&'static self, value: T) -> T {
        let before = self.get();
        self.set(value);
        before
    }
}

/// Where such cells lie: with the thread itself, since its thread-locals all have destructors.
#[cfg(shuttle)]
mod place {
    use shuttle::current::{TaskId, get_label_for_task, me, set_label_for_task};
    use std::fmt;

    /// A new thread gets a copy of what its parent has, which is not its own.
    #[derive(Clone)]
    struct Label<T>(TaskId, T);

    impl<T> fmt::Debug for Label<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Label")
        }
    }

    pub(super) fn get<T: Copy + 'static>() -> Option<T> {
        get_label_for_task::<Label<T>>(me()).filter(|label| label.0 == me()).map(|label| label.1)
    }

    pub(super) fn set<T: Copy + 'static>(value: T) {
        set_label_for_task(me(), Label(me(), value));
    }
}

/// Where such cells lie: loom's thread-locals are gone when the first of their destructors runs.
#[cfg(loom)]
mod place {
    use loom::thread::{ThreadId, current};
    use std::any::{Any, TypeId};
    use std::cell::RefCell;
    use std::collections::HashMap;

    std::thread_local! {
        static CELLS: RefCell<HashMap<(TypeId, ThreadId), Box<dyn Any>>> = RefCell::default();
    }

    pub(super) fn get<T: Copy + 'static>() -> Option<T> {
        let key = (TypeId::of::<T>(), current().id());
        CELLS.with_borrow(|cells| cells.get(&key).and_then(|value| value.downcast_ref().copied()))
    }

    pub(super) fn set<T: Copy + 'static>(value: T) {
        let key = (TypeId::of::<T>(), current().id());
        CELLS.with_borrow_mut(|cells| cells.insert(key, Box::new(value)));
    }

    /// Forgets those of the run before.
    pub(crate) fn clear() {
        CELLS.take();
    }
}
#[cfg(loom)]
pub(crate) use place::clear;
