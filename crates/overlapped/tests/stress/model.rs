//! What must hold, counted: operations end once, APCs run once, values are dropped once.

use std::collections::HashSet;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64};
use std::sync::{Arc, LazyLock, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::watchdog;

macro_rules! counts {
    ($($name:ident: $what:literal,)*) => {
        $(pub(super) static $name: AtomicU64 = AtomicU64::new(0);)*
        pub(super) fn report() -> String {
            [$((&$name, $what)),*].map(|(count, what)| format!("{what} {}", count.load(SeqCst))).join(", ")
        }
    };
}

counts! {
    ISSUED: "operations issued",
    COMPLETED: "completed",
    ABORTED: "(aborted)",
    LEFT: "left to the end of a thread or of a Pending",
    QUEUED: "APCs queued",
    RAN: "run",
    DROPPED: "dropped",
    WAITS: "waits",
    FOR_EVER: "(for ever)",
    TAKEN: "objects taken",
    ABANDONED: "mutexes abandoned",
    BYTES: "bytes checked",
    DATAGRAMS: "datagrams",
    TICKS: "timer calls",
    THREADS: "threads",
    DEEDS: "deeds",
}

/// Values that are alive.
static LIVE: AtomicI64 = AtomicI64::new(0);

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, SeqCst);
}

/// Threads whose function has returned, or is about to. No thread-local: it must outlive all of them.
static ENDING: LazyLock<Mutex<HashSet<ThreadId>>> = LazyLock::new(Mutex::default);

pub(super) fn thread_ends() {
    ENDING.lock().unwrap().insert(thread::current().id());
}

/// A value that must be dropped exactly once.
pub(super) struct Value(u64);

const ALIVE: u64 = 0x616c_6976_6561_6c76;

impl Value {
    pub(super) fn new() -> Self {
        LIVE.fetch_add(1, SeqCst);
        Self(ALIVE)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        // SAFETY: an exclusive reference. Volatile, so that a second drop really looks.
        let before = unsafe { std::ptr::replace(&raw mut self.0, !ALIVE) };
        assert_eq!(std::hint::black_box(before), ALIVE, "a value is dropped again");
        LIVE.fetch_sub(1, SeqCst);
    }
}

/// Lies in each session: from its issue to its completion an operation is the library's.
pub(super) struct Ticket {
    _value: Value,
    issued: bool,
    /// Where the routine must run.
    thread: Option<ThreadId>,
    /// The owner of the `Pending` has dropped it.
    pub(super) orphan: Arc<AtomicBool>,
    /// Whether the port of the operation closes.
    closes: Option<Arc<AtomicBool>>,
}

impl Ticket {
    pub(super) fn new() -> Self {
        Self { _value: Value::new(), issued: false, thread: None, orphan: Arc::default(), closes: None }
    }

    pub(super) fn on_event() -> Self {
        let mut ticket = Self::new();
        ticket.issue();
        ticket
    }

    pub(super) fn with_routine() -> Self {
        let mut ticket = Self::on_event();
        ticket.thread = Some(thread::current().id());
        ticket
    }

    pub(super) fn to_port(closes: &Arc<AtomicBool>) -> Self {
        let mut ticket = Self::on_event();
        ticket.closes = Some(Arc::clone(closes));
        ticket
    }

    pub(super) fn issue(&mut self) {
        assert!(!std::mem::replace(&mut self.issued, true), "issued twice");
        count(&ISSUED);
    }

    /// The operation has come back, with this code or 0.
    pub(super) fn complete(&mut self, code: i32) {
        assert!(std::mem::replace(&mut self.issued, false), "an operation completes twice");
        assert!(!self.orphan.load(SeqCst), "nobody has this operation any more");
        if let Some(thread) = self.thread {
            assert_eq!(thread, thread::current().id(), "a routine runs on another thread");
        }
        count(&COMPLETED);
        if code == overlapped::codes::WSA_OPERATION_ABORTED {
            count(&ABORTED);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.issued {
            return;
        }
        count(&LEFT);
        match self.thread {
            _ if self.closes.is_some() => {
                assert!(
                    self.closes.as_ref().is_some_and(|closes| closes.load(SeqCst)),
                    "an operation to a port is lost"
                );
            }
            Some(thread) => {
                assert_eq!(thread, thread::current().id(), "a session with a routine is dropped on another thread");
                assert!(ENDING.lock().unwrap().contains(&thread), "an operation with a routine is lost");
            }
            None => assert!(self.orphan.load(SeqCst), "an operation on an event is lost"),
        }
    }
}

/// All threads of a round have ended. Memory that the kernel holds is freed a moment later.
pub(super) fn end_round() {
    watchdog::at(|| "the end of the round: values that must be dropped".into());
    while LIVE.load(SeqCst) > 0 {
        thread::sleep(Duration::from_micros(100));
    }
    ENDING.lock().unwrap().clear();
    assert_eq!(LIVE.load(SeqCst), 0, "more values dropped than made");
    assert_eq!(ISSUED.load(SeqCst), COMPLETED.load(SeqCst) + LEFT.load(SeqCst), "operations: {}", report());
    assert_eq!(QUEUED.load(SeqCst), RAN.load(SeqCst) + DROPPED.load(SeqCst), "APCs: {}", report());
}

pub(super) fn state() -> String {
    format!("values alive {}, {}", LIVE.load(SeqCst), report())
}
