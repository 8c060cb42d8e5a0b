//! What network events go by, as poll(2) tells it.

use super::ready::{has_data, ready};
use crate::network::{Holds, NetworkEvents};
use rustix::event::PollFlags;

/// What poll(2) is asked for to learn of network events.
pub(super) fn polled(events: NetworkEvents) -> PollFlags {
    let flags = [
        (NetworkEvents::READ | NetworkEvents::ACCEPT, PollFlags::IN),
        (NetworkEvents::WRITE | NetworkEvents::CONNECT, PollFlags::OUT),
        (NetworkEvents::OOB, PollFlags::PRI),
        (NetworkEvents::CLOSE, PollFlags::RDHUP),
    ];
    flags.into_iter().filter(|(some, _)| events.intersects(*some)).map(|(_, flag)| flag).collect()
}

/// How a socket is now. No error that it remembers is taken from it.
pub(super) fn holds(raw: i32) -> Holds {
    let Ok(ready) = ready(raw, polled(NetworkEvents::ALL)) else { return Holds::default() };
    let over = ready.intersects(PollFlags::ERR | PollFlags::HUP);
    let ended = ready.intersects(PollFlags::RDHUP | PollFlags::HUP);
    // The end of the stream can be read too.
    let data = ready.contains(PollFlags::IN) && (!ended || has_data(raw));
    Holds {
        data,
        ended,
        broken: ready.contains(PollFlags::ERR),
        over,
        space: ready.contains(PollFlags::OUT) && !over,
        urgent: ready.contains(PollFlags::PRI),
    }
}
