//! What a thread sends on one socket: given away, with routines and on events.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use overlapped::{Completion, Event, Overlapped, Pending, Result, Socket};

use super::deed::{Awaited, Hand};
use super::model::Ticket;
use super::waits::Running;

struct Parcel {
    socket: Socket,
    bytes: Vec<u8>,
    ticket: Ticket,
}

impl Parcel {
    /// Whether it has gone, as a whole.
    fn is_gone(&mut self, done: &Result<Completion>) -> bool {
        self.ticket.complete(done.as_ref().map_or_else(|error| error.code(), |_| 0));
        if let Ok(done) = done {
            assert_eq!(done.bytes, self.bytes.len(), "a send reports every byte");
        }
        done.is_ok()
    }
}

struct OwnParcel {
    parcel: Parcel,
    counts: Rc<Counts>,
}

#[derive(Default)]
struct Counts {
    routines: Cell<usize>,
    broken: Cell<bool>,
}

struct OnEvent {
    pending: Pending<Parcel>,
    event: Event,
    orphan: Arc<AtomicBool>,
}

pub(super) struct Sends {
    socket: Socket,
    counts: Rc<Counts>,
    events: Vec<OnEvent>,
}

impl Sends {
    pub(super) fn new(socket: &Socket) -> Self {
        Self { socket: socket.clone(), counts: Rc::default(), events: Vec::new() }
    }

    pub(super) fn send(&mut self, hand: &mut Hand, bytes: Vec<u8>) {
        let given = match hand.dice.below(4) {
            0 => self.socket.give_copy(&bytes),
            1 => self.socket.give(bytes),
            _ if hand.with_routine() => {
                let parcel = Parcel { socket: self.socket.clone(), bytes, ticket: Ticket::with_routine() };
                self.counts.routines.set(self.counts.routines.get() + 1);
                let own = OwnParcel { parcel, counts: Rc::clone(&self.counts) };
                Overlapped::new(own).send_with(|own| (&own.parcel.socket, &own.parcel.bytes), sent);
                return;
            }
            _ => {
                let (event, ticket) = (Event::manual(), Ticket::on_event());
                let orphan = Arc::clone(&ticket.orphan);
                let parcel = Overlapped::new(Parcel { socket: self.socket.clone(), bytes, ticket });
                let pending = parcel.send_event_with(&event, |parcel| (&parcel.socket, &parcel.bytes));
                self.events.push(OnEvent { pending, event, orphan });
                return;
            }
        };
        if given.is_err() {
            self.counts.broken.set(true);
        }
    }

    /// Finishes what is done; whether one has failed.
    pub(super) fn collect(&mut self) -> bool {
        for send in std::mem::take(&mut self.events) {
            match send.pending.is_done() {
                true => {
                    let (mut parcel, done) = send.pending.finish();
                    if !parcel.is_gone(&done) {
                        self.counts.broken.set(true);
                    }
                }
                false => self.events.push(send),
            }
        }
        self.counts.broken.get()
    }

    /// Whether some are to complete. Nobody is told of those that were given away.
    pub(super) fn are_pending(&self) -> bool {
        self.counts.routines.get() > 0 || !self.events.is_empty()
    }

    pub(super) fn is_idle(&self) -> bool {
        !self.are_pending() && self.socket.queued_bytes() == 0
    }

    pub(super) fn awaited(&self) -> Awaited {
        match self.events.first() {
            Some(send) => Awaited::Object(Box::new(send.event.clone())),
            None => Awaited::Routine,
        }
    }

    pub(super) fn came(&self) {
        if let Some(send) = self.events.first() {
            assert!(send.pending.is_done(), "the event is set before its send is done");
        }
    }

    pub(super) fn abandon(&mut self) {
        for send in self.events.drain(..) {
            send.orphan.store(true, SeqCst);
            drop(send.pending);
        }
    }

    pub(super) fn state(&self) -> String {
        let (routines, events) = (self.counts.routines.get(), self.events.len());
        format!("{routines} routines, {events} events, {} bytes", self.socket.queued_bytes())
    }
}

fn sent(mut own: Overlapped<OwnParcel>, done: Result<Completion>) {
    let _running = Running::enter();
    if !own.parcel.is_gone(&done) {
        own.counts.broken.set(true);
    }
    own.counts.routines.set(own.counts.routines.get() - 1);
}
