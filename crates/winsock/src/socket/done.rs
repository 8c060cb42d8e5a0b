//! Who asks for the result of an operation that has no event, and waits for it.

use overlapped::{Event, face};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::time::Duration;

/// Of one socket: what its operations set when they end, if somebody waits.
pub(crate) struct Done {
    event: Event,
    /// How many wait.
    asking: AtomicUsize,
}

impl Default for Done {
    fn default() -> Self {
        Self { event: Event::manual(), asking: AtomicUsize::new(0) }
    }
}

impl Done {
    /// An operation has ended, as everybody can see.
    pub(super) fn ended(&self) {
        // A write, though of the same: if it comes before that of who asks, he sees what was before this, and else this sees him.
        if self.asking.compare_exchange(0, 0, AcqRel, Relaxed).is_err() {
            self.event.set();
        }
    }

    /// Waits so long until an operation has ended, as `done` says.
    pub(super) fn wait(&self, done: impl Fn() -> bool, time: Option<Duration>) {
        let _asking = Asking::new(&self.asking);
        face::wait_until(&self.event, done, time);
    }
}

/// Somebody who asks, until this is dropped: a routine may throw through a wait.
struct Asking<'a>(&'a AtomicUsize);

impl<'a> Asking<'a> {
    fn new(asking: &'a AtomicUsize) -> Self {
        asking.fetch_add(1, AcqRel);
        Self(asking)
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
