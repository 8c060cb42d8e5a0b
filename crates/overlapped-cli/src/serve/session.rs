//! One client, as its worker sees it.

use super::peers::Peer;
use overlapped::Socket;
use std::sync::Arc;

/// The operation a session has in flight, or is about to issue. There is always exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Receive into the whole buffer.
    Receive,
    /// Send this much of the buffer, and receive when it has left: a client that does not read what
    /// it gets is not read from either.
    Echo(usize),
    /// Send nothing, behind everything that is queued: it completes when the queue has left.
    Flush,
}

impl Step {
    /// The bytes of the buffer to send, if it is a send.
    pub(super) fn sends(self) -> Option<usize> {
        match self {
            Self::Receive => None,
            Self::Echo(bytes) => Some(bytes),
            Self::Flush => Some(0),
        }
    }
}

pub(super) struct Session {
    pub(super) peer: Arc<Peer>,
    pub(super) buffer: Box<[u8]>,
    pub(super) step: Step,
}

impl Session {
    pub(super) fn new(peer: Arc<Peer>, buffer: usize) -> Self {
        Self { peer, buffer: vec![0; buffer].into(), step: Step::Receive }
    }
}

impl overlapped::Session for Session {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.peer.socket, &mut self.buffer)
    }
}
