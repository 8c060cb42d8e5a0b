//! The event model: each session has an event, and its worker waits for all of them. What another
//! thread has for a worker comes to it through an inbox, whose event is one more to wait for.

use super::Serving;
use super::acceptor::{Acceptor, Next};
use super::crew::Desk;
use super::session::{Session, Step};
use super::worker::Worker;
use overlapped::{Event, Overlapped, Pending, Result, Socket, Waitable, Waited, wait};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct Events;

#[derive(Clone)]
pub(super) struct Inbox {
    letters: Arc<Mutex<Vec<Letter>>>,
    filled: Event,
}

enum Letter {
    Client(Socket),
    Accept(Socket, Acceptor<Inbox>),
}

impl Inbox {
    fn put(&self, letter: Letter) {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
        self.wake();
    }

    fn take(&self) -> Vec<Letter> {
        mem::take(&mut *self.letters.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Desk for Inbox {
    fn hand(&self, socket: Socket) {
        self.put(Letter::Client(socket));
    }

    fn accept(&self, listener: Socket, acceptor: Acceptor<Self>) {
        self.put(Letter::Accept(listener, acceptor));
    }

    fn wake(&self) {
        self.filled.set();
    }
}

/// The listener, and what becomes of those who come.
struct Door {
    event: Event,
    state: Accepting,
    acceptor: Acceptor<Inbox>,
}

enum Accepting {
    Pending(Pending<Socket, Socket>),
    Shut(Overlapped<Socket>, Instant),
    Closed,
}

impl Door {
    fn open(listener: Socket, acceptor: Acceptor<Inbox>, event: &Event) -> Self {
        let state = accept(Overlapped::new(listener), event);
        Self { event: event.clone(), state, acceptor }
    }

    /// Handles the completion of an accept.
    fn serve(&mut self) {
        let Accepting::Pending(pending) = mem::replace(&mut self.state, Accepting::Closed) else { return };
        let (listener, client) = pending.finish();
        // The event stays set until the next accept; there may be none for a while.
        self.event.reset();
        self.state = match self.acceptor.accepted(client) {
            Next::Now => accept(listener, &self.event),
            Next::At(time) => Accepting::Shut(listener, time),
            Next::Never => Accepting::Closed,
        };
    }

    /// Opens a door that has been shut long enough; otherwise says when that will be.
    fn reopen(&mut self) -> Option<Instant> {
        let Accepting::Shut(_, time) = self.state else { return None };
        if time > Instant::now() {
            return Some(time);
        }
        if let Accepting::Shut(listener, _) = mem::replace(&mut self.state, Accepting::Closed) {
            self.state = accept(listener, &self.event);
        }
        None
    }
}

fn accept(listener: Overlapped<Socket>, event: &Event) -> Accepting {
    Accepting::Pending(listener.accept_event(event, |listener| listener))
}

fn issue(session: Overlapped<Session>, step: Step, event: &Event) -> Pending<Session> {
    match step.sends() {
        None => session.recv_event(event),
        Some(bytes) => session.send_event(..bytes, event),
    }
}

/// The operation of a session has completed: the next one, or none at its end.
fn completed(worker: &Worker, pending: Pending<Session>, event: &Event) -> Option<Pending<Session>> {
    let (mut session, done) = pending.finish();
    let step = worker.completed(&mut session, done)?;
    Some(issue(session, step, event))
}

/// What a worker waits for, and what is behind it.
struct Table {
    inbox: Inbox,
    /// The inbox's, the door's, and then one for each session.
    events: Vec<Event>,
    door: Option<Door>,
    /// None in a pass that has seen the end of the session.
    sessions: Vec<Option<Pending<Session>>>,
}

const INBOX: usize = 0;
const DOOR: usize = 1;
const SESSIONS: usize = 2;

impl Table {
    fn new() -> Self {
        // Auto-reset: the wait that it ends takes the signal, and what is put in later sets it anew.
        let inbox = Inbox { letters: Arc::default(), filled: Event::auto() };
        let events = vec![inbox.filled.clone(), Event::manual()];
        Self { inbox, events, door: None, sessions: Vec::new() }
    }

    /// Waits, and handles everything that has completed; gives what has come into the inbox.
    fn pass(&mut self, worker: &Worker) -> Result<Vec<Letter>> {
        let mut letters = Vec::new();
        let objects: Vec<&dyn Waitable> = self.events.iter().map(|event| event as &dyn Waitable).collect();
        let reopen = self.door.as_mut().and_then(Door::reopen);
        let mut timeout = reopen.map(|time| time.saturating_duration_since(Instant::now()));
        let mut next = 0;
        // The wait names one event, the first that is set. The others that are set are asked for
        // without waiting, each once: nobody is served twice while somebody else has a turn.
        while let Some(rest @ [_, ..]) = objects.get(next..) {
            let Waited::Object(index) = wait::any(rest, timeout)? else { break };
            match next + index {
                INBOX => letters = self.inbox.take(),
                DOOR => self.door.iter_mut().for_each(Door::serve),
                place => {
                    let session = &mut self.sessions[place - SESSIONS];
                    *session = session.take().and_then(|pending| completed(worker, pending, &self.events[place]));
                }
            }
            next += index + 1;
            timeout = Some(Duration::ZERO);
        }
        Ok(letters)
    }

    /// Forgets the sessions that have ended.
    fn clear(&mut self) {
        for place in (0..self.sessions.len()).rev() {
            if self.sessions[place].is_none() {
                self.sessions.swap_remove(place);
                self.events.swap_remove(SESSIONS + place);
            }
        }
    }

    fn receive(&mut self, letter: Letter, worker: &Worker) {
        match letter {
            Letter::Accept(listener, acceptor) => {
                self.door = Some(Door::open(listener, acceptor, &self.events[DOOR]));
            }
            Letter::Client(socket) => {
                if let Some(session) = worker.welcome(socket) {
                    let event = Event::manual();
                    self.sessions.push(Some(issue(Overlapped::new(session), Step::Receive, &event)));
                    self.events.push(event);
                }
            }
        }
    }
}

impl Serving for Events {
    type Desk = Inbox;

    fn work(worker: Worker, open: impl FnOnce(Inbox)) -> Result<()> {
        let mut table = Table::new();
        open(table.inbox.clone());
        while !worker.is_done() {
            let letters = table.pass(&worker)?;
            table.clear();
            letters.into_iter().for_each(|letter| table.receive(letter, &worker));
            worker.show();
        }
        Ok(())
    }
}
