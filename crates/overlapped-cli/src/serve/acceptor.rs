//! What becomes of an accepted client, and of an accept that failed: the same for both models.

use super::Hub;
use super::crew::Desk;
use crate::output::complain;
use overlapped::{Error, Result, Socket, codes};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Hands clients to the workers, in turn.
pub(super) struct Acceptor<D> {
    hub: Arc<Hub>,
    desks: Vec<D>,
    next: usize,
    warned: bool,
}

/// When to accept the next client.
pub(super) enum Next {
    Now,
    At(Instant),
    /// The listener is closed.
    Never,
}

impl<D: Desk> Acceptor<D> {
    /// A descriptor table that is full stays full until a client leaves: the accept fails at once,
    /// again and again.
    const PAUSE: Duration = Duration::from_millis(100);

    pub(super) fn new(hub: Arc<Hub>, desks: Vec<D>) -> Self {
        Self { hub, desks, next: 0, warned: false }
    }

    pub(super) fn accepted(&mut self, client: Result<Socket>) -> Next {
        match client {
            Ok(socket) => {
                self.desks[self.next].hand(socket);
                self.next = (self.next + 1) % self.desks.len();
                Next::Now
            }
            Err(error) if error.is_aborted() || error.code() == codes::WSAENOTSOCK => Next::Never,
            // The client has gone while it was waiting to be accepted.
            Err(error) if matches!(error.code(), codes::WSAECONNABORTED | codes::WSAECONNRESET) => {
                self.hub.count(|tally| tally.failed(&error));
                Next::Now
            }
            Err(error) => {
                self.warn(&error);
                Next::At(Instant::now() + Self::PAUSE)
            }
        }
    }

    /// Once: it will not be the last failure of its kind.
    fn warn(&mut self, error: &Error) {
        if self.warned {
            return;
        }
        self.warned = true;
        self.hub.count(|tally| tally.failed(error));
        if error.code() == codes::WSAEMFILE {
            complain!(
                "every descriptor is in use ({}): new clients wait until one leaves; raise the hard limit (ulimit -Hn) for more",
                error.name()
            );
        } else {
            complain!("cannot accept: {error}; trying again");
        }
    }
}
