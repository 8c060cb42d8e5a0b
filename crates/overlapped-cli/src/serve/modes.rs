//! What a server of each mode does with what it receives.

use crate::output::{Said, complain, say};
use overlapped::server::{Framing, Handler, Message, Packet, Reason, Session};
use std::sync::Arc;

/// Says who comes, what arrives and who leaves.
pub(super) struct Print {
    pub(super) framing: Framing,
}

impl Handler for Print {
    fn connected(&mut self, session: &Session) {
        say!("client {} connected from {}", session.id(), session.peer_addr());
    }

    fn received(&mut self, session: &Session, message: Message<'_>) {
        say!("client {} received {}", session.id(), Said(self.framing, message.id(), &message));
    }

    fn closed(&mut self, session: &Session, reason: &Reason) {
        let id = session.id();
        match reason {
            Reason::Ended => say!("client {id} left: end of stream"),
            Reason::Failed(error) => say!("client {id} left: {error}"),
            Reason::Drained => say!("client {id} closed: the server stops"),
            reason => say!("client {id} closed: {reason}"),
        }
    }
}

/// Sends it back.
pub(super) struct Echo;

impl Handler for Echo {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        session.send_copy(message.id(), &message);
    }
}

/// Sends it to all others, and complains of those who do not read.
pub(super) struct Broadcast {
    pub(super) queue: usize,
    /// It was complained of.
    pub(super) told: bool,
}

impl Handler for Broadcast {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        // One copy, which all of them share.
        let packet = Packet::new(message.id(), Arc::<[u8]>::from(&*message));
        session.server().broadcast_except(session.id(), packet);
    }

    fn full(&mut self, session: &Session) {
        if !std::mem::replace(&mut self.told, true) {
            self.complain(session, session.queued_bytes(), "does not get everything");
        }
    }

    fn closed(&mut self, session: &Session, reason: &Reason) {
        if let Reason::Full { queued } = reason {
            self.complain(session, *queued, "closed");
        }
    }
}

impl Broadcast {
    fn complain(&self, session: &Session, queued: usize, what: &str) {
        complain!(
            "client {} ({}) {what}: it does not read, {queued} bytes wait for it; --queue is {} bytes",
            session.id(),
            session.peer_addr(),
            self.queue
        );
    }
}
