//! Operations with an address: datagrams.

use super::{Overlapped, Parts, Session, slice};
use crate::buffers::{Gather, Scatter};
use crate::error::Result;
use crate::event::Event;
use crate::message::Slot;
use crate::op::Kind;
use crate::operation::{Completion, Datagram, Issued};
use crate::pending::Pending;
use std::net::SocketAddr;
use std::ops::RangeBounds;

/// # Datagrams
///
/// On a [datagram socket](crate::Socket::udp) each receive takes one datagram, and each send is
/// one. [`recv`](Self::recv) and [`send`](Self::send) work too: the one does not tell who sent, the other needs a
/// [connected](Self::connect) socket.
///
/// A datagram that is longer than the buffer fails with `WSAEMSGSIZE`: the buffer is full, the rest
/// of the datagram is lost, the error's text names the sender. An empty datagram is a success with
/// 0 bytes, and an empty buffer takes a datagram like any other.
///
/// With an answer to an earlier datagram that nobody took, a receive on a connected socket fails with
/// `WSAECONNRESET`; later ones go on.
impl<T: 'static> Overlapped<T> {
    /// Receives a datagram and its sender's address (`WSARecvFrom` with a completion routine).
    ///
    /// # Errors
    ///
    /// Through the routine: `WSAEMSGSIZE`, `WSA_OPERATION_ABORTED`, `WSAEINVAL` on a socket that is not bound,
    /// `WSAECONNRESET`, `WSAEOPNOTSUPP` on a stream socket, `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// use overlapped::{alertable, Overlapped, Session, Socket};
    ///
    /// struct Datagrams {
    ///     socket: Socket,
    ///     buffer: [u8; 1500],
    /// }
    ///
    /// impl Session for Datagrams {
    ///     fn parts(&mut self) -> (&Socket, &mut [u8]) {
    ///         (&self.socket, &mut self.buffer)
    ///     }
    /// }
    ///
    /// let socket = Socket::udp("127.0.0.1:0")?;
    /// let address = socket.local_addr()?;
    /// Overlapped::new(Datagrams { socket, buffer: [0; 1500] }).recv_from(|line, done| {
    ///     let datagram = done.unwrap();
    ///     println!("{} says {:?}", datagram.from, &line.buffer[..datagram.bytes]);
    ///     line.send_to(..datagram.bytes, datagram.from, |_line, done| assert_eq!(done.unwrap().bytes, 5));
    /// });
    ///
    /// let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// peer.send_to(b"hello", address)?;
    /// alertable::sleep(None)?;
    /// assert_eq!(peer.recv_from(&mut [0; 10])?, (5, address));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSARecvFrom")]
    pub fn recv_from(self, routine: fn(Self, Result<Datagram>)) -> Issued
    where
        T: Session,
    {
        self.issue(Kind::Receive, session_from, routine)
    }

    /// [`recv_from`](Self::recv_from) for a `T` that is no [`Session`], into several buffers, or with
    /// flags: as a [`Scatter`] says.
    #[doc(alias = "WSARecvFrom")]
    pub fn recv_from_with(
        self,
        parts: impl for<'a> FnOnce(&'a mut T) -> Scatter<'a>,
        routine: fn(Self, Result<Datagram>),
    ) -> Issued {
        self.issue(Kind::Receive, |value, slot| with_sender(parts(value), slot), routine)
    }

    /// Sends `range` of the session's buffer as one datagram to `address` (`WSASendTo` with a completion routine).
    /// [`send_gather`](Self::send_gather) does the same for a `T` that is no [`Session`], or with several buffers.
    ///
    /// # Errors
    ///
    /// Through the routine: `WSAEMSGSIZE` for more than a datagram holds, `WSAEACCES` for a broadcast without
    /// [`Socket::set_broadcast`](crate::Socket::set_broadcast), `WSAENETUNREACH`, `WSAEAFNOSUPPORT` for an address of the other
    /// family, `WSA_OPERATION_ABORTED`, `WSAENOTSOCK` after a close.
    ///
    /// # Panics
    ///
    /// If `range` does not lie in the buffer.
    #[doc(alias = "WSASendTo")]
    pub fn send_to(
        self,
        range: impl RangeBounds<usize>,
        address: SocketAddr,
        routine: fn(Self, Result<Completion>),
    ) -> Issued
    where
        T: Session,
    {
        self.issue(Kind::Send, |value, slot| session_to(value, range, address, slot), routine)
    }
}

/// # Datagrams, with an event
impl<T: Send + 'static> Overlapped<T> {
    /// [`recv_from`](Self::recv_from) with an event.
    ///
    /// ```
    /// use overlapped::{wait, Event, Overlapped, Scatter, Socket};
    ///
    /// let socket = Socket::udp("127.0.0.1:0")?;
    /// let address = socket.local_addr()?;
    /// let event = Event::manual();
    /// let pending = Overlapped::new((socket, [0; 100]))
    ///     .recv_from_event_with(&event, |(socket, buffer)| Scatter::new(socket).buffer(buffer));
    ///
    /// let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// peer.send_to(b"hello", address)?;
    /// wait::one(&event, None)?;
    /// let (port, done) = pending.finish();
    /// let datagram = done?;
    /// assert_eq!((&port.1[..datagram.bytes], datagram.from), (&b"hello"[..], peer.local_addr()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSARecvFrom")]
    pub fn recv_from_event(self, event: &Event) -> Pending<T, Datagram>
    where
        T: Session,
    {
        self.issue_event(Kind::Receive, event, None, session_from)
    }

    /// [`recv_from_with`](Self::recv_from_with) with an event.
    #[doc(alias = "WSARecvFrom")]
    pub fn recv_from_event_with(
        self,
        event: &Event,
        parts: impl for<'a> FnOnce(&'a mut T) -> Scatter<'a>,
    ) -> Pending<T, Datagram> {
        self.issue_event(Kind::Receive, event, None, |value, slot| with_sender(parts(value), slot))
    }

    /// [`send_to`](Self::send_to) with an event.
    ///
    /// # Panics
    ///
    /// If `range` does not lie in the buffer.
    #[doc(alias = "WSASendTo")]
    pub fn send_to_event(self, range: impl RangeBounds<usize>, address: SocketAddr, event: &Event) -> Pending<T>
    where
        T: Session,
    {
        self.issue_event(Kind::Send, event, None, |value, slot| session_to(value, range, address, slot))
    }
}

pub(super) fn with_sender<'a>(scatter: Scatter<'a>, slot: &mut Slot) -> Parts<'a> {
    Parts::scatter(scatter.sender(), slot)
}

pub(super) fn session_from<'a, T: Session>(value: &'a mut T, slot: &mut Slot) -> Parts<'a> {
    let (socket, buffer) = value.parts();
    with_sender(Scatter::new(socket).buffer(buffer), slot)
}

pub(super) fn session_to<'a, T: Session>(
    value: &'a mut T,
    range: impl RangeBounds<usize>,
    address: SocketAddr,
    slot: &mut Slot,
) -> Parts<'a> {
    let (socket, buffer) = value.parts();
    Parts::gather(Gather::new(socket).buffer(slice(buffer, range)).to(address), slot)
}
