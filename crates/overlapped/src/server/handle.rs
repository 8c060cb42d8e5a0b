//! The server, as any thread may see it.

use super::common::Common;
use super::counters::Counters;
use super::packet::Packet;
use super::queue::Sent;
use super::reason::Reason;
use super::session::Session;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A running server, for any thread: to send to its sessions, to look at them, to end it.
///
/// A cheap handle; it stays valid when the server has ended, and finds no session then.
///
/// ```
/// use overlapped::server::{Handler, Message, Sent, Server, Session};
/// use std::io::Read;
/// use std::time::Duration;
///
/// struct Listener;
///
/// impl Handler for Listener {
///     fn received(&mut self, _session: &Session, _message: Message<'_>) {}
/// }
///
/// let server = Server::builder("127.0.0.1:0").start(|| Listener)?;
/// let handle = server.handle();
/// let mut client = std::net::TcpStream::connect(server.address())?;
/// # while handle.sessions().is_empty() {
/// #     std::thread::yield_now();
/// # }
/// let session = handle.sessions().remove(0); // once it is accepted
///
/// std::thread::spawn({
///     let handle = handle.clone();
///     move || {
///         handle.send(session.id(), "to you, ");
///         handle.broadcast("to all");
///         handle.drain(Duration::from_secs(5)); // and that was it
///     }
/// });
/// let mut read = String::new();
/// client.read_to_string(&mut read)?;
/// assert_eq!(read, "to you, to all");
/// drop(client);
/// server.join()?;
/// assert_eq!(handle.send(1, "too late"), Sent::Closed);
/// assert_eq!(handle.counters().ended["drained"], 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Handle(Arc<Common>);

impl Handle {
    pub(super) fn new(common: Arc<Common>) -> Self {
        Self(common)
    }

    /// Sends a message to one session; [`Sent::Closed`] if there is none of that id.
    pub fn send(&self, id: u64, packet: impl Into<Packet>) -> Sent {
        self.session(id).map_or(Sent::Closed, |session| session.send(packet))
    }

    /// Sends a message to all sessions, without a copy for each; to how many it was queued.
    ///
    /// Each session gets what one thread sends in the order in which it was sent.
    pub fn broadcast(&self, packet: impl Into<Packet>) -> usize {
        self.0.broadcast(None, None, packet.into())
    }

    /// [`broadcast`](Self::broadcast) to all but one, who usually is the one that said it.
    pub fn broadcast_except(&self, id: u64, packet: impl Into<Packet>) -> usize {
        self.0.broadcast(None, Some(id), packet.into())
    }

    /// [`broadcast`](Self::broadcast) to the members of a group, see [`Session::join`].
    pub fn send_to_group(&self, group: &str, packet: impl Into<Packet>) -> usize {
        self.0.broadcast(Some(group), None, packet.into())
    }

    /// [`send_to_group`](Self::send_to_group) to all but one.
    pub fn send_to_group_except(&self, group: &str, id: u64, packet: impl Into<Packet>) -> usize {
        self.0.broadcast(Some(group), Some(id), packet.into())
    }

    /// The session of that id, if it is here.
    pub fn session(&self, id: u64) -> Option<Session> {
        self.0.registry.get(id)
    }

    /// The sessions that are here now.
    pub fn sessions(&self) -> Vec<Session> {
        self.0.registry.all()
    }

    /// The members of a group.
    pub fn group(&self, group: &str) -> Vec<Session> {
        self.0.groups.all(group)
    }

    /// Ends a session, see [`Session::close`]; whether it is here.
    pub fn close(&self, id: u64, reason: impl Into<Reason>) -> bool {
        self.session(id).map(|session| session.close(reason)).is_some()
    }

    /// What the server has done so far. It asks each session, so it is not for a busy loop.
    pub fn counters(&self) -> Counters {
        self.0.counters()
    }

    /// Begins to end the server, and returns at once: nobody is accepted any more, what is queued goes out, and each
    /// session ends when its queue has gone; those whose has not by the deadline are cut.
    /// [`Server::join`](super::Server::join) waits for it. A second call can make it shorter.
    pub fn drain(&self, deadline: Duration) {
        self.0.drain(deadline);
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}
