//! What waits for a peer, and how its session ends: the decisions, without a socket.

use super::batch::Batch;
use super::reason::Reason;

/// What becomes of a message for which a session's queue has no room, see
/// [`Builder::queue_limit`](super::Builder::queue_limit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Overflow {
    /// The session ends at once, with [`Reason::Full`].
    #[default]
    Close,
    /// The message is dropped.
    DropNewest,
    /// The message is dropped, and [`Handler::full`](super::Handler::full) is called.
    Tell,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sent {
    /// It is sent, or waits to be.
    Queued,
    /// It was dropped: too much waits for this peer.
    Full,
    /// The session is over or about to be, or there is none of that id.
    Closed,
    /// It is larger than the framing allows.
    TooLong,
}

impl Sent {
    /// Whether it is on its way.
    pub fn is_queued(self) -> bool {
        self == Self::Queued
    }
}

/// What is known of the direction from the peer to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Input {
    /// A receive is pending, or the model will say when there is something.
    Pending,
    /// No receive is pending: too much waits for the peer.
    Paused,
    /// Nothing more will come.
    Done,
}

/// What a session does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    /// Tell the handler that messages were dropped, and look again in the next turn.
    Full,
    /// Send the batch.
    Send,
    /// Tell the peer that nothing more will come, and wait for it to say the same.
    Shut,
    /// It is over.
    Over,
}

/// What an offer of a message came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Offer {
    Taken,
    Full,
    /// Full, and that ends the session.
    Overfull(usize),
    Over,
}

/// Whether the owner of a session is told that there is something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Kick {
    /// It is not.
    #[default]
    Not,
    /// It will look at the end of its turn.
    Soon,
    /// It looks at once.
    Now,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Batch,
    /// Bytes that a send has.
    in_flight: usize,
    ending: Option<Reason>,
    /// Nothing is sent any more, whatever waits.
    dead: bool,
    /// The peer was told that nothing more will come.
    shut: bool,
    /// How the owner knows that there is something to do.
    kicked: Kick,
    /// The handler is to be told that messages were dropped.
    full: bool,
    /// Bytes of sends that failed.
    lost: usize,
}

impl Queue {
    /// Bytes that wait for the peer.
    pub(super) fn bytes(&self) -> usize {
        self.waiting.bytes() + self.in_flight
    }

    /// Whether nothing waits, and a message may go out.
    pub(super) fn is_clear(&self) -> bool {
        self.ending.is_none() && self.bytes() == 0
    }

    /// Takes a message of so many bytes, if there is room. What does not fit into an empty queue is taken too: it
    /// would fit at no other time.
    pub(super) fn offer(
        &mut self,
        bytes: usize,
        limit: usize,
        overflow: Overflow,
        push: impl FnOnce(&mut Batch),
    ) -> Offer {
        if self.ending.is_some() {
            return Offer::Over;
        }
        let queued = self.bytes();
        if queued > 0 && queued.saturating_add(bytes) > limit {
            return match overflow {
                Overflow::Close => Offer::Overfull(queued),
                Overflow::DropNewest => Offer::Full,
                Overflow::Tell => {
                    self.full = true;
                    Offer::Full
                }
            };
        }
        push(&mut self.waiting);
        Offer::Taken
    }

    /// Whether the owner must be told that there is something to do, which is noted: it is told once. While a send is
    /// in flight it looks anyway, at its end.
    pub(super) fn kick(&mut self, kick: Kick) -> bool {
        let wanted = self.in_flight == 0 || self.full || self.ending.is_some();
        let more = wanted && kick > self.kicked;
        if more {
            self.kicked = kick;
        }
        more
    }

    /// Ends the session: at once, or when what waits has gone. The first reason counts. Whether it was the first.
    pub(super) fn end(&mut self, reason: Reason, at_once: bool) -> bool {
        let first = self.ending.is_none();
        self.ending.get_or_insert(reason);
        self.dead |= at_once;
        first
    }

    pub(super) fn reason(&self) -> Option<&Reason> {
        self.ending.as_ref()
    }

    /// Whether nothing is sent any more.
    pub(super) fn is_dead(&self) -> bool {
        self.dead
    }

    /// The owner has come to look: what it does next. `batch` is empty and gets what is to be sent; there is none while a
    /// send is in flight.
    pub(super) fn next(&mut self, batch: Option<&mut Batch>, input: Input) -> Next {
        self.kicked = Kick::Not;
        if std::mem::take(&mut self.full) && self.ending.is_none() {
            return Next::Full;
        }
        let Some(batch) = batch else { return Next::Nothing };
        if self.dead {
            return if input == Input::Pending { Next::Nothing } else { Next::Over };
        }
        if !self.waiting.is_empty() {
            std::mem::swap(&mut self.waiting, batch);
            self.in_flight = batch.bytes();
            return Next::Send;
        }
        match self.ending {
            None => Next::Nothing,
            Some(_) if input == Input::Done => Next::Over,
            Some(_) if std::mem::replace(&mut self.shut, true) => Next::Nothing,
            Some(_) => Next::Shut,
        }
    }

    /// So many bytes of what is in flight have left, or never will.
    pub(super) fn left(&mut self, bytes: usize, sent: bool) {
        self.in_flight -= bytes;
        self.lost += if sent { 0 } else { bytes };
    }

    /// Whether to receive: not while more than `pause` waits for the peer, unless it is the end that is waited for.
    pub(super) fn wants_input(&self, pause: usize) -> bool {
        !self.dead && (self.ending.is_some() || self.bytes() <= pause)
    }

    /// Gives back what was not sent; how many bytes that were.
    pub(super) fn drop_waiting(&mut self) -> usize {
        std::mem::take(&mut self.waiting).bytes() + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(queue: &mut Queue, text: &[u8], overflow: Overflow) -> Offer {
        queue.offer(text.len(), 10, overflow, |batch| batch.push_copy(b"", text))
    }

    #[test]
    fn the_bound_counts_what_is_in_flight() {
        let (mut queue, mut batch) = (Queue::default(), Batch::default());
        assert_eq!(offer(&mut queue, b"123456", Overflow::Close), Offer::Taken);
        assert_eq!(queue.next(Some(&mut batch), Input::Pending), Next::Send);
        assert_eq!(offer(&mut queue, b"7890", Overflow::Close), Offer::Taken);
        assert_eq!(offer(&mut queue, b"x", Overflow::DropNewest), Offer::Full);
        assert_eq!(offer(&mut queue, b"x", Overflow::Close), Offer::Overfull(10));
        queue.left(6, true);
        assert_eq!(offer(&mut queue, b"x", Overflow::Close), Offer::Taken);
        assert_eq!(queue.bytes(), 5);
    }

    #[test]
    fn a_message_above_the_bound_is_taken_by_an_empty_queue() {
        let mut queue = Queue::default();
        assert_eq!(offer(&mut queue, &[0; 11], Overflow::Close), Offer::Taken);
        assert_eq!(offer(&mut queue, b"x", Overflow::Close), Offer::Overfull(11));
    }

    #[test]
    fn the_owner_is_told_once_and_not_while_it_sends() {
        let (mut queue, mut batch) = (Queue::default(), Batch::default());
        offer(&mut queue, b"1", Overflow::Tell);
        assert!(queue.kick(Kick::Now));
        offer(&mut queue, b"2", Overflow::Tell);
        assert!(!queue.kick(Kick::Now));
        assert_eq!(queue.next(Some(&mut batch), Input::Pending), Next::Send);
        offer(&mut queue, b"3", Overflow::Tell);
        assert!(!queue.kick(Kick::Now), "it sends");
        assert_eq!(offer(&mut queue, b"0123456789", Overflow::Tell), Offer::Full);
        assert!(queue.kick(Kick::Now), "the handler wants to know");
        assert_eq!(queue.next(None, Input::Pending), Next::Full);
        assert_eq!(queue.next(None, Input::Pending), Next::Nothing, "once");
        queue.left(2, true);
        assert!(queue.kick(Kick::Soon) && !queue.kick(Kick::Soon));
        assert!(queue.kick(Kick::Now), "who is in a hurry does not wait for the end of a turn");
    }

    #[test]
    fn what_waits_goes_out_before_the_end() {
        let (mut queue, mut batch) = (Queue::default(), Batch::default());
        offer(&mut queue, b"last words", Overflow::Close);
        assert!(queue.end(Reason::Drained, false));
        assert!(!queue.end(Reason::Idle, false), "the first reason counts");
        assert_eq!(offer(&mut queue, b"x", Overflow::Close), Offer::Over);
        assert_eq!(queue.next(Some(&mut batch), Input::Pending), Next::Send);
        queue.left(10, true);
        batch.clear();
        assert_eq!(queue.next(Some(&mut batch), Input::Pending), Next::Shut);
        assert_eq!(queue.next(Some(&mut batch), Input::Pending), Next::Nothing);
        assert_eq!(queue.next(Some(&mut batch), Input::Done), Next::Over);
        assert_eq!(queue.reason(), Some(&Reason::Drained));
    }

    #[test]
    fn an_end_at_once_leaves_what_waits() {
        let (mut queue, mut batch) = (Queue::default(), Batch::default());
        offer(&mut queue, b"lost", Overflow::Close);
        queue.end(Reason::Ended, false);
        queue.end(Reason::Drained, true);
        assert_eq!(queue.next(Some(&mut batch), Input::Pending), Next::Nothing, "until the receive has come back");
        assert_eq!(queue.next(Some(&mut batch), Input::Done), Next::Over);
        assert_eq!(queue.drop_waiting(), 4);
    }
}
