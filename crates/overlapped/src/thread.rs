//! What belongs to a thread: its APC queue, its own home, and how both end with it.

mod core;
mod end;
mod timers;
mod wakes;
mod work;

pub(crate) use self::core::{Mail, ThreadCore};
pub(crate) use self::end::late_core;
pub(crate) use self::timers::discard_timer;
pub(crate) use self::wakes::{Wakeful, Wakes, Waking};

use crate::codes;
use crate::delivery::{Unwanted, deliver};
use crate::driver::{Attempt, Context};
use crate::home::{Home, Owner};
use crate::object::Serial;
use crate::op::{Act, Kind, OpRef};
use crate::operation::Issued;
use crate::port::Workplace;
use crate::sync::{self, bare};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Instant;
use timers::Timers;

/// An entry of the APC queue, which is one queue for both kinds.
enum Apc {
    /// A completed operation, whose routine runs.
    Routine(OpRef),
    /// A user APC.
    User(Box<dyn FnOnce() + Send>),
    /// A timer has come due, whose routine runs if the timer was not set anew or cancelled since.
    Timer(Serial),
    /// A timer was set anew or cancelled by another thread: its routine is dropped.
    Discard(Serial),
}

/// After so many routines in one wait the kernel is asked for more, so that routines which feed
/// themselves (sends that complete at once) do not starve receives.
const ROUTINES_BETWEEN_POLLS: usize = 256;

/// After so many waits that found everything without the kernel it is asked anyway.
const WAITS_BETWEEN_POLLS: u32 = 16;

/// The side of a thread that only the thread itself touches.
pub(crate) struct Engine {
    core: Arc<ThreadCore>,
    queue: RefCell<VecDeque<Apc>>,
    timers: RefCell<Timers>,
    /// When the first of them is due, for a look in passing.
    timer_due: Cell<Option<Instant>>,
    home: OnceCell<(&'static Context, Arc<Home>)>,
    /// Operations with routines that have not come back to the queue yet.
    outstanding: Cell<usize>,
    /// How many alertable waits are running routines, nested in each other.
    depth: Cell<usize>,
    waits_since_poll: Cell<u32>,
    /// The port that the thread works for, which may count it as running.
    work: RefCell<Option<Arc<dyn Workplace>>>,
}

bare! {
    /// Has no destructor, so it can be read at any time of a thread's end.
    static ENGINE: *const Engine = ptr::null();
}

/// What `ENGINE` holds after the end of the thread.
fn dead() -> *const Engine {
    static DEAD: u8 = 0;
    ptr::from_ref(&DEAD).cast()
}

/// Calls `f` with the thread's engine, made when first needed; `None` when the thread is ending.
pub(crate) fn with<R>(f: impl FnOnce(&Engine) -> R) -> Option<R> {
    let mut engine = ENGINE.get();
    if engine.is_null() {
        if !end::arm() {
            ENGINE.set(dead());
            return None;
        }
        engine = adopt(Arc::new(ThreadCore::new()));
    }
    if engine == dead() {
        return None;
    }
    // SAFETY: the engine is freed by the end of the thread only, which cannot come while a
    // function of the thread runs, except through `exit`: that does not return to this frame, and
    // the end does not free an engine that is running routines.
    Some(f(unsafe { &*engine }))
}

/// Makes the calling thread's engine.
fn adopt(core: Arc<ThreadCore>) -> *const Engine {
    let engine = Box::into_raw(Box::new(Engine::new(core)));
    ENGINE.set(engine);
    engine
}

/// Makes the calling thread, which has just begun, the one that others know as `core`, and runs
/// what they have queued to it.
pub(crate) fn begin(core: Arc<ThreadCore>) {
    if end::arm() {
        adopt(core);
        with(Engine::run);
    }
}

/// The thread as the owner of what it has taken, and what others wait for; `None` in the last
/// destructors of its end.
pub(crate) fn current_core() -> Option<Arc<ThreadCore>> {
    with(|engine| Arc::clone(&engine.core)).or_else(late_core)
}

/// Leaves the engine, in a forked child, to the parent, whose copy it is.
pub(crate) fn forget_engine() {
    ENGINE.set(dead());
}

/// Calls `f` with the thread's engine if it has one.
fn with_existing<R>(f: impl FnOnce(&Engine) -> R) -> Option<R> {
    if ENGINE.get().is_null() { None } else { with(f) }
}

/// Waits for something else than a packet: a port that the thread works for may release another one meanwhile.
pub(crate) fn away<R>(mut wait: impl FnMut() -> R) -> R {
    let waited = with_existing(|engine| {
        let _away = engine.step_away();
        wait()
    });
    waited.unwrap_or_else(wait)
}

/// Lets operations of the thread complete that others on events lie behind; never blocks.
pub(crate) fn poll_for_others() {
    with_existing(|engine| {
        if engine.carries_for_others() {
            engine.poll_home();
        }
    });
}

/// Lets the operations complete that the calling thread carries.
pub(crate) fn poll_own() {
    with_existing(Engine::poll_home);
}

/// Whether more routines are queued for the calling thread, as far as it has looked.
pub(crate) fn has_more_routines() -> bool {
    with_existing(|engine| !engine.queue.borrow().is_empty()).unwrap_or(false)
}

/// Puts a completed operation into the calling thread's queue, if `owner` is that thread.
pub(crate) fn enqueue(owner: NonNull<ThreadCore>, op: OpRef) -> bool {
    with_existing(|engine| {
        let mine = engine.identity() == owner;
        if mine {
            engine.enqueue(op);
        }
        mine
    })
    .unwrap_or(false)
}

pub(crate) fn is_current(core: &Arc<ThreadCore>) -> bool {
    with_existing(|engine| Arc::ptr_eq(&engine.core, core)).unwrap_or(false)
}

impl Engine {
    fn new(core: Arc<ThreadCore>) -> Self {
        Self {
            core,
            queue: RefCell::default(),
            timers: RefCell::default(),
            timer_due: Cell::new(None),
            home: OnceCell::new(),
            outstanding: Cell::new(0),
            depth: Cell::new(0),
            waits_since_poll: Cell::new(0),
            work: RefCell::default(),
        }
    }

    pub(crate) fn core(&self) -> &Arc<ThreadCore> {
        &self.core
    }

    /// The thread as operations name it.
    pub(crate) fn identity(&self) -> NonNull<ThreadCore> {
        // Not from a reference: it may become an owner again.
        let core = Arc::as_ptr(&self.core).cast_mut();
        NonNull::new(core).unwrap_or_else(|| unreachable!("an `Arc` is never null"))
    }

    /// The thread as what its operations belong to.
    fn as_owner(&self) -> *const () {
        Arc::as_ptr(&self.core).cast()
    }

    /// The home of this thread's operations, made at the first.
    fn home(&self, context: &'static Context) -> Attempt<&Arc<Home>> {
        if self.home.get().is_none() {
            let home = Home::new(context.system.driver(false)?, Owner::Thread(Arc::clone(&self.core)));
            let _ = self.home.set((context, Arc::new(home)));
        }
        match self.home.get() {
            Some((own, home)) if ptr::eq(*own, context) => Ok(home),
            // A thread serves the sockets of one driver.
            _ => Err(codes::WSAEINVAL),
        }
    }

    /// The thread's home, if it has operations.
    pub(crate) fn busy_home(&self) -> Option<&Home> {
        self.home.get().map(|(_, home)| &**home).filter(|home| home.in_flight() > 0)
    }

    /// Issues an operation with a routine.
    pub(crate) fn issue(&self, op: OpRef, to: Option<SocketAddr>) -> Issued {
        let issued = self.begin(op, to);
        if issued == Issued::Completed {
            deliver(op, &mut Unwanted::default());
        }
        issued
    }

    /// Begins an operation with a routine: one that has completed is the caller's to deliver, or to take back.
    pub(crate) fn begin(&self, op: OpRef, to: Option<SocketAddr>) -> Issued {
        let socket = op.socket();
        self.outstanding.set(self.outstanding.get() + 1);
        let home = if op.kind() == Kind::Send { Err(codes::WSAEINVAL) } else { self.home(socket.context()) };
        socket.issue(op, home, to)
    }

    /// One will be delivered that was never in flight.
    pub(crate) fn goes_out(&self) {
        self.outstanding.set(self.outstanding.get() + 1);
    }

    /// One that had begun will not be delivered.
    pub(crate) fn take_back(&self) {
        self.outstanding.set(self.outstanding.get() - 1);
    }

    fn enqueue(&self, op: OpRef) {
        self.collect();
        self.came_back(op);
    }

    fn came_back(&self, op: OpRef) {
        self.take_back();
        self.queue.borrow_mut().push_back(Apc::Routine(op));
    }

    /// Queues a user APC to the thread itself, behind what the kernel has completed by now.
    pub(crate) fn queue_apc(&self, apc: Box<dyn FnOnce() + Send>) {
        self.poll_home();
        self.collect();
        self.queue.borrow_mut().push_back(Apc::User(apc));
    }

    /// Moves the mail of other threads into the queue, and what timers have come due.
    fn collect(&self) {
        if self.core.has_mail() {
            self.sort_mail();
        }
        if let Some(due) = self.next_due() {
            let now = sync::now();
            if due <= now {
                self.fire_timers(now);
            }
        }
    }

    fn sort_mail(&self) {
        for mail in self.core.take_mail() {
            match mail {
                Mail::Done(op) => self.came_back(op),
                Mail::Apc(apc) => self.queue.borrow_mut().push_back(Apc::User(apc)),
                Mail::Cancel(key) => {
                    if let Some((_, home)) = self.home.get() {
                        home.cancel_key(key);
                    }
                }
                Mail::Time(now) => self.fire_timers(now),
                Mail::Discard(serial) => self.queue.borrow_mut().push_back(Apc::Discard(serial)),
            }
        }
    }

    /// Whether operations on events have come to lie behind those of this thread's home: then its plain waits
    /// drive the home too.
    pub(crate) fn carries_for_others(&self) -> bool {
        self.home.get().is_some_and(|(_, home)| home.carries_for_others())
    }

    /// Starts what has become the head of its lane on another thread.
    fn begin_left(&self) {
        if !self.core.has_starts() {
            return;
        }
        for op in self.core.take_starts() {
            op.socket().begin_left(op);
        }
    }

    /// Lets what the kernel has completed come into the queue; a system call, which never blocks.
    pub(crate) fn poll_home(&self) {
        self.catch_up();
        self.waits_since_poll.set(0);
        if let Some(home) = self.busy_home() {
            home.poll();
        }
        self.harvest();
    }

    /// Takes what the kernel has reported by now.
    pub(crate) fn harvest(&self) {
        if let Some(home) = self.busy_home() {
            home.harvest(&mut Unwanted::default());
        }
    }

    /// Does what other threads have left to be done here, and queues what they have left to be run.
    pub(crate) fn catch_up(&self) {
        self.begin_left();
        self.collect();
    }

    /// Whether something is queued for this thread.
    pub(crate) fn has_queued(&self) -> bool {
        self.catch_up();
        !self.queue.borrow().is_empty()
    }

    /// Counts a wait that need not ask the kernel; every so often it must, else a program that
    /// always finds something would never see the rest.
    pub(crate) fn is_poll_due(&self) -> bool {
        let waits = self.waits_since_poll.get() + 1;
        self.waits_since_poll.set(waits % WAITS_BETWEEN_POLLS);
        waits == WAITS_BETWEEN_POLLS
    }

    /// Notes that a wait blocks, and with that asks the kernel.
    pub(crate) fn is_polled(&self) {
        self.waits_since_poll.set(0);
    }

    /// Runs everything that is queued, in order, and what is queued meanwhile; returns how many
    /// routines and APCs ran, which is none if all that was queued has been taken back. Nothing is borrowed or locked while one runs, so it may issue, wait
    /// alertably again, or panic: what it leaves in the queue stays there.
    pub(crate) fn run(&self) -> usize {
        let _nested = Depth::enter(self);
        let mut ran = 0;
        loop {
            self.collect();
            let next = self.queue.borrow_mut().pop_front();
            let Some(apc) = next else {
                self.harvest();
                if self.has_queued() {
                    continue;
                }
                return ran;
            };
            match apc {
                // SAFETY: the operation came back to its thread, and the queue's entry was the
                // last reference.
                Apc::Routine(op) => unsafe { op.act(Act::Deliver) },
                Apc::User(apc) => apc(),
                Apc::Timer(serial) if self.run_timer(serial) => {}
                Apc::Timer(_) => continue,
                Apc::Discard(serial) => {
                    self.drop_timer(serial);
                    continue;
                }
            }
            ran += 1;
            if ran % ROUTINES_BETWEEN_POLLS == 0 {
                self.poll_home();
            }
        }
    }
}

/// Counts the alertable waits that run routines, also when one panics.
struct Depth<'a>(&'a Engine);

impl<'a> Depth<'a> {
    fn enter(engine: &'a Engine) -> Self {
        engine.depth.set(engine.depth.get() + 1);
        Self(engine)
    }
}

impl Drop for Depth<'_> {
    fn drop(&mut self) {
        let depth = self.0.depth.get() - 1;
        self.0.depth.set(depth);
        // Not after one inside of another: two that take longer than their periods would call each other for ever.
        if depth == 0 {
            self.0.resume_timers();
        }
    }
}
