//! The receives that a thread has pending on one socket, with routines, on events and left to others, in the order of
//! their issue.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex};

use overlapped::{Completion, Event, Issued, OperationId, Overlapped, Pending, Result, Session, Socket};

use super::deed::{Awaited, Hand};
use super::model::Ticket;
use super::service::Kept;
use super::waits::Running;

/// The result of a receive.
pub(super) struct Arrival {
    pub(super) index: u64,
    /// What came, none at the end of the stream; or the code of an error.
    pub(super) result: std::result::Result<Vec<u8>, i32>,
}

impl Arrival {
    fn of(index: u64, buffer: &[u8], done: Result<Completion>) -> Self {
        Self { index, result: done.map(|done| buffer[..done.bytes].to_vec()).map_err(|error| error.code()) }
    }
}

/// A session for events.
pub(super) struct Take {
    socket: Socket,
    buffer: Vec<u8>,
    ticket: Ticket,
}

impl Session for Take {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// A session for routines; it stays on its thread.
struct OwnTake {
    take: Take,
    index: u64,
    inbox: Rc<RefCell<Vec<Arrival>>>,
}

impl Session for OwnTake {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        self.take.parts()
    }
}

enum How {
    Routine,
    Event {
        pending: Box<Pending<Take>>,
        event: Event,
        orphan: Arc<AtomicBool>,
    },
    /// Somebody else finishes it, and then sets the event.
    Elsewhere {
        slot: Arc<Mutex<Option<Arrival>>>,
        answer: Event,
    },
}

struct Receive {
    index: u64,
    id: Option<OperationId>,
    how: How,
    /// Somebody has been asked to cancel it, or to close the socket.
    may_abort: bool,
}

pub(super) struct Receives {
    socket: Socket,
    pending: VecDeque<Receive>,
    inbox: Rc<RefCell<Vec<Arrival>>>,
    next: u64,
    /// Events that were used before, to be used again.
    events: Vec<Event>,
    /// The last one is awaited, not the first: where all are sure to come.
    pub(super) last: bool,
}

impl Receives {
    pub(super) fn new(socket: &Socket) -> Self {
        let (pending, inbox) = (VecDeque::new(), Rc::default());
        Self { socket: socket.clone(), pending, inbox, next: 0, events: Vec::new(), last: false }
    }

    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }

    pub(super) fn issue(&mut self, hand: &mut Hand, size: usize) {
        if hand.with_routine() {
            return self.issue_with_routine(size);
        }
        let index = self.next;
        let used = if hand.dice.percent(70) { self.events.pop() } else { None };
        let event = used.unwrap_or_else(|| if hand.dice.percent(50) { Event::auto() } else { Event::manual() });
        let take = Take { socket: self.socket.clone(), buffer: vec![0; size], ticket: Ticket::on_event() };
        let orphan = Arc::clone(&take.ticket.orphan);
        let pending = Overlapped::new(take).recv_event(&event);
        let issued = pending.issued();
        let how = if hand.dice.percent(20) && hand.round.service.keeps() {
            Self::elsewhere(hand, index, pending, event)
        } else {
            How::Event { pending: Box::new(pending), event, orphan }
        };
        self.push(issued, how);
    }

    pub(super) fn issue_with_routine(&mut self, size: usize) {
        let take = Take { socket: self.socket.clone(), buffer: vec![0; size], ticket: Ticket::with_routine() };
        let own = OwnTake { take, index: self.next, inbox: Rc::clone(&self.inbox) };
        self.push(Overlapped::new(own).recv(received), How::Routine);
    }

    fn push(&mut self, issued: Issued, how: How) {
        let id = if let Issued::Pending(id) = issued { Some(id) } else { None };
        self.pending.push_back(Receive { index: self.next, id, how, may_abort: false });
        self.next += 1;
    }

    fn elsewhere(hand: &Hand, index: u64, pending: Pending<Take>, event: Event) -> How {
        let (slot, answer) = (Arc::new(Mutex::new(None)), Event::manual());
        let (into, answered) = (Arc::clone(&slot), answer.clone());
        let then = move |mut take: Overlapped<Take>, done: Result<Completion>| {
            take.ticket.complete(code(&done));
            *into.lock().unwrap() = Some(Arrival::of(index, &take.buffer, done));
            drop(take);
            answered.set();
        };
        hand.round.service.keep(Kept { event, pending, then: Box::new(then) });
        How::Elsewhere { slot, answer }
    }

    /// What has completed, with whether it may have been aborted; not in any order.
    pub(super) fn collect(&mut self, hand: &mut Hand) -> Vec<(Arrival, bool)> {
        let mut told = Vec::new();
        for arrival in self.inbox.take() {
            let place = self.pending.iter().position(|receive| receive.index == arrival.index);
            let receive = place.and_then(|place| self.pending.remove(place)).expect("a receive comes back once");
            told.push((arrival, receive.may_abort));
        }
        let mut place = 0;
        while place < self.pending.len() {
            let done = match &self.pending[place].how {
                How::Routine => false,
                How::Event { pending, .. } => pending.is_done() || hand.dice.percent(10) && pending.poll(),
                How::Elsewhere { slot, .. } => slot.lock().unwrap().is_some(),
            };
            if !done {
                place += 1;
                continue;
            }
            let Some(receive) = self.pending.remove(place) else { unreachable!() };
            let arrival = match receive.how {
                How::Routine => None,
                How::Event { pending, event, .. } => pending.try_finish().ok().map(|(mut take, done)| {
                    take.ticket.complete(code(&done));
                    self.events.push(event);
                    Arrival::of(receive.index, &take.buffer, done)
                }),
                How::Elsewhere { slot, .. } => slot.lock().unwrap().take(),
            };
            told.push((arrival.expect("what is done stays so"), receive.may_abort));
        }
        told
    }

    /// The oldest comes first.
    fn next(&self) -> &How {
        let next = if self.last { self.pending.back() } else { self.pending.front() };
        &next.expect("something is pending").how
    }

    pub(super) fn awaited(&self) -> Awaited {
        match self.next() {
            How::Routine => Awaited::Routine,
            How::Event { event, .. } => Awaited::Object(Box::new(event.clone())),
            How::Elsewhere { answer, .. } => Awaited::Object(Box::new(answer.clone())),
        }
    }

    pub(super) fn came(&self) {
        match self.next() {
            How::Routine => {}
            How::Event { pending, .. } => assert!(pending.is_done(), "the event is set before its operation is done"),
            How::Elsewhere { slot, .. } => assert!(slot.lock().unwrap().is_some(), "an event is set by nobody"),
        }
    }

    pub(super) fn wait_within(&self) -> bool {
        match self.next() {
            How::Event { pending, .. } => {
                assert!(pending.wait(None) && pending.is_done());
                true
            }
            _ => false,
        }
    }

    /// All that is pending may be aborted.
    pub(super) fn expect_aborts(&mut self) {
        self.pending.iter_mut().for_each(|receive| receive.may_abort = true);
    }

    /// Has one of the pending cancelled, here or elsewhere.
    pub(super) fn cancel_one(&mut self, hand: &mut Hand) {
        if self.pending.is_empty() {
            return;
        }
        let place = hand.dice.below(self.pending.len());
        let receive = &mut self.pending[place];
        receive.may_abort = true;
        match (&receive.how, receive.id) {
            (How::Event { pending, .. }, _) if hand.dice.percent(50) => drop(pending.cancel()),
            (_, Some(id)) if hand.dice.percent(50) => drop(self.socket.cancel_operation(id)),
            (_, Some(id)) => {
                let socket = self.socket.clone();
                hand.round.service.ask(move |_| drop(socket.cancel_operation(id)));
            }
            _ => {}
        }
    }

    /// The owner loses interest.
    pub(super) fn abandon(&mut self) {
        for receive in self.pending.drain(..) {
            if let How::Event { pending, orphan, .. } = receive.how {
                orphan.store(true, SeqCst);
                drop(pending);
            }
        }
    }

    /// The thread ends: others see to what comes of those on events.
    pub(super) fn leave(&mut self, hand: &mut Hand) {
        for receive in self.pending.drain(..) {
            if let How::Event { pending, event, orphan } = receive.how {
                if hand.dice.percent(70) && hand.round.service.keeps() {
                    let then = |mut take: Overlapped<Take>, done: Result<Completion>| {
                        take.ticket.complete(code(&done));
                    };
                    hand.round.service.keep(Kept { event, pending: *pending, then: Box::new(then) });
                } else {
                    orphan.store(true, SeqCst);
                    drop(pending);
                }
            }
        }
    }

    pub(super) fn state(&self) -> String {
        let named = |receive: &Receive| {
            let how = match &receive.how {
                How::Routine => "routine".to_owned(),
                How::Event { pending, event, .. } => format!("{event:?} done {}", pending.is_done()),
                How::Elsewhere { slot, .. } => {
                    format!("elsewhere {}", slot.try_lock().is_ok_and(|slot| slot.is_some()))
                }
            };
            format!("{} {how}", receive.index)
        };
        self.pending.iter().map(named).collect::<Vec<_>>().join(", ")
    }
}

fn code(done: &Result<Completion>) -> i32 {
    done.as_ref().map_or_else(|error| error.code(), |_| 0)
}

fn received(mut own: Overlapped<OwnTake>, done: Result<Completion>) {
    let _running = Running::enter();
    own.take.ticket.complete(code(&done));
    let arrival = Arrival::of(own.index, &own.take.buffer, done);
    own.inbox.borrow_mut().push(arrival);
}
