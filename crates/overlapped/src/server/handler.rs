//! What a program does with its sessions.

use super::decoder::Message;
use super::reason::Reason;
use super::session::Session;

/// What happens in a session, as the program answers it: one value a session.
///
/// Calls for one session never overlap, whatever the model and the number of threads, so its state needs no lock. They
/// come in order: `connected`, `received` and `full` as often as there is something, `closed`. A handler may block; what
/// that holds up depends on the model (see the [module](super#models)).
///
/// A panic ends the session with [`Reason::Panicked`], and nothing else; `closed` is called then too.
///
/// ```
/// use overlapped::server::{Handler, Message, Session};
///
/// struct Counter(u64);
///
/// impl Handler for Counter {
///     fn received(&mut self, session: &Session, _message: Message<'_>) {
///         self.0 += 1;
///         session.send(format!("{}\n", self.0));
///     }
/// }
/// ```
pub trait Handler: Send + 'static {
    /// The session has begun.
    fn connected(&mut self, session: &Session) {
        let _ = session;
    }

    /// A message has come; without framing, whatever bytes came.
    fn received(&mut self, session: &Session, message: Message<'_>);

    /// Messages were dropped because too much waits for this peer, and [`Overflow::Tell`](super::Overflow::Tell) was
    /// asked for. One call may stand for several messages.
    fn full(&mut self, session: &Session) {
        let _ = session;
    }

    /// The session is over. Nothing can be sent to it any more.
    fn closed(&mut self, session: &Session, reason: &Reason) {
        let _ = (session, reason);
    }
}
