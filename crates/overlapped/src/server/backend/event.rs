//! The event model: each operation has an event, and the thread waits for all of them.
//!
//! A session stays on its thread. What another thread has for it lies in the mail, whose event is one more to wait for.

use super::empty;
use crate::buffers::Gather;
use crate::error::Result;
use crate::event::Event;
use crate::object::Waitable;
use crate::overlapped::Overlapped;
use crate::pending::Pending;
use crate::server::batch::Batch;
use crate::server::decoder::Decoder;
use crate::server::desk::Mail;
use crate::server::queue::{Input, Next};
use crate::server::session::Session;
use crate::server::worker::{Accept, Worker};
use crate::socket::Socket;
use crate::wait;
use slab::Slab;
use std::mem;
use std::time::Instant;

struct Table {
    worker: Worker,
    places: Slab<Place>,
    doors: Vec<Door>,
    /// Places of which something has completed, in one pass.
    done: Vec<usize>,
}

/// A session, with its operations.
struct Place {
    session: Session,
    socket: Socket,
    input: Input,
    receiver: Flight<Receiver>,
    received: Event,
    sender: Option<Pending<Sender>>,
    sent: Event,
}

/// An operation, or what it is issued with.
enum Flight<T> {
    Idle(Overlapped<T>),
    Pending(Pending<T>),
    /// In other hands.
    Away,
}

struct Receiver {
    socket: Socket,
    buffer: Decoder,
}

struct Sender {
    socket: Socket,
    batch: Batch,
}

struct Door {
    accepted: Event,
    state: Accepting,
}

enum Accepting {
    Pending(Pending<Socket, Socket>),
    Shut(Overlapped<Socket>, Instant),
    Closed,
}

pub(super) fn work(worker: Worker) -> Result<()> {
    let inbox = Event::auto();
    let filled = inbox.clone();
    worker.open(Box::new(move || filled.set()));
    let mut table = Table { worker, places: Slab::new(), doors: Vec::new(), done: Vec::new() };
    let mut mail = Mail::default();
    let mut objects = Vec::new();
    loop {
        table.worker.begin_turn(&mut mail);
        mail.sockets.drain(..).for_each(|socket| table.welcome(socket));
        mail.listeners.drain(..).for_each(|listener| table.doors.push(Door::open(listener)));
        mail.sessions.drain(..).for_each(|session| table.find(&session));
        if table.worker.is_done() {
            return Ok(());
        }
        let reopen = table.doors.iter_mut().filter_map(Door::reopen).min();
        let mut list = empty(objects);
        list.push(&inbox as &dyn Waitable);
        table.list(&mut list);
        wait::any(&list, table.worker.patience(reopen))?;
        objects = empty(list);
        table.worker.waited(0);
        table.pass();
    }
}

impl<T> Flight<T> {
    fn is_pending(&self) -> bool {
        matches!(self, Self::Pending(_))
    }

    fn is_done(&self) -> bool {
        matches!(self, Self::Pending(pending) if pending.is_done())
    }

    fn take(&mut self) -> Self {
        mem::replace(self, Self::Away)
    }
}

impl Place {
    fn receive(receiver: Overlapped<Receiver>, received: &Event) -> Flight<Receiver> {
        Flight::Pending(receiver.recv_event_with(received, |receiver| (&receiver.socket, receiver.buffer.place())))
    }

    fn send(sender: Overlapped<Sender>, sent: &Event) -> Pending<Sender> {
        sender.send_gather_event(sent, |sender| sender.batch.slices().fold(Gather::new(&sender.socket), Gather::buffer))
    }

    fn has_sent(&self) -> bool {
        self.sender.as_ref().is_some_and(Pending::is_done)
    }
}

impl Table {
    fn welcome(&mut self, socket: Socket) {
        let Some((session, buffer)) = self.worker.welcome(socket.clone()) else { return };
        let received = Event::manual();
        let place = Place {
            session: session.clone(),
            input: Input::Pending,
            receiver: Place::receive(Overlapped::new(Receiver { socket: socket.clone(), buffer }), &received),
            received,
            sender: None,
            socket,
            sent: Event::manual(),
        };
        let key = self.places.insert(place);
        session.set_place(key);
        self.look(key);
    }

    /// The events of all that is pending.
    fn list<'a>(&'a self, list: &mut Vec<&'a dyn Waitable>) {
        for door in &self.doors {
            if matches!(door.state, Accepting::Pending(_)) {
                list.push(&door.accepted);
            }
        }
        for (_, place) in &self.places {
            if place.receiver.is_pending() {
                list.push(&place.received);
            }
            if place.sender.is_some() {
                list.push(&place.sent);
            }
        }
    }

    /// Handles all that has completed; what completed with the one that ended the wait is known by now.
    fn pass(&mut self) {
        for door in &mut self.doors {
            door.serve(&self.worker);
        }
        let mut done = mem::take(&mut self.done);
        let places = self.places.iter().filter(|(_, place)| place.receiver.is_done() || place.has_sent());
        done.extend(places.map(|(key, _)| key));
        done.drain(..).for_each(|key| self.completed(key));
        self.done = done;
    }

    fn completed(&mut self, key: usize) {
        let place = &mut self.places[key];
        if place.receiver.is_done() {
            if let Flight::Pending(pending) = place.receiver.take() {
                let (mut receiver, done) = pending.finish();
                let done = done.map(|done| done.bytes);
                place.input = self.worker.received(&place.session, &place.socket, &mut receiver.buffer, done, false);
                place.receiver = Flight::Idle(receiver);
            }
        }
        if let Some(pending) = place.sender.take_if(|pending| pending.is_done()) {
            let (mut sender, done) = pending.finish();
            self.worker.sent(&place.session, &mut sender.batch, done.map(|done| done.bytes));
        }
        self.look(key);
    }

    fn find(&mut self, session: &Session) {
        let key = session.place();
        if self.places.get(key).is_some_and(|place| place.session.id() == session.id()) {
            self.look(key);
        }
    }

    /// What a session does next.
    fn look(&mut self, key: usize) {
        let place = &mut self.places[key];
        let (turn, rest) = self.worker.next(&place.session, &place.socket, place.sender.is_some(), place.input);
        if let Some(batch) = rest {
            let sender = Sender { socket: place.socket.clone(), batch };
            place.sender = Some(Place::send(Overlapped::new(sender), &place.sent));
        }
        if turn.receives {
            if let Flight::Idle(receiver) = place.receiver.take() {
                place.input = Input::Pending;
                place.receiver = Place::receive(receiver, &place.received);
            }
        }
        match turn.next {
            Next::Full => self.worker.tell_full(&place.session),
            Next::Over => {
                let gone = self.places.remove(key);
                self.worker.over(&gone.session);
            }
            Next::Nothing | Next::Send | Next::Shut => {}
        }
    }
}

impl Door {
    fn open(listener: Socket) -> Self {
        let accepted = Event::manual();
        let state = accept(Overlapped::new(listener), &accepted);
        Self { accepted, state }
    }

    /// Handles the completion of an accept, if there is one.
    fn serve(&mut self, worker: &Worker) {
        if !matches!(&self.state, Accepting::Pending(pending) if pending.is_done()) {
            return;
        }
        if let Accepting::Pending(pending) = mem::replace(&mut self.state, Accepting::Closed) {
            let (listener, client) = pending.finish();
            self.state = match worker.accepted(client) {
                Accept::Now => accept(listener, &self.accepted),
                Accept::At(time) => Accepting::Shut(listener, time),
                Accept::Never => Accepting::Closed,
            };
        }
    }

    /// Opens a door that has been shut long enough; otherwise says when that will be.
    fn reopen(&mut self) -> Option<Instant> {
        let Accepting::Shut(_, time) = self.state else { return None };
        if time > Instant::now() {
            return Some(time);
        }
        if let Accepting::Shut(listener, _) = mem::replace(&mut self.state, Accepting::Closed) {
            self.state = accept(listener, &self.accepted);
        }
        None
    }
}

fn accept(listener: Overlapped<Socket>, accepted: &Event) -> Accepting {
    Accepting::Pending(listener.accept_event(accepted, |listener| listener))
}
