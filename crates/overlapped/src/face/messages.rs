//! Queues of messages as those of windows are: looked through, and fed by sockets that know whom they tell.

use crate::error::Result;
use crate::messages::{MessageQueue, NetworkMessage, Sink};
use crate::network::NetworkEvents;
use crate::socket::Socket;
use std::sync::Arc;

/// Takes the first posted message that is wanted, wherever it is.
pub fn take<M>(queue: &MessageQueue<M>, wanted: impl FnMut(&M) -> bool) -> Option<M> {
    queue.shared().take_wanted(wanted)
}

/// What `look` gives of the first posted message of which it gives something.
pub fn peek<M, R>(queue: &MessageQueue<M>, look: impl FnMut(&M) -> Option<R>) -> Option<R> {
    queue.shared().peek(look)
}

/// The exit code with which the queue is to be left, whatever is still there; it may be taken.
pub fn quit<M>(queue: &MessageQueue<M>, take: bool) -> Option<i32> {
    queue.shared().quit(take)
}

/// Selects network events of a socket as [`Socket::select_messages`] does; each goes to `tell`, with its error. It is called with
/// the socket locked: it must not use it.
///
/// # Errors
///
/// As there.
pub fn select(
    socket: &Socket,
    events: NetworkEvents,
    tell: impl Fn(NetworkEvents, i32) + Send + Sync + 'static,
) -> Result<()> {
    struct Told<F>(F);

    impl<F: Fn(NetworkEvents, i32) + Send + Sync> Sink for Told<F> {
        fn put(&self, message: NetworkMessage) {
            (self.0)(message.event(), message.code());
        }
    }

    socket.select_sink(Arc::new(Told(tell)), events)
}

/// Accepts a connection that is there, as [`Socket::try_accept`] does, but with nothing selected.
///
/// # Errors
///
/// As there.
pub fn accept_unselected(listener: &Socket) -> Result<Socket> {
    listener.accept_there(false)
}
