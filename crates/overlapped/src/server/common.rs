//! What all threads of a server share.

use super::builder::Config;
use super::clock::Clock;
use super::counters::{Count, Counters, Tally};
use super::desk::Desk;
use super::handler::Handler;
use super::packet::Packet;
use super::queue::Sent;
use super::reason::Reason;
use super::registry::{Groups, Registry, Ticket};
use super::session::Session;
use crate::socket::Socket;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) type Factory = Box<dyn Fn() -> Box<dyn Handler> + Send + Sync>;

pub(super) struct Common {
    pub(super) config: Config,
    pub(super) factory: Factory,
    pub(super) registry: Registry,
    pub(super) groups: Groups,
    clock: Mutex<Clock>,
    /// Something is to happen at its time as long as it runs.
    has_times: bool,
    desks: Vec<Arc<Desk>>,
    /// What each thread counts.
    tallies: Box<[Tally]>,
    /// Messages that were dropped, by any thread.
    pub(super) dropped: Count,
    next_desk: AtomicUsize,
    listeners: Mutex<Vec<Socket>>,
    start: Instant,
    /// When the drain is over, on the server's clock; `u64::MAX` before it has begun.
    drain_by: AtomicU64,
    /// Sessions that must be over at some time.
    ends: AtomicUsize,
    outcome: Mutex<Outcome>,
}

/// The clock is in another thread's hands.
pub(super) struct Busy;

/// How sessions ended.
#[derive(Default)]
struct Outcome {
    by_reason: BTreeMap<&'static str, u64>,
    drained: Drained,
}

/// What became of the sessions that were there when the server was told to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Drained {
    /// How many there were.
    pub sessions: u64,
    /// How many of them ended before everything had gone that was queued for them.
    pub cut: u64,
    /// The bytes that were not sent to those.
    pub unsent: u64,
}

impl Common {
    pub(super) fn new(config: Config, factory: Factory, clock: Clock, desks: usize, threads: usize) -> Self {
        let has_times = config.idle.is_some() || config.heartbeat.is_some() || clock.has_tick();
        Self {
            config,
            factory,
            registry: Registry::default(),
            groups: Groups::default(),
            clock: Mutex::new(clock),
            has_times,
            desks: (0..desks).map(|_| Arc::new(Desk::new(desks == 1))).collect(),
            tallies: (0..threads).map(|_| Tally::default()).collect(),
            dropped: Count::default(),
            next_desk: AtomicUsize::new(0),
            listeners: Mutex::default(),
            start: Instant::now(),
            drain_by: AtomicU64::new(u64::MAX),
            ends: AtomicUsize::new(0),
            outcome: Mutex::default(),
        }
    }

    pub(super) fn desks(&self) -> &[Arc<Desk>] {
        &self.desks
    }

    pub(super) fn threads(&self) -> usize {
        self.tallies.len()
    }

    /// What the thread of that number counts.
    pub(super) fn tally(&self, thread: usize) -> &Tally {
        &self.tallies[thread]
    }

    /// Does what is due, unless another thread is at it.
    pub(super) fn run_clock(self: &Arc<Self>, tally: &Tally) {
        if let Ok(mut clock) = self.clock.try_lock() {
            clock.run(self, tally);
        }
    }

    /// Whether there is anything that the clock is looked at for.
    pub(super) fn has_times(&self) -> bool {
        self.has_times || self.watches_ends() || self.is_draining()
    }

    /// When something is due; an error if another thread is at it.
    pub(super) fn clock_due(&self) -> Result<Option<Instant>, Busy> {
        self.clock.try_lock().map(|clock| clock.due(self)).map_err(|_| Busy)
    }

    pub(super) fn stop_clock(&self) {
        let tick = self.clock.try_lock().ok().and_then(|mut clock| clock.stop());
        drop(tick);
    }

    /// Milliseconds of the server's clock.
    pub(super) fn now(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// When it is so late on the server's clock.
    pub(super) fn instant(&self, millis: u64) -> Option<Instant> {
        self.start.checked_add(Duration::from_millis(millis))
    }

    /// The desk of the next session: each in turn.
    pub(super) fn next_desk(&self) -> &Arc<Desk> {
        &self.desks[self.next_desk.fetch_add(1, Relaxed) % self.desks.len()]
    }

    /// Keeps a listener, to close it when the server ends. Whether it still serves.
    pub(super) fn keep(&self, listener: Socket) -> bool {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_draining() {
            return false;
        }
        listeners.push(listener);
        true
    }

    pub(super) fn is_draining(&self) -> bool {
        self.drain_by() != u64::MAX
    }

    pub(super) fn drain_by(&self) -> u64 {
        self.drain_by.load(Acquire)
    }

    /// Begins to end: nobody is accepted any more, what is queued goes out. An earlier time wins.
    pub(super) fn drain(&self, within: Duration) {
        let by = self.now().saturating_add(within.as_millis().min(u128::from(u64::MAX - 1)) as u64).min(u64::MAX - 1);
        if self.drain_by.fetch_min(by, AcqRel) == u64::MAX {
            let listeners = std::mem::take(&mut *self.listeners.lock().unwrap_or_else(PoisonError::into_inner));
            listeners.iter().for_each(Socket::close);
            self.registry.close();
            for session in self.registry.all() {
                session.end(Reason::Drained, false);
            }
        }
        self.wake_all();
    }

    /// One more that must be over at some time; whether it is the first, so that somebody must watch the clock.
    pub(super) fn count_ending(&self) -> bool {
        self.ends.fetch_add(1, AcqRel) == 0
    }

    /// Has the thread that looks at the clock find out what it has to look for.
    pub(super) fn wake_clock(&self) {
        self.desks[0].put(|_| {});
    }

    pub(super) fn watches_ends(&self) -> bool {
        self.ends.load(Acquire) > 0
    }

    /// A session is over, and not found any more.
    pub(super) fn count_end(&self, session: &Session, reason: &Reason, unsent: usize) {
        if session.end_by() != u64::MAX {
            self.ends.fetch_sub(1, AcqRel);
        }
        self.registry.forget(session.id(), || {
            let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
            *outcome.by_reason.entry(reason.name()).or_default() += 1;
            if self.is_draining() {
                outcome.drained.sessions += 1;
                outcome.drained.cut += u64::from(unsent > 0);
                outcome.drained.unsent += unsent as u64;
            }
        });
    }

    /// Nothing is left of a session.
    pub(super) fn leave(&self, ticket: Ticket) {
        if self.registry.leave(ticket) {
            self.wake_all();
        }
    }

    pub(super) fn wake_all(&self) {
        self.desks.iter().for_each(|desk| desk.put(|_| {}));
    }

    pub(super) fn drained(&self) -> Drained {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).drained
    }

    pub(super) fn broadcast(&self, group: Option<&str>, except: Option<u64>, packet: Packet) -> usize {
        let packet = packet.shared();
        // It may be sent at once, and nobody who comes or goes waits for that.
        let members = match group {
            None => self.registry.all(),
            Some(group) => self.groups.all(group),
        };
        let others = members.iter().filter(|session| Some(session.id()) != except);
        others.filter(|session| session.send_shared(&packet) == Sent::Queued).count()
    }

    pub(super) fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        let (mut sessions, mut all, mut deepest) = (0, 0, 0);
        // First, so that what has been counted as sent does not wait any more.
        let count = || {
            counters.ended = self.outcome.lock().unwrap_or_else(PoisonError::into_inner).by_reason.clone();
            self.tallies.iter().for_each(|tally| tally.add_to(&mut counters));
            counters.dropped = self.dropped.get();
        };
        self.registry.count_then_each(count, |session| {
            let queued = session.queued_bytes() as u64;
            sessions += 1;
            all += queued;
            deepest = deepest.max(queued);
        });
        Counters { sessions, queued: all, deepest, ..counters }
    }
}
