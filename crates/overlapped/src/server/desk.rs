//! Where other threads reach a thread of the server.

use super::session::Session;
use crate::socket::Socket;
use std::cell::Cell;
use std::mem;
use std::ptr;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The in-tray of a thread.
pub(super) struct Desk {
    mail: Mutex<Mail>,
    /// Whether something lies there, for a look in passing: its thread looks all the time.
    filled: AtomicBool,
    /// Ends the wait of the thread; set when the thread has begun.
    waker: OnceLock<Waker>,
    /// It may be that of several threads.
    shared: bool,
}

pub(super) type Waker = Box<dyn Fn() + Send + Sync>;

/// What others have for a thread.
#[derive(Default)]
pub(super) struct Mail {
    /// Connections that become its sessions.
    pub(super) sockets: Vec<Socket>,
    /// Where it is to accept.
    pub(super) listeners: Vec<Socket>,
    /// Sessions with which there is something to do.
    pub(super) sessions: Vec<Session>,
    /// The thread was woken and has not looked since.
    woken: bool,
    /// The thread has ended.
    closed: bool,
}

/// What a thread of a server knows of itself.
#[derive(Clone, Copy)]
struct Own {
    /// Its desk: it looks there before it waits, and need not be woken.
    desk: *const Desk,
    /// Which of the server's threads it is.
    number: usize,
    /// How many messages it has given to handlers.
    calls: u64,
    /// It gives the last message of its turn.
    last: bool,
}

thread_local! {
    static OWN: Cell<Own> = const { Cell::new(Own { desk: ptr::null(), number: 0, calls: 0, last: false }) };
}

/// A call of a handler on the last message of a turn: what it sends to others need not wait for the turn to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LastCall(u64);

impl Desk {
    pub(super) fn new(shared: bool) -> Self {
        Self { mail: Mutex::default(), filled: AtomicBool::new(false), waker: OnceLock::new(), shared }
    }

    /// Makes this the desk of the calling thread, which may share it: any of the wakers does then.
    pub(super) fn open(&self, number: usize, waker: Waker) {
        OWN.set(Own { desk: self, number, ..OWN.get() });
        let _ = self.waker.set(waker);
    }

    /// Whether the calling thread need not be woken, and no other that has this desk either.
    pub(super) fn is_attended(&self) -> bool {
        self.thread().is_some()
    }

    /// Which of the server's threads the calling one is, if this is its desk.
    pub(super) fn thread(&self) -> Option<usize> {
        let own = OWN.get();
        ptr::eq(own.desk, self).then_some(own.number)
    }

    /// The calling thread gives a message to a handler, the `last` of its turn or not.
    pub(super) fn begin_call(last: bool) {
        let own = OWN.get();
        OWN.set(Own { calls: own.calls + 1, last, ..own });
    }

    pub(super) fn end_call() {
        OWN.set(Own { last: false, ..OWN.get() });
    }

    /// The call in which the calling thread is, if it is on the last message of its turn.
    pub(super) fn last_call() -> Option<LastCall> {
        let own = OWN.get();
        own.last.then_some(LastCall(own.calls))
    }

    /// Whether another thread could look while the one that has put something here is still busy.
    pub(super) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Whether the calling thread is one of a server.
    pub(super) fn is_at_one() -> bool {
        !OWN.get().desk.is_null()
    }

    pub(super) fn put(&self, put: impl FnOnce(&mut Mail)) {
        let mut mail = self.lock();
        if mail.closed {
            return;
        }
        put(&mut mail);
        self.filled.store(true, Release);
        let sleeps = !self.is_attended() && !mem::replace(&mut mail.woken, true);
        drop(mail);
        if sleeps {
            self.wake();
        }
    }

    /// The thread ends: what lies here is dropped, and whatever comes.
    pub(super) fn close(&self) {
        let mut mail = self.lock();
        mail.closed = true;
        let (sockets, listeners) = (mem::take(&mut mail.sockets), mem::take(&mut mail.listeners));
        let sessions = mem::take(&mut mail.sessions);
        drop(mail);
        drop((sockets, listeners, sessions));
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.get() {
            waker();
        }
    }

    /// Takes what lies here into `mail`, which is empty: its memory is used again.
    pub(super) fn take(&self, into: &mut Mail) {
        if !self.has_mail() {
            return;
        }
        let mut mail = self.lock();
        self.filled.store(false, Relaxed);
        mail.woken = false;
        mem::swap(&mut mail.sockets, &mut into.sockets);
        mem::swap(&mut mail.listeners, &mut into.listeners);
        mem::swap(&mut mail.sessions, &mut into.sessions);
    }

    pub(super) fn has_mail(&self) -> bool {
        self.filled.load(Acquire)
    }

    // No code of the program runs under the lock.
    fn lock(&self) -> MutexGuard<'_, Mail> {
        self.mail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
