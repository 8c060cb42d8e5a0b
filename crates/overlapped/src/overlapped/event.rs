//! Operations whose completion is told by an event.

use super::routine::session_send;
use super::{Overlapped, Parts, Session, act};
use crate::event::Event;
use crate::home;
use crate::message::Slot;
use crate::op::{Delivery, Kind, Outcome};
use crate::pending::Pending;
use crate::socket::Socket;
use crate::thread;
use std::net::SocketAddr;
use std::ops::RangeBounds;
use std::sync::Arc;

/// # Operations with an event
///
/// The issue resets the event, the completion sets it: also when the operation completes at
/// once, and also when it fails. Any thread may wait for the event and finish the [`Pending`],
/// so `T` must be `Send`. What the issuing thread does meanwhile makes no difference, but its end
/// cancels the operation (`WSA_OPERATION_ABORTED`), as on Windows.
///
/// The errors are those of the functions with a routine; [`Pending::finish`] gives them.
impl<T: Send + 'static> Overlapped<T> {
    /// Receives into the session's buffer (`WSARecv` with `hEvent`); see [`recv`](Self::recv).
    ///
    /// ```
    /// use overlapped::{wait, Event, Overlapped, Session, Socket};
    /// use std::io::Write;
    ///
    /// struct Client {
    ///     socket: Socket,
    ///     buffer: [u8; 100],
    /// }
    ///
    /// impl Session for Client {
    ///     fn parts(&mut self) -> (&Socket, &mut [u8]) {
    ///         (&self.socket, &mut self.buffer)
    ///     }
    /// }
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    ///
    /// let event = Event::manual();
    /// let pending = Overlapped::new(Client { socket, buffer: [0; 100] }).recv_event(&event);
    /// peer.write_all(b"hello")?;
    /// wait::one(&event, None)?;
    /// let (client, done) = pending.finish();
    /// assert_eq!(&client.buffer[..done?.bytes], b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSARecv")]
    pub fn recv_event(self, event: &Event) -> Pending<T>
    where
        T: Session,
    {
        self.recv_event_with(event, T::parts)
    }

    /// [`recv_event`](Self::recv_event) for a `T` that is no [`Session`].
    #[doc(alias = "WSARecv")]
    pub fn recv_event_with(
        self,
        event: &Event,
        parts: impl for<'a> FnOnce(&'a mut T) -> (&'a Socket, &'a mut [u8]),
    ) -> Pending<T> {
        self.issue_event(Kind::Receive, event, None, |value, _| Parts::receive(parts(value)))
    }

    /// Sends `range` of the session's buffer (`WSASend` with `hEvent`); see [`send`](Self::send).
    ///
    /// # Panics
    ///
    /// If `range` does not lie in the buffer.
    #[doc(alias = "WSASend")]
    pub fn send_event(self, range: impl RangeBounds<usize>, event: &Event) -> Pending<T>
    where
        T: Session,
    {
        self.issue_event(Kind::Send, event, None, |value, _| session_send(value, range))
    }

    /// [`send_event`](Self::send_event) for a `T` that is no [`Session`].
    ///
    /// ```
    /// # use overlapped::{Event, Overlapped, Socket};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// # let socket = Socket::from(listener.accept()?.0);
    /// let sent = Event::manual();
    /// let message = Overlapped::new((socket, b"hello".to_vec()));
    /// let pending = message.send_event_with(&sent, |(socket, bytes)| (socket, bytes));
    /// let (_message, done) = pending.finish();
    /// assert_eq!(done?.bytes, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSASend")]
    pub fn send_event_with(
        self,
        event: &Event,
        parts: impl for<'a> FnOnce(&'a T) -> (&'a Socket, &'a [u8]),
    ) -> Pending<T> {
        self.issue_event(Kind::Send, event, None, |value, _| Parts::send(parts(value)))
    }

    /// Accepts one connection (`AcceptEx` with `hEvent`); see [`accept`](Self::accept).
    ///
    /// ```
    /// use overlapped::{Event, Overlapped, Socket};
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// let connected = Event::manual();
    /// let pending = Overlapped::new(listener).accept_event(&connected, |listener| listener);
    /// let _client = std::net::TcpStream::connect(address)?;
    /// let (listener, client) = pending.finish();
    /// assert_eq!(client?.local_addr()?, listener.local_addr()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "AcceptEx")]
    pub fn accept_event(self, event: &Event, listener: impl for<'a> FnOnce(&'a T) -> &'a Socket) -> Pending<T, Socket> {
        self.issue_event(Kind::Accept, event, None, |value, _| Parts::bare(listener(value)))
    }

    /// Connects a socket that [`Socket::tcp`] made (`ConnectEx` with `hEvent`); see
    /// [`connect`](Self::connect).
    #[doc(alias = "ConnectEx")]
    pub fn connect_event(
        self,
        to: SocketAddr,
        event: &Event,
        socket: impl for<'a> FnOnce(&'a T) -> &'a Socket,
    ) -> Pending<T, ()> {
        self.issue_event(Kind::Connect, event, Some(to), |value, _| Parts::bare(socket(value)))
    }

    pub(super) fn issue_event<R: Outcome>(
        self,
        kind: Kind,
        event: &Event,
        to: Option<SocketAddr>,
        parts: impl for<'a> FnOnce(&'a mut T, &mut Slot) -> Parts<'a>,
    ) -> Pending<T, R> {
        let object = event.object();
        object.reset();
        // Without an engine (the thread is ending) the operation belongs to no thread.
        let issuer = thread::with(|engine| Arc::clone(engine.core()));
        let delivery = Delivery::Event(Arc::clone(object), issuer);
        let op = self.leak(kind, parts, delivery, act::<T, R>, std::ptr::null());
        Pending::new(op, home::issue(op, to), R::take)
    }
}
