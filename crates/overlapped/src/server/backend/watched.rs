//! A session whose socket is watched: what the readiness models have in common. They are told that something can be done, and
//! then do it, with calls that do not block.

use crate::codes;
use crate::error::{Error, Operation};
use crate::network::NetworkEvents;
use crate::server::batch::Batch;
use crate::server::decoder::Decoder;
use crate::server::queue::{Input, Next};
use crate::server::reason::Reason;
use crate::server::session::Session;
use crate::server::worker::{Accept, Worker};
use crate::socket::Socket;
use std::time::Instant;

pub(super) struct Watched {
    pub(super) session: Session,
    pub(super) socket: Socket,
    buffer: Decoder,
    input: Input,
    /// The end of the stream is behind what is there; the model does not tell again.
    ends: bool,
    /// What is being sent.
    batch: Batch,
    /// The system takes no more for now.
    blocked: bool,
}

impl Watched {
    /// Makes a connection a session, if there may be one more.
    pub(super) fn welcome(worker: &Worker, socket: Socket) -> Option<Self> {
        let (session, buffer) = worker.welcome(socket.clone())?;
        let (input, batch) = (Input::Pending, Batch::default());
        Some(Self { session, socket, buffer, input, ends: false, batch, blocked: false })
    }

    /// Receives once each time it is told that it can: for a model that tells once for each receive that leaves something.
    pub(super) fn one_by_one(mut self) -> Self {
        self.buffer.more = None;
        self
    }

    /// Whether the model is to say when something can be received.
    pub(super) fn reads(&self) -> bool {
        self.input == Input::Pending
    }

    /// Whether the model is to say when something can be sent.
    pub(super) fn writes(&self) -> bool {
        self.blocked
    }

    /// Something can be received. The model tells again, and others have their turn.
    pub(super) fn readable(&mut self, worker: &Worker) {
        while self.input == Input::Pending {
            match self.socket.try_recv(self.buffer.space()) {
                Err(error) if error.is_would_block() => return,
                done => self.input = worker.received(&self.session, &self.socket, &mut self.buffer, done, false),
            }
            if self.input == Input::Paused && self.session.wants_input() {
                self.input = Input::Pending;
            }
            if !self.ends {
                return;
            }
        }
    }

    /// Network events have happened.
    pub(super) fn happened(&mut self, worker: &Worker, events: NetworkEvents) {
        if events.contains(NetworkEvents::WRITE) {
            self.writable();
        }
        // It comes once, and something may be still to be received before the end.
        self.ends |= events.contains(NetworkEvents::CLOSE);
        if events.intersects(NetworkEvents::READ | NetworkEvents::CLOSE) {
            self.readable(worker);
        }
    }

    /// The system can watch no more sockets.
    pub(super) fn cannot_be_watched(&self, error: Error) {
        self.session.end(Reason::Failed(error), true);
    }

    /// Something can be sent again.
    pub(super) fn writable(&mut self) {
        self.blocked = false;
    }

    /// What the session does next; whether it is over.
    pub(super) fn look(&mut self, worker: &Worker) -> bool {
        if self.session.is_dead() {
            self.input = Input::Done;
            if !self.batch.is_empty() {
                let aborted = Error::new(Operation::Send, codes::WSA_OPERATION_ABORTED);
                worker.sent(&self.session, &mut self.batch, Err(aborted));
            }
            self.blocked = false;
        }
        loop {
            self.write(worker);
            let batch = Some(&mut self.batch).filter(|batch| batch.is_empty());
            match self.session.next(None, batch, self.input).next {
                Next::Send => {}
                Next::Full => {
                    worker.tell_full(&self.session);
                    return false;
                }
                Next::Over => return true,
                Next::Nothing | Next::Shut => break,
            }
        }
        if self.input == Input::Paused && self.session.wants_input() {
            self.input = Input::Pending;
            // What came meanwhile was told already. What it makes is seen in the next turn: others have theirs.
            self.readable(worker);
            self.session.look_again();
        }
        false
    }

    /// Sends the batch, as far as the system takes it.
    fn write(&mut self, worker: &Worker) {
        while !self.batch.is_empty() && !self.blocked {
            match self.batch.send_now(&self.socket) {
                // Only then the model tells when there is room.
                Ok(0) => self.blocked = true,
                Ok(bytes) if !self.batch.is_empty() => worker.sent_some(&self.session, bytes),
                done => worker.sent(&self.session, &mut self.batch, done),
            }
        }
    }
}

/// A listener that is watched.
pub(super) struct Door {
    pub(super) listener: Socket,
    shut: Option<Instant>,
}

impl Door {
    /// How many connections are accepted before others have their turn.
    const AT_ONCE: usize = 64;

    pub(super) fn new(listener: Socket) -> Self {
        Self { listener, shut: None }
    }

    /// Whether the model is to say when there is a connection.
    pub(super) fn is_open(&self) -> bool {
        self.shut.is_none()
    }

    /// There may be connections.
    pub(super) fn acceptable(&mut self, worker: &Worker) {
        for _ in 0..if self.is_open() { Self::AT_ONCE } else { 0 } {
            match self.listener.try_accept() {
                Err(error) if error.is_would_block() => return,
                accepted => match worker.accepted(accepted) {
                    Accept::Now => {}
                    Accept::At(until) => {
                        self.shut = Some(until);
                        return;
                    }
                    Accept::Never => return,
                },
            }
        }
    }

    /// Opens a door that has been shut long enough, and accepts what came meanwhile; otherwise says when that will be.
    pub(super) fn reopen(&mut self, worker: &Worker) -> Option<Instant> {
        if self.shut.is_some_and(|until| until <= Instant::now()) {
            self.shut = None;
            self.acceptable(worker);
        }
        self.shut
    }
}
