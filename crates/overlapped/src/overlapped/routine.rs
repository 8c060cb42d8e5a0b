//! Operations whose completion is told by a routine.

use super::{Overlapped, Parts, Session, act, slice};
use crate::error::Result;
use crate::message::Slot;
use crate::op::{Delivery, Kind, Outcome};
use crate::operation::{Completion, Issued};
use crate::socket::Socket;
use crate::thread;
use std::net::SocketAddr;
use std::ops::RangeBounds;

/// # Operations with a completion routine
///
/// The routine is a function or a closure that captures nothing: what it needs lies in `T`. It
/// runs on the thread that issued the operation, and only in one of that thread's
/// [alertable waits](crate::alertable), never inside the issuing call, so it may take any lock
/// that its thread takes between waits. Failures come through the routine as well.
///
/// Operations of one direction of a socket are carried out and completed in the order of their
/// issue. Of the receives (and accepts and connects) with routines that pend on a socket all must have been issued
/// by one thread; one of another thread fails with `WSAEINVAL`. Those with events, and sends, are free of this rule.
/// A receive with an event that was issued behind one with a routine begins when the routine's thread has waited,
/// alertably or not: a thread that waits elsewhere (in a lock, in a blocking call) holds it up.
///
/// A thread that ends takes its operations along: they are cancelled and their sessions dropped,
/// their routines do not run.
impl<T: 'static> Overlapped<T> {
    /// Receives into the session's buffer (`WSARecv` with a completion routine).
    ///
    /// The completion's `bytes` is between 1 and the length of the buffer, or 0 at the end of the
    /// stream. With an empty buffer the operation waits for data, completes with 0 and leaves the
    /// data where it is.
    ///
    /// # Errors
    ///
    /// Through the routine: `WSAECONNRESET`, `WSA_OPERATION_ABORTED`, `WSAENOTCONN`,
    /// `WSAESHUTDOWN` after a shutdown of receiving, `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// use overlapped::{alertable, Overlapped, Session, Socket};
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
    /// Overlapped::new(Client { socket, buffer: [0; 100] }).recv(|client, done| {
    ///     let bytes = done.unwrap().bytes;
    ///     assert_eq!(&client.buffer[..bytes], b"hello");
    /// });
    /// peer.write_all(b"hello")?;
    /// alertable::sleep(None)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSARecv")]
    pub fn recv(self, routine: fn(Self, Result<Completion>)) -> Issued
    where
        T: Session,
    {
        self.recv_with(T::parts, routine)
    }

    /// [`recv`](Self::recv) for a `T` that is no [`Session`], or into another part of it.
    #[doc(alias = "WSARecv")]
    pub fn recv_with(
        self,
        parts: impl for<'a> FnOnce(&'a mut T) -> (&'a Socket, &'a mut [u8]),
        routine: fn(Self, Result<Completion>),
    ) -> Issued {
        self.issue(Kind::Receive, |value, _| Parts::receive(parts(value)), routine)
    }

    /// Sends `range` of the session's buffer (`WSASend` with a completion routine).
    ///
    /// The completion reports every byte, or the send fails; what the kernel does not take at
    /// once goes out behind the program's back. Several sends go out in the order of their issue.
    ///
    /// # Errors
    ///
    /// Through the routine: `WSAECONNRESET`, `WSA_OPERATION_ABORTED`, `WSAENOTCONN`,
    /// `WSAESHUTDOWN` after a shutdown of sending, `WSAENOTSOCK` after a close.
    ///
    /// # Panics
    ///
    /// If `range` does not lie in the buffer.
    ///
    /// ```
    /// # use overlapped::{alertable, Overlapped, Session, Socket};
    /// # struct Client { socket: Socket, buffer: [u8; 5] }
    /// # impl Session for Client {
    /// #     fn parts(&mut self) -> (&Socket, &mut [u8]) { (&self.socket, &mut self.buffer) }
    /// # }
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// # let socket = Socket::from(listener.accept()?.0);
    /// let client = Overlapped::new(Client { socket, buffer: *b"hello" });
    /// client.send(..4, |_client, done| assert_eq!(done.unwrap().bytes, 4));
    /// alertable::sleep(None)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSASend")]
    pub fn send(self, range: impl RangeBounds<usize>, routine: fn(Self, Result<Completion>)) -> Issued
    where
        T: Session,
    {
        self.issue(Kind::Send, |value, _| session_send(value, range), routine)
    }

    /// [`send`](Self::send) for a `T` that is no [`Session`], or from another part of it.
    #[doc(alias = "WSASend")]
    pub fn send_with(
        self,
        parts: impl for<'a> FnOnce(&'a T) -> (&'a Socket, &'a [u8]),
        routine: fn(Self, Result<Completion>),
    ) -> Issued {
        self.issue(Kind::Send, |value, _| Parts::send(parts(value)), routine)
    }

    /// Accepts one connection on a listening socket.
    ///
    /// Winsock has no completion routine for an accept; this library has. An accepted connection
    /// that nobody takes is closed.
    ///
    /// # Errors
    ///
    /// Through the routine: `WSAEMFILE` with a full descriptor table (the connection stays in the
    /// backlog), `WSAEINVAL` on a socket that does not listen, `WSA_OPERATION_ABORTED`.
    ///
    /// ```
    /// use overlapped::{alertable, Overlapped, Socket};
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// Overlapped::new(listener).accept(|listener| listener, |listener, client| {
    ///     println!("connected: {:?}", client.unwrap().peer_addr());
    ///     drop(listener); // or accept again
    /// });
    /// let _client = std::net::TcpStream::connect(address)?;
    /// alertable::sleep(None)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "AcceptEx")]
    pub fn accept(
        self,
        listener: impl for<'a> FnOnce(&'a T) -> &'a Socket,
        routine: fn(Self, Result<Socket>),
    ) -> Issued {
        self.issue(Kind::Accept, |value, _| Parts::bare(listener(value)), routine)
    }

    /// Connects a socket that [`Socket::tcp`] made.
    ///
    /// # Errors
    ///
    /// Through the routine: `WSAECONNREFUSED`, `WSAETIMEDOUT`, `WSAENETUNREACH`,
    /// `WSAEADDRNOTAVAIL`, `WSAEISCONN`, `WSA_OPERATION_ABORTED`.
    ///
    /// ```
    /// use overlapped::{alertable, Overlapped, Socket};
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// Overlapped::new(Socket::tcp(&address)?).connect(address, |socket| socket, |socket, done| {
    ///     done.unwrap();
    ///     assert!(socket.peer_addr().is_ok());
    /// });
    /// alertable::sleep(None)?;
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "ConnectEx")]
    pub fn connect(
        self,
        to: SocketAddr,
        socket: impl for<'a> FnOnce(&'a T) -> &'a Socket,
        routine: fn(Self, Result<()>),
    ) -> Issued {
        self.issue_to(Kind::Connect, Some(to), |value, _| Parts::bare(socket(value)), routine)
    }

    pub(super) fn issue<R: Outcome>(
        self,
        kind: Kind,
        parts: impl for<'a> FnOnce(&'a mut T, &mut Slot) -> Parts<'a>,
        routine: fn(Self, Result<R>),
    ) -> Issued {
        self.issue_to(kind, None, parts, routine)
    }

    fn issue_to<R: Outcome>(
        self,
        kind: Kind,
        to: Option<SocketAddr>,
        parts: impl for<'a> FnOnce(&'a mut T, &mut Slot) -> Parts<'a>,
        routine: fn(Self, Result<R>),
    ) -> Issued {
        let issued = thread::with(|engine| {
            let delivery = Delivery::Routine(engine.identity());
            let op = self.leak(kind, parts, delivery, act::<T, R>, routine as *const ());
            engine.issue(op, to)
        });
        // After the end of the thread there is no alertable wait to come: the session is dropped.
        issued.unwrap_or(Issued::Completed)
    }
}

/// Socket and the named part of the buffer of a session.
pub(super) fn session_send<T: Session>(value: &mut T, range: impl RangeBounds<usize>) -> Parts<'_> {
    let (socket, buffer) = value.parts();
    Parts::send((socket, slice(buffer, range)))
}
