//! What the library knows of a socket and the system does not, for waits for readiness.

use super::Inner;
use super::connecting::Connecting;
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::op::Kind;

/// How a socket stands: what its calls would say, and what comes before them.
pub(crate) struct Standing {
    /// It is not connected, or listens.
    pub(crate) unconnected: bool,
    /// A connect goes on, or has failed.
    pub(crate) connects: bool,
    pub(crate) connect_failed: bool,
    pub(crate) reset: bool,
    /// A call would be refused at once.
    pub(crate) receive_refused: bool,
    pub(crate) send_refused: bool,
    /// Operations come first.
    pub(crate) receives: bool,
    pub(crate) sends: bool,
}

impl Inner {
    /// The system has told of an error: a connection that is gone fails the next receive at once. The system tells why only
    /// once, and what it says is noted here.
    pub(crate) fn learn_of_error(&self) {
        let mut lanes = self.lanes();
        let idle = lanes.of(Kind::Receive).is_empty() && !lanes.closed && !lanes.reset;
        if !idle || self.datagram || lanes.unconnected || lanes.connecting != Connecting::No {
            return;
        }
        if self
            .context
            .system
            .peek(self.raw())
            .is_err_and(|code| ![codes::WSAEWOULDBLOCK, codes::WSAEINTR].contains(&code))
        {
            lanes.reset = true;
        }
    }

    /// How it stands now, unless it was closed.
    pub(crate) fn standing(&self) -> Result<Standing> {
        let mut lanes = self.lanes();
        if lanes.closed {
            return Err(Error::new(Operation::Select, codes::WSAENOTSOCK));
        }
        self.look_at_connect(&mut lanes);
        Ok(Standing {
            unconnected: lanes.unconnected,
            connects: lanes.connecting == Connecting::Goes,
            connect_failed: matches!(lanes.connecting, Connecting::Failed(_)),
            reset: !lanes.unconnected && lanes.reset,
            receive_refused: !lanes.unconnected && (lanes.receive_shut || lanes.reset),
            send_refused: !lanes.unconnected && lanes.send_shut,
            receives: !lanes.of(Kind::Receive).is_empty(),
            sends: !lanes.of(Kind::Send).is_empty(),
        })
    }
}
