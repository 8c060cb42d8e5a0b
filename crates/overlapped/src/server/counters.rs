//! What a server has done.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// What a server has done so far, see [`Handle::counters`](super::Handle::counters).
///
/// Taken while the server runs: each number is right, but one may be a moment older than another. Only who is here,
/// who has ended and who was accepted are of one moment: `accepted` is `sessions` and all of `ended` together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Sessions now.
    pub sessions: u64,
    /// Sessions since the start.
    pub accepted: u64,
    /// Connections that a limit refused.
    pub refused: u64,
    /// Accepts that failed, such as for want of descriptors, and connections that had gone before they became sessions.
    pub accept_errors: u64,
    /// Messages received; without framing, receives that brought data.
    pub messages_in: u64,
    /// Messages sent.
    pub messages_out: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Operations that sent them: fewer than messages, since what is queued goes out together.
    pub sends: u64,
    /// Messages that were dropped at the bound of a queue.
    pub dropped: u64,
    /// Bytes that wait for all peers now.
    pub queued: u64,
    /// Bytes that wait for the peer that most wait for.
    pub deepest: u64,
    /// Bytes that were not sent because their session ended before.
    pub unsent: u64,
    /// Waits of the threads: alertable ones in the callback model.
    pub waits: u64,
    /// Completion routines that ran in them; none in the models that have none. Divided by the waits, it says how
    /// much each wait brought.
    pub routines: u64,
    /// Calls of the tick.
    pub ticks: u64,
    /// Ticks that were left out because the server was too far behind.
    pub missed_ticks: u64,
    /// Panics of the program's code.
    pub panics: u64,
    /// How sessions ended, by [`Reason::name`](super::Reason::name).
    pub ended: BTreeMap<&'static str, u64>,
}

macro_rules! tally {
    ($($name:ident),*) => {
        /// What one thread counts.
        #[derive(Debug, Default)]
        #[repr(align(128))]
        pub(super) struct Tally {
            $(pub(super) $name: Count,)*
        }

        impl Tally {
            pub(super) fn add_to(&self, counters: &mut Counters) {
                $(counters.$name += self.$name.get();)*
            }
        }
    };
}

tally! {
    accepted, refused, accept_errors, messages_in, messages_out, bytes_in, bytes_out, sends, unsent, waits, routines,
    ticks, missed_ticks, panics
}

impl Tally {
    /// Messages that were sent in one call, when they do not wait any more.
    pub(super) fn count_sent(&self, bytes: usize, messages: u64) {
        self.sends.bump(1);
        self.bytes_out.bump(bytes as u64);
        self.messages_out.bump(messages);
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    /// Of any thread.
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    /// Of the one thread that counts here: costs nothing.
    pub(super) fn bump(&self, more: u64) {
        self.0.store(self.0.load(Relaxed) + more, Release);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Acquire)
    }
}
