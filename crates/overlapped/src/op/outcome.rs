//! What a completed operation gives the program.

use super::Op;
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::message::Message;
use crate::operation::{Completion, Datagram};
use crate::socket::Socket;

/// What an operation brings when it succeeds.
pub(crate) trait Outcome: Sized {
    /// Takes the outcome of a completed operation, once.
    fn take(op: &Op) -> Result<Self>;
}

impl Outcome for Completion {
    fn take(op: &Op) -> Result<Self> {
        let flags = op.ended_message().map_or(0, |message| message.returned);
        op.outcome(|bytes| Completion { bytes: bytes as usize, flags })
    }
}

impl Outcome for Datagram {
    fn take(op: &Op) -> Result<Self> {
        let message = op.ended_message();
        let flags = message.map_or(0, |message| message.returned);
        let from = message.and_then(Message::address);
        let outcome = op.outcome(|bytes| bytes as usize).map_err(|error| match from {
            Some(from) => error.with_detail(format!("from {from}")),
            None => error,
        });
        let bytes = outcome?;
        let from = from.ok_or_else(|| Error::new(Operation::Receive, codes::WSAEAFNOSUPPORT))?;
        Ok(Datagram { bytes, flags, from })
    }
}

impl Outcome for () {
    fn take(op: &Op) -> Result<Self> {
        op.outcome(|_| ())
    }
}

impl Outcome for Socket {
    fn take(op: &Op) -> Result<Self> {
        let listener = op.socket_ref();
        op.outcome(|descriptor| listener.accepted(descriptor))
    }
}
