//! The queue of a thread: the engine's queue of messages, and what has changed in it since the thread last looked.

use super::layout::Msg;
use super::table;
use super::timer::Timers;
use crate::abi::{Dword, Handle};
use crate::codes::*;
use crate::error::Code;
use crate::kernel::thread::system_id;
use overlapped::Event;
use overlapped::face::messages;
use overlapped::messages::{MessageQueue, Poster};
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::sync::atomic::{AtomicIsize, AtomicU32};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

/// `QS_POSTMESSAGE`.
pub(super) const QS_POSTMESSAGE: u32 = 0x08;
/// `QS_TIMER`.
pub(super) const QS_TIMER: u32 = 0x10;
/// `QS_SENDMESSAGE`.
pub(super) const QS_SENDMESSAGE: u32 = 0x40;
/// `QS_ALLPOSTMESSAGE`.
pub(super) const QS_ALLPOSTMESSAGE: u32 = 0x100;

/// What lies in a queue.
pub(super) enum Letter {
    Posted(Msg),
    /// Its sender waits for an answer.
    Sent(Sent),
}

/// A message whose sender waits.
pub(super) struct Sent {
    pub(super) message: Msg,
    answer: Arc<Answer>,
}

/// What a sender waits for.
pub(super) struct Answer {
    pub(super) given: Event,
    value: AtomicIsize,
}

impl Answer {
    pub(super) fn value(&self) -> isize {
        self.value.load(Acquire)
    }
}

impl Sent {
    pub(super) fn new(message: Msg) -> (Self, Arc<Answer>) {
        let answer = Arc::new(Answer { given: Event::manual(), value: AtomicIsize::new(0) });
        (Self { message, answer: Arc::clone(&answer) }, answer)
    }

    pub(super) fn answer(&self, value: isize) {
        self.answer.value.store(value, std::sync::atomic::Ordering::Release);
    }
}

impl Drop for Sent {
    /// Also if nobody takes it: the sender must not wait for ever.
    fn drop(&mut self) {
        self.answer.given.set();
    }
}

/// A queue, as other threads have it.
pub(crate) struct Inbox {
    pub(super) thread: Dword,
    poster: Poster<Letter>,
    /// Set whenever something has come.
    pub(super) arrived: Event,
    /// What has come since the thread last looked (`QS_…`).
    changed: AtomicU32,
}

impl Inbox {
    pub(super) fn is_own(&self) -> bool {
        self.thread == system_id()
    }

    pub(super) fn put(&self, letter: Letter) -> Result<(), Code> {
        let kind = match letter {
            Letter::Posted(_) => QS_POSTMESSAGE | QS_ALLPOSTMESSAGE,
            Letter::Sent(_) => QS_SENDMESSAGE,
        };
        self.poster.post(letter).map_err(|_| ERROR_INVALID_THREAD_ID)?;
        self.change(kind);
        Ok(())
    }

    pub(super) fn quit(&self, code: i32) {
        let _ = self.poster.quit(code);
        self.change(QS_POSTMESSAGE | QS_ALLPOSTMESSAGE);
    }

    /// Notes that something has come.
    pub(super) fn change(&self, kind: u32) {
        self.changed.fetch_or(kind, AcqRel);
        self.arrived.set();
    }

    /// What has come since the thread last looked.
    pub(super) fn changed(&self) -> u32 {
        self.changed.load(Acquire)
    }

    /// The thread looks: what came before is nothing new. Gives what it was.
    pub(super) fn look(&self, kinds: u32) -> u32 {
        self.arrived.reset();
        let before = self.changed.fetch_and(!kinds, AcqRel);
        if before & !kinds != 0 {
            self.arrived.set();
        }
        before & kinds
    }
}

/// The calling thread's own queue.
pub(super) struct Own {
    pub(super) queue: MessageQueue<Letter>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) timers: RefCell<Timers>,
}

static ALL: LazyLock<RwLock<HashMap<Dword, Arc<Inbox>>>> = LazyLock::new(RwLock::default);

thread_local! {
    static OWN: OnceCell<Rc<Own>> = const { OnceCell::new() };
}

/// The calling thread's queue, made when it first asks for it. `None` at the end of the thread.
pub(super) fn own() -> Option<Rc<Own>> {
    OWN.try_with(|own| Rc::clone(own.get_or_init(Own::make))).ok()
}

/// The queue of a thread, if it has one.
pub(super) fn of(thread: Dword) -> Option<Arc<Inbox>> {
    ALL.read().unwrap_or_else(PoisonError::into_inner).get(&thread).cloned()
}

impl Own {
    fn make() -> Rc<Self> {
        let queue = MessageQueue::new();
        let inbox = Arc::new(Inbox {
            thread: system_id(),
            poster: queue.poster(),
            arrived: Event::manual(),
            changed: AtomicU32::new(0),
        });
        ALL.write().unwrap_or_else(PoisonError::into_inner).insert(inbox.thread, Arc::clone(&inbox));
        Rc::new(Self { queue, inbox, timers: RefCell::default() })
    }

    /// Drops what was posted to a window that is gone.
    pub(super) fn forget(&self, window: Handle) {
        let of_window = |letter: &Letter| matches!(letter, Letter::Posted(message) if message.window == window);
        while messages::take(&self.queue, of_window).is_some() {}
        self.timers.borrow_mut().forget(window);
    }
}

impl Drop for Own {
    /// The thread has ended, and its windows with it.
    fn drop(&mut self) {
        ALL.write().unwrap_or_else(PoisonError::into_inner).remove(&self.inbox.thread);
        for window in table::filtered(|window| Arc::ptr_eq(&window.inbox, &self.inbox)) {
            table::remove(window.number);
        }
    }
}
