//! Both directions of a connection, for the models that ask what can be done without blocking, and then do it.

use super::talk::{Next, Talk};
use overlapped::Socket;
use overlapped::network::NetworkEvents;
use overlapped::server::Decoder;
use std::time::Duration;

pub(super) struct Exchange {
    socket: Socket,
    talk: Talk,
    decoder: Decoder,
    /// What of the message has left, while not all of it has.
    left: Option<usize>,
    /// The stream has not ended.
    reads: bool,
}

impl Exchange {
    pub(super) fn new(socket: &Socket, talk: Talk) -> Self {
        Self { socket: socket.clone(), decoder: talk.decoder(), talk, left: None, reads: true }
    }

    /// Sends what is due, as far as the system takes it; then whether to wait or to leave.
    pub(super) fn next(&mut self) -> Next {
        match self.talk.next() {
            Next::Send => {
                self.left = Some(0);
                self.send();
                Next::Wait(if self.writes() { None } else { Some(Duration::ZERO) })
            }
            next => next,
        }
    }

    /// Whether there is something to send.
    pub(super) fn writes(&self) -> bool {
        self.left.is_some()
    }

    pub(super) fn reads(&self) -> bool {
        self.reads
    }

    /// Sends what can be sent.
    pub(super) fn send(&mut self) {
        while let Some(left) = self.left {
            let wire = self.talk.wire();
            match self.socket.try_send(&wire[left..]) {
                Ok(bytes) if left + bytes < wire.len() => self.left = Some(left + bytes),
                Err(error) if error.is_would_block() => return,
                done => {
                    self.left = None;
                    self.talk.sent(done.map(drop));
                }
            }
        }
    }

    /// Receives what is there; whether there may be more.
    pub(super) fn receive(&mut self) -> bool {
        match self.socket.try_recv(self.decoder.space()) {
            Err(error) if error.is_would_block() => return false,
            done => self.reads = self.reads && self.talk.received(&mut self.decoder, done),
        }
        self.reads
    }

    /// Does what network events tell of.
    pub(super) fn react(&mut self, events: NetworkEvents) {
        if events.contains(NetworkEvents::WRITE) {
            self.send();
        }
        if events.contains(NetworkEvents::READ) {
            self.receive();
        }
        if events.contains(NetworkEvents::CLOSE) {
            // It is told once, and there may be something to read before the end.
            while self.receive() {}
        }
    }

    pub(super) fn into_talk(self) -> Talk {
        self.talk
    }
}
