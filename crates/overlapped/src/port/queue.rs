//! The packets of a port and the threads that work for it: who is released, who drives, who waits.
//!
//! One lock guards it all. A packet is *handed* to the waiter that came last, as long as fewer threads run than the concurrency
//! value says; else it lies in the queue until a thread that runs takes again. While the gate is open in that sense, one waiter
//! *leads*: it blocks in the driver of the port and hands on what it brings. With the gate closed nobody leads, since nobody could
//! be released: whoever takes next asks the driver itself. But a thread that runs may sleep where the port does not see it, so
//! the waiter that came first then *watches*, see [`watch`](super::watch).

use super::helper::Need;
use super::watch::Watch;
use crate::codes;
use crate::driver::{Attempt, Context};
use crate::fork;
use crate::home::{Home, Owner};
use crate::op::OpRef;
use crate::sync::Mutex;
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::SeqCst;
use crate::thread::{ThreadCore, Wakeful, Wakes, Waking};
use std::collections::VecDeque;
use std::ptr;
use std::sync::{Arc, OnceLock};

/// A port as operations know it.
pub(crate) trait Sink: Send + Sync {
    /// The home that carries the operations to the port, made at the first.
    fn home(&self, context: &'static Context) -> Attempt<&Arc<Home>>;

    /// Sees to it that somebody drives what has just been given to the driver.
    fn attend(&self);

    /// Takes in a completed operation, unless the port is closed. It may be gone then.
    fn deliver(&self, op: OpRef) -> bool;

    /// A completed operation makes no packet.
    fn take_back(&self, op: OpRef);
}

/// A port as a thread that works for it knows it.
pub(crate) trait Workplace: Send + Sync {
    /// The thread does not run any more as far as the port is concerned: it waits elsewhere, or has ended. Whether it did.
    fn leave(&self, worker: &Arc<ThreadCore>) -> bool;

    /// It runs again.
    fn resume(&self, worker: &Arc<ThreadCore>);
}

pub(super) enum Packet<P> {
    Operation(OpRef),
    Posted(P),
}

pub(super) struct Queue<P> {
    /// How many threads run at once, if they do not sleep.
    concurrency: usize,
    /// Made in a forked child; one that is not is the parent's there.
    in_child: bool,
    home: OnceLock<(&'static Context, Arc<Home>)>,
    /// Its own operations that have been issued and are not delivered.
    outstanding: AtomicUsize,
    state: Mutex<State<P>>,
}

pub(super) struct State<P> {
    packets: VecDeque<Packet<P>>,
    /// Threads that took a packet and have not come back, nor wait in a way that the port sees.
    pub(super) running: Vec<Run>,
    runs: u64,
    /// Threads without a packet, in the order in which they came.
    pub(super) waiters: Vec<Arc<ThreadCore>>,
    /// What was handed to threads that were waiters, until they wake up and fetch it.
    handed: Vec<(Arc<ThreadCore>, Packet<P>)>,
    leader: Leader,
    /// Who that is, or was last.
    leads: Option<Arc<ThreadCore>>,
    pub(super) watch: Watch,
    /// How many packets were taken or handed out.
    pub(super) taken: u64,
    takes_since_poll: usize,
    /// After so many takes the kernel is asked: all have been taken that lay there when it last was.
    takes_until_poll: usize,
    pub(super) closed: bool,
    pub(super) helper: Need,
    wakes: Wakes,
}

/// A thread that runs, and which of its runs that is.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) worker: Arc<ThreadCore>,
    number: u64,
}

/// Who drives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leader {
    Nobody,
    /// Not in the driver: it looks at what is staged before it blocks.
    Awake,
    /// In the driver: what is issued must be handed to the kernel by its issuer.
    Blocked,
}

/// After so many packets that were there without the kernel it is asked anyway.
const TAKES_BETWEEN_POLLS: usize = 64;

impl<P: Send + 'static> Queue<P> {
    pub(super) fn new(concurrency: usize) -> Self {
        let state = State {
            packets: VecDeque::new(),
            running: Vec::new(),
            runs: 0,
            waiters: Vec::new(),
            handed: Vec::new(),
            leader: Leader::Nobody,
            leads: None,
            watch: Watch::default(),
            taken: 0,
            takes_since_poll: 0,
            takes_until_poll: TAKES_BETWEEN_POLLS,
            closed: false,
            helper: Need::default(),
            wakes: Wakes::default(),
        };
        Self {
            concurrency,
            in_child: fork::in_child(),
            home: OnceLock::new(),
            outstanding: AtomicUsize::new(0),
            state: Mutex::new(state),
        }
    }

    pub(super) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Whether it belongs to the parent of this process, and its waiters too.
    pub(super) fn is_foreign(&self) -> bool {
        self.in_child != fork::in_child()
    }

    pub(super) fn state(&self) -> Waking<'_, State<P>> {
        Waking::lock(&self.state)
    }

    /// The home, if there is something in it.
    pub(super) fn busy_home(&self) -> Option<&Arc<Home>> {
        self.home.get().map(|(_, home)| home).filter(|home| home.in_flight() > 0)
    }

    /// The home, if it is made, and of which driver it is.
    pub(super) fn place(&self) -> Option<&(&'static Context, Arc<Home>)> {
        self.home.get()
    }

    /// An operation is about to be issued, which the end of the port takes along.
    pub(super) fn goes_out(&self, op: OpRef) {
        self.outstanding.fetch_add(usize::from(op.is_own()), SeqCst);
    }

    pub(super) fn came_back(&self, op: OpRef) {
        self.outstanding.fetch_sub(usize::from(op.is_own()), SeqCst);
    }

    pub(super) fn outstanding(&self) -> usize {
        self.outstanding.load(SeqCst)
    }

    /// Whether one thread more may run.
    pub(super) fn is_open(&self, state: &State<P>) -> bool {
        state.running.len() < self.concurrency
    }

    /// Whether a waiter should drive.
    pub(super) fn wants_leader(&self, state: &State<P>) -> bool {
        state.leader == Leader::Nobody && self.is_open(state) && self.busy_home().is_some()
    }

    /// Queues a packet; gives it back if the port is closed.
    pub(super) fn push(&self, packet: Packet<P>) -> Result<(), Packet<P>> {
        if self.is_foreign() {
            return Err(packet);
        }
        let mut state = self.state();
        if state.closed {
            return Err(packet);
        }
        state.packets.push_back(packet);
        self.dispatch(&mut state);
        Ok(())
    }

    /// Hands packets to waiters as far as both go and the concurrency value allows, and sees to it that somebody drives.
    pub(super) fn dispatch(&self, state: &mut State<P>) {
        while self.is_open(state) && !state.packets.is_empty() {
            let Some(worker) = state.waiters.pop() else { return };
            let Some(packet) = state.packets.pop_front() else { return };
            state.taken += 1;
            state.run(&worker);
            if state.waiters.is_empty() {
                state.watch.end();
            }
            // One that leads and is not in the driver looks anyway.
            if !state.is_awake(&worker) {
                state.wakes.add(&worker);
            }
            state.handed.push((worker, packet));
        }
        self.appoint(state);
    }

    /// Wakes a waiter for what there is to do: to drive, or to watch.
    pub(super) fn appoint(&self, state: &mut State<P>) {
        if self.wants_leader(state) {
            if let Some(last) = state.waiters.last() {
                state.wakes.add(last);
            }
        } else if !self.is_open(state) && (self.busy_home().is_some() || !state.packets.is_empty()) {
            if let Some(first) = state.waiters.first().filter(|_| state.watch.begin()) {
                state.wakes.add(first);
            }
        }
    }

    /// The thread takes a packet, if there is one and it may run.
    pub(super) fn take(&self, state: &mut State<P>, worker: &Arc<ThreadCore>) -> Option<Packet<P>> {
        if !self.is_open(state) {
            return None;
        }
        let packet = state.packets.pop_front()?;
        state.taken += 1;
        state.run(worker);
        Some(packet)
    }

    /// One more of those that were there, for a thread that runs already.
    pub(super) fn take_more(&self) -> Option<Packet<P>> {
        let mut state = self.state();
        let packet = state.packets.pop_front()?;
        state.taken += 1;
        state.takes_since_poll += 1;
        Some(packet)
    }

    /// What was handed to the thread.
    pub(super) fn fetch(&self, state: &mut State<P>, worker: &Arc<ThreadCore>) -> Option<Packet<P>> {
        let index = state.handed.iter().position(|(to, _)| Arc::ptr_eq(to, worker))?;
        Some(state.handed.swap_remove(index).1)
    }

    /// Counts a take that finds its packet without the kernel; whether it must ask all the same.
    pub(super) fn is_poll_due(&self, state: &mut State<P>) -> bool {
        state.takes_since_poll += 1;
        let due = state.takes_since_poll >= state.takes_until_poll && state.leader == Leader::Nobody;
        due && self.busy_home().is_some()
    }
}

impl<P> State<P> {
    /// Makes a thread the leader, or notes where the leader is.
    pub(super) fn set_leader(&mut self, leader: Leader, thread: &Arc<ThreadCore>) {
        self.leader = leader;
        if !self.leads.as_ref().is_some_and(|leads| Arc::ptr_eq(leads, thread)) {
            self.leads = Some(Arc::clone(thread));
        }
    }

    /// Nobody drives any more. The kernel has just been asked.
    pub(super) fn resign(&mut self) {
        self.leader = Leader::Nobody;
        self.takes_since_poll = 0;
        self.takes_until_poll = self.packets.len().max(TAKES_BETWEEN_POLLS);
    }

    pub(super) fn has_leader(&self) -> bool {
        self.leader != Leader::Nobody
    }

    fn is_awake(&self, thread: &Arc<ThreadCore>) -> bool {
        self.leader == Leader::Awake && self.leads.as_ref().is_some_and(|leads| Arc::ptr_eq(leads, thread))
    }

    pub(super) fn queued(&self) -> usize {
        self.packets.len()
    }

    pub(super) fn has_packets(&self) -> bool {
        !self.packets.is_empty()
    }

    fn run(&mut self, worker: &Arc<ThreadCore>) {
        self.runs += 1;
        self.running.push(Run { worker: Arc::clone(worker), number: self.runs });
    }

    /// Takes a thread out of those that run; whether it was one.
    pub(super) fn stop(&mut self, worker: &Arc<ThreadCore>) -> bool {
        self.stop_where(|run| Arc::ptr_eq(&run.worker, worker))
    }

    /// Ends just this run, if it has not ended.
    pub(super) fn stop_run(&mut self, run: &Run) -> bool {
        self.stop_where(|other| other.number == run.number)
    }

    fn stop_where(&mut self, which: impl Fn(&Run) -> bool) -> bool {
        let index = self.running.iter().position(which);
        index.map(|index| self.running.swap_remove(index)).is_some()
    }

    /// Takes a thread out of those that wait.
    pub(super) fn withdraw(&mut self, worker: &Arc<ThreadCore>) {
        if let Some(index) = self.waiters.iter().rposition(|waiter| Arc::ptr_eq(waiter, worker)) {
            self.waiters.remove(index);
            if index == 0 {
                self.watch.end();
            }
        }
    }

    /// Whether the thread is the waiter that watches.
    pub(super) fn watches(&self, worker: &Arc<ThreadCore>) -> bool {
        self.watch.is_on() && self.waiters.first().is_some_and(|first| Arc::ptr_eq(first, worker))
    }

    /// Closes: what is queued is nobody's any more.
    pub(super) fn close(&mut self) -> VecDeque<Packet<P>> {
        self.closed = true;
        for waiter in &self.waiters {
            self.wakes.add(waiter);
        }
        self.helper.wake();
        std::mem::take(&mut self.packets)
    }
}

impl<P> Wakeful for State<P> {
    fn wakes(&mut self) -> &mut Wakes {
        &mut self.wakes
    }
}

impl<P: Send + 'static> Sink for Queue<P> {
    fn home(&self, context: &'static Context) -> Attempt<&Arc<Home>> {
        if fork::in_child() {
            return Err(codes::WSASYSNOTREADY);
        }
        if self.home.get().is_none() {
            let state = self.state();
            if state.closed {
                return Err(codes::WSA_OPERATION_ABORTED);
            }
            if self.home.get().is_none() {
                let home = Home::new(context.system.driver(true)?, Owner::Port);
                let _ = self.home.set((context, Arc::new(home)));
            }
        }
        match self.home.get() {
            Some((own, home)) if ptr::eq(*own, context) => Ok(home),
            // A port serves the sockets of one driver.
            _ => Err(codes::WSAEINVAL),
        }
    }

    fn attend(&self) {
        let mut state = self.state();
        match state.leader {
            Leader::Nobody => self.appoint(&mut state),
            Leader::Awake => {}
            Leader::Blocked => {
                drop(state);
                if let Some((_, home)) = self.place() {
                    home.hand_over();
                }
            }
        }
    }

    fn deliver(&self, op: OpRef) -> bool {
        self.came_back(op);
        self.push(Packet::Operation(op)).is_ok()
    }

    fn take_back(&self, op: OpRef) {
        self.came_back(op);
    }
}

impl<P: Send + 'static> Workplace for Queue<P> {
    fn leave(&self, worker: &Arc<ThreadCore>) -> bool {
        let mut state = self.state();
        let ran = state.stop(worker);
        if ran {
            self.dispatch(&mut state);
        }
        ran
    }

    fn resume(&self, worker: &Arc<ThreadCore>) {
        let mut state = self.state();
        state.run(worker);
        // That may have closed the gate before a waiter that was woken to drive.
        self.appoint(&mut state);
    }
}
