//! Drivers: what talks to the kernel. Which one is in force, and why.
//!
//! | driver | | needs |
//! |---|---|---|
//! | `uring` | completion routines from io_uring; what threads share, events and ports, as `epoll` | Linux 6.1, and that nobody forbids it |
//! | `epoll` | readiness from epoll, the calls made by the thread that waits | any Linux |
//! | `winsock` | overlapped I/O of Windows itself | Windows |
//! | `scripted` | a fake whose completions a test decides, see [`scripted`] | nothing |
//!
//! The driver is chosen once per process: by [`choose`], else by the environment variable
//! `OVERLAPPED_DRIVER` (`auto`, `uring`, `epoll`, `winsock`), else `auto`: io_uring where it works, `epoll`
//! where it is missing, forbidden or short of memory; on Windows `winsock`. [`report`] says which it is and why.
//!
//! `OVERLAPPED_MASK` names features of the kernel to do without, separated by commas, as they
//! stand in [`Report::features`], or as [`Report::refills`] says: to find out whether one of them is at fault.
//!
//! # The contract
//!
//! A `Driver` takes operations and completes each exactly once; its `Gate` is where a thread
//! blocks until it has something, without a lock, so that others can issue meanwhile. What they
//! may rely on:
//!
//! - `start` takes an operation: it may only *stage* it. It is the kernel's with the next `flush`
//!   or the next `block`. Nothing completes inside `start`.
//! - `harvest` gives what has completed, in any order: the caller has one operation per socket
//!   and direction in the driver at a time, and keeps the order.
//! - A receive completes with the bytes that are there (0: end of stream), a send with the bytes
//!   that the kernel took (the caller continues it), an accept with a descriptor, `Readable` and
//!   `Connect` with a number that is not negative; each with a negative code of Winsock instead.
//! - `cancel` asks; the operation completes all the same, as aborted or with its result. Aborted
//!   though nobody asked for it means: start it again, nothing is lost.
//! - `block` returns after a completion, a `wake`, or the time; it may return for nothing.
//!   A `wake` after `prepare` ends the next `block`, however early it comes.
//! - A thread may block in a wait for readiness instead of `block`: with an `alarm` set, and everything progressed after that,
//!   the wait ends when `block` would, but for a `wake`. Where that cannot be, it looks now and then.
//! - A watch belongs to no direction: any number of them may be there beside the operations of a socket. It completes when
//!   one of its network events may hold, or for nothing; then it is over, unless the driver says that there is more.
//! - A driver made for one thread is used by that thread only, but for `wake` and `forget`, and for
//!   `cancel` where `cancels_for_others` says so. It is given receives, accepts and connects, and no watches.
//! - The buffer of an operation is used until it has been harvested, and not after.

mod choice;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) mod linux;
mod report;
pub mod scripted;
#[cfg(windows)]
pub(crate) mod windows;

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux as system;
#[cfg(windows)]
pub(crate) use windows as system;

pub use choice::{Choice, Kind, choose, report};
pub use report::{ChosenBy, Feature, Refusal, Report};

pub(crate) use choice::{context, context_of, enter, park_early, present};

use crate::codes;
use crate::hub::Hub;
use crate::message::Message;
use crate::network::{Held, Holds, NetworkEvents};
use crate::readiness::Events;
use crate::socket::{Inner, Shutdown};
use std::io::IoSlice;
use std::net::SocketAddr;
use std::ptr::NonNull;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What a call of the system gives: its result, or a code of Winsock.
pub(crate) type Attempt<T> = std::result::Result<T, i32>;

/// Takes operations and completes them; see [the contract](self#the-contract).
pub(crate) trait Driver: Send {
    /// Takes an operation on the socket `raw`.
    ///
    /// # Safety
    ///
    /// The buffer in `io` stays valid, and untouched by others, until `key` has been harvested.
    unsafe fn start(&mut self, key: Key, raw: i32, io: Io) -> Attempt<()>;

    /// Asks to cancel an operation on `raw` that has not been harvested.
    fn cancel(&mut self, key: Key, raw: i32);

    /// Whether `cancel` may be called by other threads too, of a driver made for one thread.
    fn cancels_for_others(&self) -> bool {
        false
    }

    /// Hands what is staged to the kernel. Returns whether a thread which is blocked already must be woken: something
    /// has completed by it that it would not notice, or is refused for now and must be tried again.
    fn flush(&mut self) -> bool;

    /// Makes ready for a `block`, which hands over what is staged, but no more than `most`; what then is left makes
    /// `is_ready` true. A `wake` from now on is not lost.
    fn prepare(&mut self, most: usize);

    /// Whether there is something to harvest without blocking.
    fn is_ready(&self) -> bool;

    /// Gives what has completed.
    fn harvest(&mut self, done: &mut Vec<Done>);

    /// The descriptor is about to close, and has no operations any more.
    fn forget(&mut self, raw: i32);
}

/// Where a thread blocks for a driver.
pub(crate) trait Gate: Send + Sync {
    /// Blocks, for ever with `None`; hands over what is staged. Zero only lets things progress.
    fn block(&self, timeout: Option<Duration>);

    /// Ends the present or the next block.
    fn wake(&self);

    /// For a thread that blocks in a wait for readiness instead: has whatever would end a block, but for a wake, tell it,
    /// by this bell if need be, until [`end_alarm`](Self::end_alarm).
    fn alarm(&self, _bell: i32) -> Alarm {
        Alarm::Silent
    }

    fn end_alarm(&self) {}
}

/// How a gate tells a wait for readiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alarm {
    /// This descriptor can be read from.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), expect(dead_code, reason = "only Linux has one"))]
    Descriptor(i32),
    /// The bell rings.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android")), expect(dead_code, reason = "only Linux has one"))]
    Bell,
    /// It does not: who waits must look.
    Silent,
}

/// What the kernel is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Io {
    Receive {
        buffer: *mut u8,
        length: u32,
    },
    Send {
        buffer: *mut u8,
        length: u32,
    },
    /// As the message says: into several buffers, or with the sender's address. A datagram that is longer than the
    /// buffers completes with `WSAEMSGSIZE`.
    ReceiveMessage {
        message: NonNull<Message>,
    },
    SendMessage {
        message: NonNull<Message>,
    },
    Accept,
    /// Wait until there is something to receive.
    Readable,
    /// What `System::connect` has begun, to its end.
    Connect,
    /// Wait until one of the network events may hold.
    Watch {
        events: NetworkEvents,
    },
}

/// Names an operation in a driver: a slot, and a generation that makes old names harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key(pub(crate) u64);

impl Key {
    pub(crate) fn new(slot: usize, generation: u32) -> Self {
        Self(u64::from(generation) << 32 | slot as u64)
    }

    /// The generation behind this one. 0 is none: an operation that no driver has had yet has the key 0.
    pub(crate) fn generation_after(generation: u32) -> u32 {
        generation.wrapping_add(1).max(1)
    }

    pub(crate) fn slot(self) -> usize {
        (self.0 & u64::from(u32::MAX)) as usize
    }
}

/// A completed operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) key: Key,
    /// A count or descriptor, or a negative Winsock code.
    pub(crate) result: i32,
    /// After a watch: whether it goes on.
    pub(crate) more: bool,
}

/// A socket whose readiness is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    pub(crate) raw: i32,
    /// It is left out if this is nothing.
    pub(crate) wants: Events,
    /// What is known of it; the system adds to it.
    pub(crate) is: Events,
}

/// The rest of what a kernel is: drivers, and the calls that are made at once.
pub(crate) trait System: Send + Sync {
    /// Makes a driver for one thread, or one that all threads share.
    fn driver(&self, shared: bool) -> Attempt<(Box<dyn Driver>, Arc<dyn Gate>)>;

    /// Sends what the kernel takes without blocking.
    fn send(&self, raw: i32, bytes: &[u8]) -> Attempt<usize>;

    /// The same for a message.
    fn send_message(&self, raw: i32, message: NonNull<Message>) -> Attempt<usize>;

    /// The same for several buffers, or the first of them.
    fn send_vectored(&self, raw: i32, buffers: &[IoSlice<'_>]) -> Attempt<usize>;

    /// Receives what is there, without blocking.
    fn receive(&self, raw: i32, buffer: &mut [u8]) -> Attempt<usize>;

    /// The same into a message; a peek leaves it there.
    fn receive_message(&self, raw: i32, message: NonNull<Message>, peek: bool) -> Attempt<usize>;

    /// Accepts a connection that is there; its descriptor goes to `accepted`.
    fn accept(&self, raw: i32) -> Attempt<i32>;

    /// Begins to connect; whether it is connected at once. If not, an `Io::Connect` follows.
    fn connect(&self, raw: i32, to: SocketAddr) -> Attempt<bool>;

    /// How a connect stands: done, its error (told once), or `WSAENOTCONN` while it goes on.
    fn connected(&self, raw: i32) -> Attempt<()>;

    /// Begins to connect, with no operation to follow. How it stands, `connect_ended` tells as `connected` does.
    fn connect_alone(&self, raw: i32, to: SocketAddr) -> Attempt<()> {
        self.connect(raw, to).map(drop)
    }

    fn connect_ended(&self, raw: i32) -> Attempt<()> {
        self.connected(raw)
    }

    /// Gives up a connection, with a reset, or a connect that has failed or was cancelled, so that another can begin.
    fn disconnect(&self, raw: i32);

    /// Whether the socket is connected; disturbs nothing.
    fn has_peer(&self, raw: i32) -> bool;

    /// Whether a receive would find data or the end of the stream, or its error; takes nothing.
    fn peek(&self, raw: i32) -> Attempt<()>;

    /// Whether the system itself records network events, by the rules of Winsock. An `Io::Watch` then goes on until it is
    /// cancelled, and brings them.
    fn records(&self) -> bool {
        false
    }

    /// What it has recorded and the watch has not brought yet, which is thereby taken.
    fn recorded(&self, _raw: i32) -> Held {
        Held::default()
    }

    /// A selected listener had nothing to accept. Whether it must be selected again to be told of, and may have been missed.
    fn wake_listener(&self, _raw: i32) -> bool {
        false
    }

    /// Makes what the next needs, once.
    fn prepare_messages(&self) -> Attempt<()> {
        Ok(())
    }

    /// Where the system records: has it tell network events to [`Inner::adopt_messages`], instead of what was selected before.
    fn select_messages(&self, _raw: i32, _socket: &Weak<Inner>, _events: NetworkEvents) -> Attempt<()> {
        Ok(())
    }

    /// Something else is about to be selected instead.
    fn forget_messages(&self, _raw: i32) {}

    /// Ends that.
    fn end_messages(&self, _raw: i32) {}

    /// What network events go by where the system does not record them: how the socket is now. Disturbs nothing.
    fn holds(&self, _raw: i32) -> Holds {
        Holds::default()
    }

    /// Waits until one of the watched is what is wanted of it, as `select` means it; for ever with `None`. May return for
    /// nothing.
    fn select(&self, _: &mut [Watch], _: &mut system::Watched, _: Option<Duration>) -> Attempt<()> {
        Err(codes::WSAEOPNOTSUPP)
    }

    /// The same, as `WSAPoll` means it, and tells of connections that end.
    fn poll(&self, _: &mut [Watch], _: &mut system::Watched, _: Option<Duration>) -> Attempt<()> {
        Err(codes::WSAEOPNOTSUPP)
    }

    /// A gate that the two above can watch along: what can be read from after a wake, up to the next block.
    fn bell(&self) -> Attempt<(Arc<dyn Gate>, i32)> {
        Err(codes::WSAEOPNOTSUPP)
    }

    fn shutdown(&self, raw: i32, how: Shutdown) -> Attempt<()>;

    /// Puts a socket that the library takes over into the mode that its calls need.
    fn take_over(&self, _raw: i32) {}

    /// The socket is about to close.
    fn closing(&self, _raw: i32) {}

    /// Puts the descriptor into blocking mode: overlapped operations do not care, but the kernel does.
    fn set_blocking(&self, raw: i32);

    /// The owner of what an accept brought.
    fn accepted(&self, raw: i32) -> Descriptor;
}

/// What a socket is to its driver.
#[derive(Debug)]
pub(crate) enum Descriptor {
    System(system::Handle),
    /// A number that only the script knows.
    Scripted(i32),
}

impl Descriptor {
    pub(crate) fn raw(&self) -> i32 {
        match self {
            Self::System(handle) => system::raw(handle),
            Self::Scripted(number) => *number,
        }
    }
}

/// A kernel and what the whole process shares of it.
pub(crate) struct Context {
    pub(crate) system: &'static dyn System,
    pub(crate) hub: Hub,
}

// SAFETY: a buffer pointer travels with its operation; who may use it is the contract's matter.
unsafe impl Send for Io {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_slot_and_generation_apart() {
        let key = Key::new(7, 9);
        assert_eq!(key.slot(), 7);
        assert_ne!(key, Key::new(7, 10));
        assert_eq!(Key::new(7, 10).slot(), 7);
    }

    #[test]
    fn no_operation_has_the_key_of_none() {
        assert_eq!(Key::generation_after(0), 1);
        assert_eq!(Key::generation_after(u32::MAX), 1);
    }
}
