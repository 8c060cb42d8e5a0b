//! Where operations wait for the kernel: a driver, and the operations it has.
//!
//! A thread's own home carries the operations with routines, a port's the operations to it; the [hub](crate::hub)'s
//! home carries those on events, and of every delivery the sends that did not fit at once.

use crate::codes;
use crate::delivery::{Inside, Unwanted, deliver};
use crate::driver::{Attempt, Done, Driver, Gate, Io, Key};
use crate::fork;
use crate::network::NetworkEvents;
use crate::op::{Delivery, Kind, OpRef};
use crate::operation::Issued;
use crate::socket::Inner;
use crate::sync::atomic::Ordering::SeqCst;
use crate::sync::atomic::{AtomicBool, AtomicUsize};
use crate::sync::{self, Mutex, MutexGuard, lock};
use crate::thread::{Mail, ThreadCore};
use slab::Slab;
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

pub(crate) struct Home {
    state: Mutex<State>,
    gate: Arc<dyn Gate>,
    owner: Owner,
    in_flight: AtomicUsize,
    /// Operations among them that go on although nobody waits for them.
    errands: AtomicUsize,
    /// Operations on events have come to lie behind those of this home.
    for_others: AtomicBool,
}

/// Whose home it is, and so who may use its driver.
pub(crate) enum Owner {
    /// Only this thread.
    Thread(Arc<ThreadCore>),
    /// Any thread: the hub's.
    Everybody,
    /// Any thread: that of a port.
    Port,
}

impl Owner {
    fn thread(&self) -> Option<&Arc<ThreadCore>> {
        match self {
            Self::Thread(thread) => Some(thread),
            Self::Everybody | Self::Port => None,
        }
    }
}

/// Of one block: some systems count its milliseconds in 31 bits. Whoever waits longer blocks again.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// So often at most does one harvest go on with receives behind others: what other threads issue meanwhile has no end,
/// and whoever harvests waits for something of its own. What is left is found by the next.
const HARVESTS: usize = 256;

/// So many operations go to the kernel in one wait. What completes is worked off before the next go: data that is received long
/// before it is looked at is in no cache any more, nor what the kernel has of its socket.
const GO: usize = 64;

struct State {
    driver: Box<dyn Driver>,
    /// Takes no operations any more.
    closed: bool,
    flight: Slab<Flight>,
    generation: u32,
    // Kept for their allocations.
    done: Vec<Done>,
    settled: Vec<(Flight, Done)>,
}

/// What a driver has.
#[derive(Clone)]
enum Flight {
    /// The head of a lane.
    Operation(OpRef),
    /// A look-out for network events, which keeps no socket open.
    Watch(Watch),
}

#[derive(Clone)]
struct Watch {
    key: Key,
    socket: Weak<Inner>,
    raw: i32,
}

impl Flight {
    fn key(&self) -> u64 {
        match self {
            Self::Operation(op) => op.key(),
            Self::Watch(watch) => watch.key.0,
        }
    }

    fn operation(&self) -> Option<OpRef> {
        match self {
            Self::Operation(op) => Some(*op),
            Self::Watch(_) => None,
        }
    }

    fn raw(&self) -> i32 {
        match self {
            Self::Operation(op) => op.socket().raw(),
            Self::Watch(watch) => watch.raw,
        }
    }
}

impl State {
    fn has(&self, key: u64) -> bool {
        self.flight.get(Key(key).slot()).is_some_and(|flight| flight.key() == key)
    }

    /// The key of what comes next into flight.
    fn next_key(&mut self) -> Key {
        self.generation = Key::generation_after(self.generation);
        Key::new(self.flight.vacant_key(), self.generation)
    }
}

impl Home {
    /// The driver, unless this process is a forked child: it is the parent's then.
    fn state(&self) -> Option<MutexGuard<'_, State>> {
        (!fork::in_child()).then(|| lock(&self.state))
    }

    pub(crate) fn new((driver, gate): (Box<dyn Driver>, Arc<dyn Gate>), owner: Owner) -> Self {
        let state =
            State { driver, closed: false, flight: Slab::new(), generation: 0, done: Vec::new(), settled: Vec::new() };
        Self {
            state: Mutex::new(state),
            gate,
            owner,
            in_flight: AtomicUsize::new(0),
            errands: AtomicUsize::new(0),
            for_others: AtomicBool::new(false),
        }
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
        let Some(state) = self.state() else { return };
        if state.has(op.key()) && !op.set_errand() {
            self.errands.fetch_add(1, SeqCst);
        }
    }

    pub(crate) fn gate(&self) -> &Arc<dyn Gate> {
        &self.gate
    }

    /// Gives an operation to the driver. Under the lock of its socket's lanes.
    pub(crate) fn start(&self, op: OpRef) -> Attempt<()> {
        let Some(mut state) = self.state() else { return Err(codes::WSASYSNOTREADY) };
        let state = &mut *state;
        if state.closed {
            return Err(codes::WSA_OPERATION_ABORTED);
        }
        let key = state.next_key();
        state.flight.insert(Flight::Operation(op));
        op.set_key(key.0);
        let (buffer, length) = op.rest();
        let io = match (op.kind(), op.message()) {
            // Waits for data and leaves it there.
            _ if op.only_looks() => Io::Readable,
            (Kind::Receive, Some(message)) => Io::ReceiveMessage { message },
            (Kind::Send, Some(message)) => Io::SendMessage { message },
            (Kind::Receive, None) => Io::Receive { buffer, length },
            (Kind::Send, None) => Io::Send { buffer, length },
            (Kind::Accept, _) => Io::Accept,
            (Kind::Connect, _) => Io::Connect,
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
                state.flight.remove(key.slot());
            }
        }
        started
    }

    /// Has the driver look out for network events of a socket, whose lock is held. It must be ended before the descriptor
    /// closes.
    pub(crate) fn watch(&self, socket: &Weak<Inner>, raw: i32, events: NetworkEvents) -> Attempt<Key> {
        let Some(mut state) = self.state() else { return Err(codes::WSASYSNOTREADY) };
        let key = state.next_key();
        state.flight.insert(Flight::Watch(Watch { key, socket: Weak::clone(socket), raw }));
        // SAFETY: no buffer is used.
        let started = unsafe { state.driver.start(key, raw, Io::Watch { events }) };
        match started {
            Ok(()) => {
                self.in_flight.fetch_add(1, SeqCst);
                Ok(key)
            }
            Err(code) => {
                state.flight.remove(key.slot());
                Err(code)
            }
        }
    }

    /// Ends that. The kernel knows of it when this returns, so the descriptor may close.
    pub(crate) fn end_watch(&self, key: Key) {
        self.cancel_key(key.0);
        self.hand_over();
    }

    /// Whether it is the home that carries an operation.
    pub(crate) fn is_for(&self, op: OpRef) -> bool {
        matches!(self.owner, Owner::Everybody) != op.is_own()
    }

    /// Whether the calling thread may start operations here.
    pub(crate) fn is_current(&self) -> bool {
        self.owner.thread().is_none_or(crate::thread::is_current)
    }

    /// Notes that an operation on an event lies behind one of this home, whose owner may wait for it.
    pub(crate) fn carry_for_others(&self) {
        self.for_others.store(true, SeqCst);
        if let Some(owner) = self.owner.thread() {
            owner.unpark();
        }
    }

    pub(crate) fn carries_for_others(&self) -> bool {
        self.for_others.load(SeqCst)
    }

    /// Leaves an operation to the owner of the home, to be started here.
    pub(crate) fn leave_start(&self, op: OpRef) {
        if let Some(owner) = self.owner.thread() {
            owner.leave_start(op);
        }
    }

    /// Takes that back; `false` if the owner has come to it, or it was not left.
    pub(crate) fn take_back_start(&self, op: OpRef) -> bool {
        self.owner.thread().is_some_and(|owner| owner.take_back_start(op))
    }

    /// Asks the driver to cancel an operation that it has; from any thread.
    pub(crate) fn cancel(&self, op: OpRef) {
        match self.owner.thread() {
            Some(owner) if !crate::thread::is_current(owner) && !self.cancels_for_others() => {
                // Only the owner may touch its driver. It will when it next waits alertably, which
                // is when it could see the result.
                let _ = owner.post(Mail::Cancel(op.key()));
            }
            // Now, not with the next wait: data that comes later is the next receive's.
            _ => {
                self.cancel_key(op.key());
                self.hand_over();
            }
        }
    }

    fn cancels_for_others(&self) -> bool {
        self.state().is_some_and(|state| state.driver.cancels_for_others())
    }

    pub(crate) fn cancel_key(&self, key: u64) {
        let Some(mut state) = self.state() else { return };
        if state.has(key) {
            let raw = state.flight[Key(key).slot()].raw();
            state.driver.cancel(Key(key), raw);
        }
    }

    /// Hands to the kernel what is staged; returns whether a thread that blocks in the gate must
    /// be woken because a completion is there already.
    pub(crate) fn flush(&self) -> bool {
        self.state().is_some_and(|mut state| state.driver.flush())
    }

    /// Hands to the kernel what is staged, and wakes whoever must know; from any thread that may use the driver.
    pub(crate) fn hand_over(&self) {
        if self.flush() && self.owner.thread().is_none() {
            self.gate.wake();
        }
    }

    /// Takes no operations any more.
    pub(crate) fn close(&self) {
        if let Some(mut state) = self.state() {
            state.closed = true;
        }
    }

    /// Makes ready to block in the gate: from now on a wake is not lost.
    pub(crate) fn prepare(&self) {
        self.prepare_with(GO);
    }

    fn prepare_with(&self, most: usize) {
        if let Some(mut state) = self.state() {
            state.driver.prepare(most);
        }
    }

    /// Blocks until the driver has something to harvest, is woken, or the time is over. Prepare
    /// first; one thread at a time.
    pub(crate) fn block(&self, timeout: Option<Duration>) {
        let Some(state) = self.state() else { return };
        let timeout = if state.driver.is_ready() { Some(Duration::ZERO) } else { timeout };
        drop(state);
        self.gate.block(timeout.map(|timeout| timeout.min(LONGEST)));
    }

    /// Whether there is something to harvest, so that nobody must block.
    pub(crate) fn is_ready(&self) -> bool {
        self.state().is_some_and(|state| state.driver.is_ready())
    }

    /// Hands over what is staged and lets the kernel progress, without blocking.
    pub(crate) fn poll(&self) {
        self.prepare_with(usize::MAX);
        if !fork::in_child() {
            self.gate.block(Some(Duration::ZERO));
        }
    }

    /// Takes what the driver has completed and delivers it.
    pub(crate) fn harvest(&self, unwanted: &mut Unwanted) {
        let _inside = Inside::enter();
        for _ in 0..HARVESTS {
            if !self.harvest_once(unwanted) {
                return;
            }
            // The receives behind those that completed may find their data there already.
            self.poll();
        }
    }

    /// Returns whether receives were started behind those that completed.
    fn harvest_once(&self, unwanted: &mut Unwanted) -> bool {
        let mut settled = {
            let Some(mut state) = self.state() else { return false };
            let state = &mut *state;
            state.driver.harvest(&mut state.done);
            let mut completed = std::mem::take(&mut state.done);
            for done in completed.drain(..) {
                if !state.has(done.key.0) {
                    continue;
                }
                let slot = done.key.slot();
                let flight = match &state.flight[slot] {
                    Flight::Watch(watch) if done.more => Flight::Watch(watch.clone()),
                    _ => state.flight.remove(slot),
                };
                if flight.operation().is_some_and(|op| op.is_errand()) {
                    self.errands.fetch_sub(1, SeqCst);
                }
                state.settled.push((flight, done));
            }
            state.done = completed;
            if state.settled.is_empty() {
                return false;
            }
            std::mem::take(&mut state.settled)
        };
        let mut over = 0;
        let mut more = false;
        for (flight, done) in settled.drain(..) {
            match flight {
                Flight::Operation(op) => {
                    over += 1;
                    // SAFETY: the operation is the head of its lane, so its socket is alive.
                    more |= unsafe { Inner::settle(op.socket_ptr(), op, done, self, unwanted) };
                }
                Flight::Watch(watch) => {
                    over += usize::from(!done.more);
                    if let Some(socket) = watch.socket.upgrade() {
                        socket.settle_watch(done);
                    }
                }
            }
        }
        self.in_flight.fetch_sub(over, SeqCst);
        if let Some(mut state) = self.state() {
            state.settled = settled;
        }
        more
    }

    /// The descriptor is about to close.
    pub(crate) fn forget(&self, raw: i32) {
        if let Some(mut state) = self.state() {
            state.driver.forget(raw);
        }
    }

    /// Cancels, at the end of a thread or port, what belongs to it, on sockets that the driver works on.
    ///
    /// The locks come in the wrong order here, so a socket that is in use is tried again later.
    pub(crate) fn cancel_all_of(&self, owner: *const ()) {
        let mut busy = true;
        while std::mem::take(&mut busy) {
            let mut removed = Vec::new();
            let wake;
            {
                let Some(mut state) = self.state() else { return };
                let state = &mut *state;
                for op in state.flight.iter().filter_map(|(_, flight)| flight.operation()) {
                    // In the slab, so it has not completed and its socket is alive.
                    let tried = op.socket().try_cancel_all_of(owner, &mut removed, |head| {
                        // Once: each cancel is an operation too, and may wait in line before what it cancels.
                        let flight = state.flight.get(Key(head.key()).slot());
                        let has = flight.and_then(Flight::operation) == Some(head);
                        if has && !head.cancelled() {
                            head.set_cancelled();
                            state.driver.cancel(Key(head.key()), head.socket().raw());
                        }
                    });
                    busy |= !tried;
                }
                wake = state.driver.flush();
            }
            if wake {
                self.gate.wake();
            }
            for op in removed {
                deliver(op, &mut Unwanted::default());
            }
            if busy {
                // Whoever uses the socket may be waiting for the lock that was held here.
                sync::pause(Duration::from_millis(1));
            }
        }
    }
}

/// Issues an operation whose completion is told by an event.
pub(crate) fn issue(op: OpRef, to: Option<SocketAddr>) -> Issued {
    let issued = begin(op, to);
    if issued == Issued::Completed {
        deliver(op, &mut Unwanted::default());
    }
    issued
}

/// Begins it: what has completed is the caller's to deliver, or to take back.
pub(crate) fn begin(op: OpRef, to: Option<SocketAddr>) -> Issued {
    if let Delivery::Event(_, Some(issuer)) | Delivery::Told(Some(issuer)) = op.delivery() {
        issuer.event_operation_issued();
    }
    let socket = op.socket();
    socket.issue(op, socket.context().hub.home(), to)
}
