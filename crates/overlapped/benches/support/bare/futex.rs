//! A thread that sleeps in a futex until another says so.

use rustix::thread::futex::{self, Flags};
use std::sync::atomic::{AtomicU32, Ordering};

/// Said once, heard once.
#[derive(Debug, Default)]
pub(crate) struct Word(AtomicU32);

impl Word {
    pub(crate) fn wake(&self) {
        self.0.store(1, Ordering::Release);
        futex::wake(&self.0, Flags::PRIVATE, 1).expect("a wake-up");
    }

    pub(crate) fn wait(&self) {
        while self.0.swap(0, Ordering::Acquire) == 0 {
            // Woken, too late, or by a signal: the word tells.
            let _ = futex::wait(&self.0, Flags::PRIVATE, 0, None);
        }
    }
}
