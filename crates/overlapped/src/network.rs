//! Network events: what happens to a socket, recorded, and told by an event object or as a message.
//!
//! The model of `WSAEventSelect`: a program selects which network events of a socket it wants to know of, together with an
//! [`Event`](crate::Event). When one happens it is *recorded*, with its error, and the event is signalled. The program,
//! told by a [`wait`](crate::wait), [enumerates](crate::Socket::network_events) what was recorded, which clears the record,
//! and makes the calls that do not block.
//!
//! What was recorded once is not recorded again before the call that *enables* it anew:
//!
//! | network event | is recorded | and again after |
//! |---|---|---|
//! | [`ACCEPT`](NetworkEvents::ACCEPT) | when there is a connection to accept | [`try_accept`](crate::Socket::try_accept) |
//! | [`CONNECT`](NetworkEvents::CONNECT) | when a connect has ended, well or not | [`try_connect`](crate::Socket::try_connect) |
//! | [`READ`](NetworkEvents::READ) | when there is data | [`try_recv`](crate::Socket::try_recv), at once if it leaves something behind |
//! | [`WRITE`](NetworkEvents::WRITE) | when the socket is connected | a [`try_send`](crate::Socket::try_send) that would have had to block, when there is room again |
//! | [`OOB`](NetworkEvents::OOB) | when there is urgent data | a receive that has left it behind |
//! | [`CLOSE`](NetworkEvents::CLOSE) | when the peer has closed and all data is read, or at a reset | nothing: it comes once |
//!
//! The event may be waited for by any thread and together with any other objects. The thread that waits finds out what
//! happens on the sockets; there is no other thread for it.
//!
//! On Windows this is `WSAEventSelect` itself. There `READ` and `ACCEPT` may also be recorded for what arrives before the
//! call, and `CLOSE` while data is unread: a program tries, and is told that the call would block.

mod selection;

pub(crate) use selection::{Held, Holds, Phase, Selection};

use crate::codes;
use crate::error::{Error, Operation};
use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Sub};

/// A set of network events.
///
/// ```
/// use overlapped::network::NetworkEvents;
///
/// let events = NetworkEvents::READ | NetworkEvents::CLOSE;
/// assert!(events.contains(NetworkEvents::READ));
/// assert_eq!(events.iter().collect::<Vec<_>>(), [NetworkEvents::READ, NetworkEvents::CLOSE]);
/// assert_eq!(format!("{events:?}"), "READ | CLOSE");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NetworkEvents(u8);

impl NetworkEvents {
    /// There is data to receive (`FD_READ`).
    #[doc(alias = "FD_READ")]
    pub const READ: Self = Self(1);
    /// There is room to send (`FD_WRITE`).
    #[doc(alias = "FD_WRITE")]
    pub const WRITE: Self = Self(2);
    /// There is urgent data (`FD_OOB`).
    #[doc(alias = "FD_OOB")]
    pub const OOB: Self = Self(4);
    /// There is a connection to accept (`FD_ACCEPT`).
    #[doc(alias = "FD_ACCEPT")]
    pub const ACCEPT: Self = Self(8);
    /// A connect has ended (`FD_CONNECT`).
    #[doc(alias = "FD_CONNECT")]
    pub const CONNECT: Self = Self(16);
    /// The connection has ended (`FD_CLOSE`).
    #[doc(alias = "FD_CLOSE")]
    pub const CLOSE: Self = Self(32);
    /// None of them.
    pub const NONE: Self = Self(0);
    /// Each of them.
    pub const ALL: Self = Self(63);

    const COUNT: usize = 6;

    /// What is in one set or the other.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether none is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `others` are in the set.
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether one of `others` is in the set.
    pub const fn intersects(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// The events of the set, one by one.
    pub fn iter(self) -> impl Iterator<Item = Self> {
        (0..Self::COUNT).map(|bit| Self(1 << bit)).filter(move |&event| self.contains(event))
    }

    /// The bits as Winsock numbers them.
    #[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "only Windows is asked in its own words"))]
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u8) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// The place of the one event in the set, as in `WSANETWORKEVENTS::iErrorCode`.
    fn place(self) -> usize {
        (self.0.trailing_zeros() as usize).min(Self::COUNT - 1)
    }
}

impl BitOr for NetworkEvents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl BitOrAssign for NetworkEvents {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAnd for NetworkEvents {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl Sub for NetworkEvents {
    type Output = Self;

    /// What is in this set and not in the other.
    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for NetworkEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; NetworkEvents::COUNT] = ["READ", "WRITE", "OOB", "ACCEPT", "CONNECT", "CLOSE"];
        if self.is_empty() {
            return f.write_str("NONE");
        }
        for (count, event) in self.iter().enumerate() {
            f.write_str(if count == 0 { "" } else { " | " })?;
            f.write_str(NAMES[event.place()])?;
        }
        Ok(())
    }
}

/// What was recorded of a socket: network events, each with its error.
///
/// Corresponds to `WSANETWORKEVENTS`.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Recorded {
    events: NetworkEvents,
    codes: [i32; NetworkEvents::COUNT],
}

impl Recorded {
    /// The network events that were recorded.
    pub const fn events(&self) -> NetworkEvents {
        self.events
    }

    /// Whether all of `events` were recorded.
    pub const fn contains(&self, events: NetworkEvents) -> bool {
        self.events.contains(events)
    }

    /// Whether nothing was.
    pub const fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The error of a network event, as a code of Winsock; 0 without one (`iErrorCode`). Of several it is the first.
    ///
    /// A connect that was refused has `WSAECONNREFUSED` in its `CONNECT`, a reset `WSAECONNABORTED` in its `CLOSE`.
    pub fn code(&self, event: NetworkEvents) -> i32 {
        event.iter().map(|event| self.codes[event.place()]).find(|code| *code != 0).unwrap_or(0)
    }

    /// The error of a network event.
    pub fn error(&self, event: NetworkEvents) -> Option<Error> {
        failure(event, self.code(event))
    }

    pub(crate) fn add(&mut self, event: NetworkEvents, code: i32) {
        self.events |= event;
        self.codes[event.place()] = code;
    }

    /// As one number, in which a completion can carry it: the network events, those that failed, and an error of theirs.
    #[cfg_attr(not(any(windows, test)), expect(dead_code, reason = "only Windows records"))]
    pub(crate) fn packed(&self) -> i32 {
        let failed = self.events.iter().filter(|event| self.code(*event) != 0);
        let (failed, code) = failed.fold((0, 0), |(bits, _), event| (bits | event.0, self.code(event) & 0xffff));
        i32::from(self.events.0) | i32::from(failed) << Self::BITS | code << (2 * Self::BITS)
    }

    pub(crate) fn unpacked(packed: i32) -> Self {
        let mut recorded = Self::default();
        let failed = NetworkEvents::from_bits((packed >> Self::BITS) as u8);
        for event in NetworkEvents::from_bits(packed as u8).iter() {
            recorded.add(event, if failed.contains(event) { packed >> (2 * Self::BITS) } else { 0 });
        }
        recorded
    }

    const BITS: usize = NetworkEvents::COUNT;

    fn retain(&mut self, events: NetworkEvents) {
        for gone in (self.events - events).iter() {
            self.codes[gone.place()] = 0;
        }
        self.events = self.events & events;
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.events.iter().map(|event| (event, self.code(event)))).finish()
    }
}

/// What failed, in the words of the call that the network event belongs to.
pub(crate) fn failure(event: NetworkEvents, code: i32) -> Option<Error> {
    let operation = match event {
        NetworkEvents::ACCEPT => Operation::Accept,
        NetworkEvents::CONNECT => Operation::Connect,
        NetworkEvents::WRITE => Operation::Send,
        _ => Operation::Receive,
    };
    (code != 0).then(|| Error::from_code(operation, code))
}

/// The code that `CLOSE` carries after a reset, although receives report `WSAECONNRESET`.
pub(crate) const ABORTED: i32 = codes::WSAECONNABORTED;
