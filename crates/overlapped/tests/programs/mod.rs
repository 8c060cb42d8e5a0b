//! Small programs made of acts that routines do to each other: every sequence of a length is one program.
//!
//! Each routine that runs does the next act, so an act that waits alertably nests what follows in it. Whatever the
//! sequence, each routine runs exactly once and each value is dropped exactly once.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Pending, Result, Session, Socket, Waited, alertable};

/// Where the programs run: a kernel, or what a test makes of one.
pub(crate) trait World {
    /// Lets a byte arrive, if something may receive it.
    fn feed(&self);
}

/// What a routine may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Issues its own block again.
    Again,
    Receive,
    Send,
    /// Issues with an event, and keeps that.
    OnEvent,
    DropPending,
    FinishPending,
    Apc,
    Cancel,
    CancelElsewhere,
    Close,
    Feed,
    Nest,
    Unwind,
}

pub(crate) const ACTS: [Act; 13] = [
    Act::Again,
    Act::Receive,
    Act::Send,
    Act::OnEvent,
    Act::DropPending,
    Act::FinishPending,
    Act::Apc,
    Act::Cancel,
    Act::CancelElsewhere,
    Act::Close,
    Act::Feed,
    Act::Nest,
    Act::Unwind,
];

/// Calls `run` with every program of a length, or with one of so many, which have each act at each place.
pub(crate) fn every(length: usize, one_of: usize, mut run: impl FnMut(&[Act])) {
    let count = ACTS.len().pow(length as u32);
    for number in (0..count).step_by(one_of) {
        let program: Vec<_> = (0..length).map(|at| ACTS[number / ACTS.len().pow(at as u32) % ACTS.len()]).collect();
        run(&program);
    }
}

/// How many values were made, and how many of them are gone.
#[derive(Default)]
struct Values {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

struct Value(Arc<Values>);

impl Values {
    fn make(self: &Arc<Self>) -> Value {
        self.made.fetch_add(1, SeqCst);
        Value(Arc::clone(self))
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, SeqCst);
    }
}

struct Actor {
    socket: Socket,
    buffer: [u8; 4],
    /// Which operation this is.
    number: usize,
    stage: Rc<Stage>,
    _value: Value,
}

impl Session for Actor {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

type OnEvent = (Socket, [u8; 4], Value);

struct Stage {
    socket: Socket,
    values: Arc<Values>,
    acts: Vec<Act>,
    next: Cell<usize>,
    /// How often the routine of each operation has run.
    ran: RefCell<Vec<u32>>,
    pending: RefCell<Vec<Pending<OnEvent>>>,
    world: Rc<dyn World>,
}

thread_local! {
    /// For APCs, which have nothing of their thread.
    static STAGE: RefCell<Option<Rc<Stage>>> = const { RefCell::new(None) };
}

fn told(actor: Overlapped<Actor>, _: Result<Completion>) {
    let stage = Rc::clone(&actor.stage);
    stage.ran.borrow_mut()[actor.number] += 1;
    stage.act(Some(actor));
}

impl Stage {
    fn number(&self) -> usize {
        let mut ran = self.ran.borrow_mut();
        ran.push(0);
        ran.len() - 1
    }

    fn actor(self: &Rc<Self>) -> Overlapped<Actor> {
        Overlapped::new(Actor {
            socket: self.socket.clone(),
            buffer: [0; 4],
            number: self.number(),
            stage: Rc::clone(self),
            _value: self.values.make(),
        })
    }

    fn on_event(&self) {
        let session: Overlapped<OnEvent> = Overlapped::new((self.socket.clone(), [0; 4], self.values.make()));
        let pending = session.recv_event_with(&Event::manual(), |session| (&session.0, &mut session.1));
        self.pending.borrow_mut().push(pending);
    }

    /// Does the next act of the program, if there is one.
    fn act(self: &Rc<Self>, actor: Option<Overlapped<Actor>>) {
        let Some(&act) = self.acts.get(self.next.get()) else { return };
        self.next.set(self.next.get() + 1);
        match act {
            Act::Again => {
                if let Some(mut actor) = actor {
                    actor.number = self.number();
                    actor.recv(told);
                }
            }
            Act::Receive => _ = self.actor().recv(told),
            Act::Send => _ = self.actor().send(.., told),
            Act::OnEvent => self.on_event(),
            Act::DropPending => {
                let pending = self.pending.borrow_mut().pop();
                drop(pending);
            }
            Act::FinishPending => {
                let pending = self.pending.borrow_mut().pop();
                if let Some(pending) = pending {
                    let _ = pending.cancel();
                    drop(pending.finish());
                }
            }
            Act::Apc => {
                let value = self.values.make();
                let apc = move || {
                    let _value = value;
                    let stage = STAGE.with_borrow(Clone::clone).expect("the program still runs");
                    stage.act(None);
                };
                alertable::current().queue(apc).unwrap();
            }
            Act::Cancel => drop(self.socket.cancel()),
            Act::CancelElsewhere => {
                let socket = self.socket.clone();
                thread::spawn(move || drop(socket.cancel())).join().unwrap();
            }
            Act::Close => self.socket.close(),
            Act::Feed => self.world.feed(),
            Act::Nest => drop(alertable::sleep(Some(Duration::ZERO)).unwrap()),
            // Without the panic hook, which would tell of each.
            Act::Unwind => resume_unwind(Box::new(Unwound)),
        }
    }
}

/// What the programs' panics carry.
struct Unwound;

/// Waits as the program's thread would; whether something ran.
fn turn(timeout: Option<Duration>) -> bool {
    match catch_unwind(AssertUnwindSafe(|| alertable::sleep(timeout))) {
        Ok(waited) => waited.unwrap() == Waited::Routines,
        Err(payload) => payload.is::<Unwound>(),
    }
}

/// Runs a program until all its operations have come back; what it left is judged.
pub(crate) fn run_to_its_end(socket: Socket, world: Rc<dyn World>, acts: &[Act]) {
    let stage = begin(socket, world, acts);
    while turn(Some(Duration::ZERO)) {}
    stage.socket.close();
    for pending in stage.pending.take() {
        drop(pending.finish());
    }
    // What is told may act once more.
    while stage.ran.borrow().contains(&0) {
        turn(None);
    }
    while turn(Some(Duration::ZERO)) {}
    drop(stage.pending.take());
    assert!(stage.ran.borrow().iter().all(|&times| times == 1), "{acts:?}: {:?}", stage.ran.borrow());
    STAGE.take();
    let values = Arc::clone(&stage.values);
    let stage = Rc::try_unwrap(stage).unwrap_or_else(|stage| {
        panic!("{acts:?}: {} more sessions than there should be", Rc::strong_count(&stage) - 1)
    });
    drop(stage);
    judge(&values, acts);
}

/// Begins a program on the calling thread, which then ends: what is to be judged after that.
pub(crate) fn leave_behind(socket: Socket, world: Rc<dyn World>, acts: &[Act]) -> Left {
    let stage = begin(socket, world, acts);
    turn(Some(Duration::ZERO));
    STAGE.take();
    // They would keep each other: what is pending is kept by the stage, which is kept by sessions.
    drop(stage.pending.take());
    Left(Arc::clone(&stage.values))
}

pub(crate) struct Left(Arc<Values>);

impl Left {
    pub(crate) fn judge(self, acts: &[Act]) {
        judge(&self.0, acts);
    }
}

/// A receive for each kind of delivery, and something that runs at once.
fn begin(socket: Socket, world: Rc<dyn World>, acts: &[Act]) -> Rc<Stage> {
    let stage = Rc::new(Stage {
        socket,
        values: Arc::default(),
        acts: acts.to_vec(),
        next: Cell::new(0),
        ran: RefCell::default(),
        pending: RefCell::default(),
        world,
    });
    STAGE.set(Some(Rc::clone(&stage)));
    stage.actor().recv(told);
    stage.on_event();
    stage.actor().recv(told);
    stage.actor().send(.., told);
    stage
}

/// Each value is dropped once, some a moment later.
fn judge(values: &Arc<Values>, acts: &[Act]) {
    let made = values.made.load(SeqCst);
    while values.dropped.load(SeqCst) < made {
        thread::yield_now();
    }
    assert_eq!(values.dropped.load(SeqCst), made, "{acts:?}");
}
