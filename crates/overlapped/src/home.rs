//! Where operations wait for the kernel: a driver, and the operations it has.
//!
//! A thread's own home carries the operations with routines; the [hub](crate::hub)'s home carries
//! those on events, and of every delivery the sends that did not fit at once.

use crate::delivery::{Unwanted, deliver};
use crate::driver::{Done, Driver, Gate, Io, Key};
use crate::op::{Kind, OpRef};
use crate::operation::Issued;
use crate::socket::Socket;
use crate::sync::lock;
use crate::thread::{Mail, ThreadCore};
use slab::Slab;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) struct Home {
    state: Mutex<State>,
    gate: Arc<dyn Gate>,
    /// The thread whose home it is; `None` for the hub's, which any thread may use.
    owner: Option<Arc<ThreadCore>>,
    in_flight: AtomicUsize,
    /// Operations among them that go on although nobody waits for them.
    errands: AtomicUsize,
}

struct State {
    driver: Box<dyn Driver>,
    flight: Slab<OpRef>,
    generation: u32,
    // Kept for their allocations.
    done: Vec<Done>,
    settled: Vec<(OpRef, Done)>,
}

impl State {
    fn has(&self, key: u64) -> bool {
        self.flight.get(Key(key).slot()).is_some_and(|op| op.key() == key)
    }
}

impl Home {
    pub(crate) fn new((driver, gate): (Box<dyn Driver>, Arc<dyn Gate>), owner: Option<Arc<ThreadCore>>) -> Self {
        let state = State { driver, flight: Slab::new(), generation: 0, done: Vec::new(), settled: Vec::new() };
        Self { state: Mutex::new(state), gate, owner, in_flight: AtomicUsize::new(0), errands: AtomicUsize::new(0) }
    }

    /// How many operations the driver has.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight.load(SeqCst)
    }

    /// How many of them nobody waits for.
    pub(crate) fn errands(&self) -> usize {
        self.errands.load(SeqCst)
    }

    /// Marks an operation that the driver has as one that nobody waits for.
    pub(crate) fn make_errand(&self, op: OpRef) {
        let state = lock(&self.state);
        if state.has(op.key()) && !op.set_errand() {
            self.errands.fetch_add(1, SeqCst);
        }
    }

    pub(crate) fn gate(&self) -> &Arc<dyn Gate> {
        &self.gate
    }

    /// Gives an operation to the driver. Under the lock of its socket's lanes.
    pub(crate) fn start(&self, op: OpRef) -> io::Result<()> {
        let mut state = lock(&self.state);
        let state = &mut *state;
        state.generation = state.generation.wrapping_add(1);
        let slot = state.flight.insert(op);
        let key = Key::new(slot, state.generation);
        op.set_key(key.0);
        let (buffer, length) = op.rest();
        let io = match op.kind() {
            // Waits for data and leaves it there.
            Kind::Receive if length == 0 => Io::Readable,
            Kind::Receive => Io::Receive { buffer, length, eager: op.is_eager() },
            Kind::Send => Io::Send { buffer, length },
            Kind::Accept => Io::Accept,
            Kind::Connect => Io::Writable,
        };
        // SAFETY: the buffer belongs to the leaked block of `op`, which stays so until the driver
        // has completed the key: that is when the slot is given up.
        let started = unsafe { state.driver.start(key, op.socket().raw(), io) };
        match started {
            Ok(()) => {
                self.in_flight.fetch_add(1, SeqCst);
                if op.is_errand() || op.kind() == Kind::Send {
                    op.set_errand();
                    self.errands.fetch_add(1, SeqCst);
                }
            }
            Err(_) => {
                state.flight.remove(slot);
            }
        }
        started
    }

    /// Asks the driver to cancel an operation that it has; from any thread.
    pub(crate) fn cancel(&self, op: OpRef) {
        match &self.owner {
            Some(owner) if !crate::thread::is_current(owner) => {
                // Only the owner may touch its driver. It will when it next waits alertably, which
                // is when it could see the result.
                let _ = owner.post(Mail::Cancel(op.key()));
            }
            _ => self.cancel_key(op.key()),
        }
    }

    pub(crate) fn cancel_key(&self, key: u64) {
        let mut state = lock(&self.state);
        if state.has(key) {
            let raw = state.flight[Key(key).slot()].socket().raw();
            state.driver.cancel(Key(key), raw);
        }
    }

    /// Hands to the kernel what is staged; returns whether a thread that blocks in the gate must
    /// be woken because a completion is there already.
    pub(crate) fn flush(&self) -> bool {
        lock(&self.state).driver.flush()
    }

    /// Makes ready to block in the gate: from now on a wake is not lost.
    pub(crate) fn prepare(&self) {
        lock(&self.state).driver.prepare();
    }

    /// Blocks until the driver has something to harvest, is woken, or the time is over. Prepare
    /// first; one thread at a time.
    pub(crate) fn block(&self, timeout: Option<Duration>) {
        let timeout = if lock(&self.state).driver.is_ready() { Some(Duration::ZERO) } else { timeout };
        self.gate.block(timeout);
    }

    /// Takes what the driver has completed and delivers it; returns how many completed.
    pub(crate) fn harvest(&self, unwanted: &mut Unwanted) -> usize {
        let mut settled = {
            let mut state = lock(&self.state);
            let state = &mut *state;
            state.driver.harvest(&mut state.done);
            let mut completed = std::mem::take(&mut state.done);
            for done in completed.drain(..) {
                if state.has(done.key.0) {
                    let op = state.flight.remove(done.key.slot());
                    if op.is_errand() {
                        self.errands.fetch_sub(1, SeqCst);
                    }
                    state.settled.push((op, done));
                }
            }
            state.done = completed;
            if state.settled.is_empty() {
                return 0;
            }
            std::mem::take(&mut state.settled)
        };
        let count = settled.len();
        for (op, done) in settled.drain(..) {
            op.socket().settle(op, done, self, unwanted);
        }
        self.in_flight.fetch_sub(count, SeqCst);
        lock(&self.state).settled = settled;
        count
    }

    /// The descriptor is about to close.
    pub(crate) fn forget(&self, raw: i32) {
        lock(&self.state).driver.forget(raw);
    }

    /// The sockets of the operations that the driver has.
    pub(crate) fn sockets(&self) -> Vec<Socket> {
        // An operation in the slab has not completed, so its socket is alive.
        lock(&self.state).flight.iter().map(|(_, op)| op.socket_handle()).collect()
    }
}

/// Issues an operation whose completion is told by an event.
pub(crate) fn issue(op: OpRef, to: Option<SocketAddr>) -> Issued {
    let socket = op.socket();
    let issued = socket.issue(op, socket.context().hub.home(), to);
    if issued == Issued::Completed {
        deliver(op, &mut Unwanted::default());
    }
    issued
}
