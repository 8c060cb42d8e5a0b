//! Threads that a face starts in a way of its own, so that they can end in one of their own.
//!
//! The end needs no seam: it belongs to the thread's thread-locals, which also a thread runs that ends from deep inside.

use crate::alertable::{Beginning, Thread};

/// A thread that has not begun, as others know it already: they queue APCs to it and wait for it. One that is dropped has
/// ended.
#[derive(Debug)]
pub struct NewThread(Beginning);

impl NewThread {
    /// One that is to be started by the caller.
    #[expect(clippy::new_without_default, reason = "there is no default thread")]
    pub fn new() -> Self {
        Self(Beginning::new())
    }

    /// The thread, to queue APCs to and to wait for.
    pub fn thread(&self) -> Thread {
        self.0.thread()
    }

    /// The calling thread, which must not have used the engine before, becomes this one, and the APCs that were queued to it
    /// run. One of them may unwind.
    pub fn begin(self) {
        self.0.begin();
    }
}

/// Whether a thread has ended; without a wait, and at any time of the caller's end.
pub fn has_ended(thread: &Thread) -> bool {
    thread.has_ended()
}
