//! `WSAPoll`.

use super::{Ask, Call, Entries, Entry, wait};
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::fork;
use crate::socket::{Inner, Socket};
use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign};
use std::time::Duration;

/// What is asked of a socket, and what is true of it: the flags of `WSAPOLLFD`, with Winsock's values.
///
/// ```
/// use overlapped::readiness::Events;
///
/// let both = Events::READ | Events::WRITE;
/// assert!(both.contains(Events::READ) && both.intersects(Events::WRITE));
/// assert_eq!(both.bits(), 0x110);
/// assert_eq!(format!("{both:?}"), "READ | WRITE");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Events(u16);

impl Events {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// Data, the end of the stream, or a connection to accept (`POLLRDNORM`).
    #[doc(alias = "POLLRDNORM")]
    pub const READ: Self = Self(0x100);
    /// Urgent data (`POLLRDBAND`).
    #[doc(alias = "POLLRDBAND")]
    pub const URGENT: Self = Self(0x200);
    /// A send would take something (`POLLWRNORM`).
    #[doc(alias = "POLLWRNORM")]
    pub const WRITE: Self = Self(0x10);
    /// An error: a connect has failed, or the connection was reset (`POLLERR`). Told unasked.
    #[doc(alias = "POLLERR")]
    pub const ERROR: Self = Self(0x1);
    /// The peer has ended its direction, or the connection is gone (`POLLHUP`). Told unasked.
    #[doc(alias = "POLLHUP")]
    pub const HUNG_UP: Self = Self(0x2);
    /// The socket was closed (`POLLNVAL`). Told unasked.
    #[doc(alias = "POLLNVAL")]
    pub const INVALID: Self = Self(0x4);

    /// What can be asked.
    const ASKED: Self = Self(Self::READ.0 | Self::URGENT.0 | Self::WRITE.0);

    const NAMES: [(Self, &str); 6] = [
        (Self::READ, "READ"),
        (Self::URGENT, "URGENT"),
        (Self::WRITE, "WRITE"),
        (Self::ERROR, "ERROR"),
        (Self::HUNG_UP, "HUNG_UP"),
        (Self::INVALID, "INVALID"),
    ];

    /// The flags as Winsock numbers them.
    pub fn bits(self) -> u16 {
        self.0
    }

    #[cfg(windows)]
    pub(crate) fn from_bits(bits: u16) -> Self {
        Self::NAMES.iter().filter(|(flag, _)| bits & flag.0 != 0).fold(Self::NONE, |flags, (flag, _)| flags | *flag)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is no flag.
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether all flags of `other` are there.
    pub fn contains(self, other: Self) -> bool {
        self & other == other
    }

    /// Whether one of the flags of `other` is there.
    pub fn intersects(self, other: Self) -> bool {
        !(self & other).is_empty()
    }
}

impl BitOr for Events {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Events {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAnd for Events {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (flag, name) in Self::NAMES {
            if self.contains(flag) {
                write!(f, "{between}{name}")?;
                between = " | ";
            }
        }
        if between.is_empty() { f.write_str("NONE") } else { Ok(()) }
    }
}

/// One socket of a [`poll`]: what is asked of it, and what the last poll found (`WSAPOLLFD`).
#[derive(Debug)]
#[doc(alias = "WSAPOLLFD")]
pub struct PollEntry {
    socket: Socket,
    /// What is asked: [`READ`](Events::READ), [`URGENT`](Events::URGENT), [`WRITE`](Events::WRITE), or nothing but what is
    /// told unasked.
    pub events: Events,
    found: Events,
    /// It was closed before the poll.
    invalid: bool,
}

impl PollEntry {
    /// Asks `events` of a socket.
    pub fn new(socket: &Socket, events: Events) -> Self {
        Self { socket: socket.clone(), events, found: Events::NONE, invalid: false }
    }

    /// The socket.
    pub fn socket(&self) -> &Socket {
        &self.socket
    }

    /// A failed connect, as Windows tells it.
    fn refused(&self) -> Events {
        Events::ERROR | Events::HUNG_UP | (self.events & Events::WRITE)
    }

    /// What the last [`poll`] found (`revents`).
    #[doc(alias = "revents")]
    pub fn found(&self) -> Events {
        self.found
    }
}

/// Waits until one of the sockets is what is asked of it (`WSAPoll`), for ever with `None`; returns how many are. With a
/// timeout of zero it only looks. When the time is over it returns 0.
///
/// A socket that was closed before does not count, but [`found`](PollEntry::found) says so. There is no limit of 64.
///
/// # Errors
///
/// `WSAEINVAL` for no entry, or one that asks for what is told unasked; `WSAENOTSOCK` if all sockets were closed;
/// `WSAEOPNOTSUPP` for sockets of the scripted driver.
///
/// ```
/// use overlapped::Socket;
/// use overlapped::readiness::{Events, PollEntry, poll};
///
/// let (socket, peer) = Socket::pair()?;
/// let mut entries = [PollEntry::new(&socket, Events::READ | Events::WRITE)];
/// assert_eq!(poll(&mut entries, None)?, 1);
/// assert_eq!(entries[0].found(), Events::WRITE);
///
/// peer.try_send(b"hello")?;
/// entries[0].events = Events::READ;
/// poll(&mut entries, None)?;
/// assert_eq!(entries[0].found(), Events::READ);
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "WSAPoll")]
pub fn poll(entries: &mut [PollEntry], timeout: Option<Duration>) -> Result<usize> {
    poll_with(entries, timeout, false)
}

/// The same, alertably or not.
pub(crate) fn poll_with(entries: &mut [PollEntry], timeout: Option<Duration>, alertable: bool) -> Result<usize> {
    fork::check(Operation::Select)?;
    let mut all_invalid = !entries.is_empty();
    for entry in &mut *entries {
        if !Events::ASKED.contains(entry.events) {
            return Err(Error::new(Operation::Select, codes::WSAEINVAL).with_detail(format!("{:?}", entry.events)));
        }
        entry.invalid = entry.socket.inner().standing().is_err();
        entry.found = if entry.invalid { Events::INVALID } else { Events::NONE };
        all_invalid &= entry.invalid;
    }
    if all_invalid {
        return Err(Error::new(Operation::Select, codes::WSAENOTSOCK));
    }
    wait(&mut List(entries), Call::Poll, timeout, alertable)
}

struct List<'a>(&'a mut [PollEntry]);

impl Entries for List<'_> {
    type Entry = PollEntry;

    fn each(&mut self, visit: impl FnMut(&mut PollEntry) -> Result<()>) -> Result<()> {
        self.0.iter_mut().try_for_each(visit)
    }
}

impl Entry for PollEntry {
    fn inner(&self) -> &Inner {
        self.socket.inner()
    }

    fn ask(&self) -> Result<Ask> {
        if self.invalid {
            return Ok(Ask::default());
        }
        // One that is closed meanwhile.
        let Ok(standing) = self.socket.inner().standing() else {
            return Ok(Ask { is: Events::INVALID, ..Ask::default() });
        };
        let mut ask = Ask { wants: self.events | Events::HUNG_UP, ..Ask::default() };
        if standing.connect_failed {
            return Ok(Ask { is: self.refused(), ..Ask::default() });
        }
        if standing.reset {
            ask.is |= Events::HUNG_UP | Events::ERROR;
        }
        for (event, refused, pends) in [
            (Events::READ, standing.receive_refused, standing.receives),
            (Events::WRITE, standing.send_refused, standing.sends),
        ] {
            if !self.events.contains(event) {
            } else if refused {
                ask.is |= event;
            } else if pends {
                ask.wants = ask.wants.without(event);
                ask.hidden = true;
            }
        }
        Ok(ask)
    }

    fn tell(&mut self, is: Events) -> bool {
        if self.invalid || is.is_empty() {
            return false;
        }
        let unasked = Events::ERROR | Events::HUNG_UP | Events::INVALID;
        self.found = match self.socket.inner().standing() {
            Err(_) => Events::INVALID,
            Ok(standing) if standing.connect_failed => self.refused(),
            Ok(standing) if standing.connects => Events::NONE,
            // It can but accept.
            Ok(standing) if standing.unconnected => is & Events::READ & self.events,
            Ok(_) => is & (self.events | unasked),
        };
        !self.found.is_empty()
    }
}
