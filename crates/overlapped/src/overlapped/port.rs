//! Operations whose completion is a packet of a port.

use super::datagram::{session_from, session_to, with_sender};
use super::routine::session_send;
use super::{Overlapped, Parts, Session};
use crate::buffers::{Gather, Scatter};
use crate::codes;
use crate::delivery::{Unwanted, deliver};
use crate::error::Result;
use crate::message::Slot;
use crate::op::{Act, Delivery, Kind, OpRef, Outcome};
use crate::operation::{Completion, Datagram, Issued};
use crate::port::{IssuedTo, Port, make};
use crate::socket::Socket;
use std::net::SocketAddr;
use std::ops::RangeBounds;

/// # Operations to a port
///
/// The completion is a [packet](Port) for whichever thread takes it, so `T` must be `Send`. `packet` makes it, from the session and
/// the result, on that thread: a function, the constructor of a variant, or a closure that captures nothing. Failures come as
/// packets too.
///
/// The operation belongs to the port: it goes on after the thread that issued it has ended.
///
/// The errors are those of the functions with a routine.
impl<T: Send + 'static> Overlapped<T> {
    /// Receives into the session's buffer (`WSARecv` on a socket of a port); see [`recv`](Self::recv).
    ///
    /// ```
    /// use overlapped::{Overlapped, Port, Session, Socket};
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
    /// let port = Port::new(1);
    /// Overlapped::new(Client { socket, buffer: [0; 100] }).recv_port(&port, |client, done| (client, done));
    /// peer.write_all(b"hello")?;
    /// let Some((client, done)) = port.get(None)? else { unreachable!("it waits for ever") };
    /// assert_eq!(&client.buffer[..done?.bytes], b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSARecv")]
    pub fn recv_port<P: Send + 'static>(self, port: &Port<P>, packet: fn(Self, Result<Completion>) -> P) -> IssuedTo<P>
    where
        T: Session,
    {
        self.recv_port_with(port, T::parts, packet)
    }

    /// [`recv_port`](Self::recv_port) for a `T` that is no [`Session`], or into another part of it.
    #[doc(alias = "WSARecv")]
    pub fn recv_port_with<P: Send + 'static>(
        self,
        port: &Port<P>,
        parts: impl for<'a> FnOnce(&'a mut T) -> (&'a Socket, &'a mut [u8]),
        packet: fn(Self, Result<Completion>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Receive, port, None, |value, _| Parts::receive(parts(value)), packet)
    }

    /// Sends `range` of the session's buffer (`WSASend` on a socket of a port); see [`send`](Self::send).
    ///
    /// # Panics
    ///
    /// If `range` does not lie in the buffer.
    #[doc(alias = "WSASend")]
    pub fn send_port<P: Send + 'static>(
        self,
        range: impl RangeBounds<usize>,
        port: &Port<P>,
        packet: fn(Self, Result<Completion>) -> P,
    ) -> IssuedTo<P>
    where
        T: Session,
    {
        self.issue_port(Kind::Send, port, None, |value, _| session_send(value, range), packet)
    }

    /// [`send_port`](Self::send_port) for a `T` that is no [`Session`], or from another part of it.
    ///
    /// ```
    /// # use overlapped::{Overlapped, Port, Socket};
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// # let socket = Socket::from(listener.accept()?.0);
    /// let port = Port::new(1);
    /// let message = Overlapped::new((socket, b"hello".to_vec()));
    /// message.send_port_with(&port, |(socket, bytes)| (socket, bytes), |_message, done| done);
    /// assert_eq!(port.get(None)?.unwrap()?.bytes, 5); // a packet also when it completes at once
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSASend")]
    pub fn send_port_with<P: Send + 'static>(
        self,
        port: &Port<P>,
        parts: impl for<'a> FnOnce(&'a T) -> (&'a Socket, &'a [u8]),
        packet: fn(Self, Result<Completion>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Send, port, None, |value, _| Parts::send(parts(value)), packet)
    }

    /// Accepts one connection (`AcceptEx` on a socket of a port); see [`accept`](Self::accept).
    #[doc(alias = "AcceptEx")]
    pub fn accept_port<P: Send + 'static>(
        self,
        port: &Port<P>,
        listener: impl for<'a> FnOnce(&'a T) -> &'a Socket,
        packet: fn(Self, Result<Socket>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Accept, port, None, |value, _| Parts::bare(listener(value)), packet)
    }

    /// Connects a socket that [`Socket::tcp`] made (`ConnectEx` on a socket of a port); see [`connect`](Self::connect).
    ///
    /// ```
    /// use overlapped::{Overlapped, Port, Socket};
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// let port = Port::new(1);
    /// Overlapped::new(Socket::tcp(&address)?).connect_port(address, &port, |socket| socket, |socket, done| (socket, done));
    /// let Some((socket, done)) = port.get(None)? else { unreachable!("it waits for ever") };
    /// done?;
    /// assert_eq!(socket.peer_addr()?, address);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "ConnectEx")]
    pub fn connect_port<P: Send + 'static>(
        self,
        to: SocketAddr,
        port: &Port<P>,
        socket: impl for<'a> FnOnce(&'a T) -> &'a Socket,
        packet: fn(Self, Result<()>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Connect, port, Some(to), |value, _| Parts::bare(socket(value)), packet)
    }

    /// [`recv_scatter`](Self::recv_scatter) to a port.
    #[doc(alias = "WSARecv")]
    pub fn recv_scatter_port<P: Send + 'static>(
        self,
        port: &Port<P>,
        parts: impl for<'a> FnOnce(&'a mut T) -> Scatter<'a>,
        packet: fn(Self, Result<Completion>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Receive, port, None, |value, slot| Parts::scatter(parts(value), slot), packet)
    }

    /// [`send_gather`](Self::send_gather) to a port.
    #[doc(alias = "WSASend")]
    #[doc(alias = "WSASendTo")]
    pub fn send_gather_port<P: Send + 'static>(
        self,
        port: &Port<P>,
        parts: impl for<'a> FnOnce(&'a T) -> Gather<'a>,
        packet: fn(Self, Result<Completion>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Send, port, None, |value, slot| Parts::gather(parts(value), slot), packet)
    }

    /// [`recv_from`](Self::recv_from) to a port.
    #[doc(alias = "WSARecvFrom")]
    pub fn recv_from_port<P: Send + 'static>(
        self,
        port: &Port<P>,
        packet: fn(Self, Result<Datagram>) -> P,
    ) -> IssuedTo<P>
    where
        T: Session,
    {
        self.issue_port(Kind::Receive, port, None, session_from, packet)
    }

    /// [`recv_from_with`](Self::recv_from_with) to a port.
    #[doc(alias = "WSARecvFrom")]
    pub fn recv_from_port_with<P: Send + 'static>(
        self,
        port: &Port<P>,
        parts: impl for<'a> FnOnce(&'a mut T) -> Scatter<'a>,
        packet: fn(Self, Result<Datagram>) -> P,
    ) -> IssuedTo<P> {
        self.issue_port(Kind::Receive, port, None, |value, slot| with_sender(parts(value), slot), packet)
    }

    /// [`send_to`](Self::send_to) to a port.
    ///
    /// # Panics
    ///
    /// If `range` does not lie in the buffer.
    #[doc(alias = "WSASendTo")]
    pub fn send_to_port<P: Send + 'static>(
        self,
        range: impl RangeBounds<usize>,
        address: SocketAddr,
        port: &Port<P>,
        packet: fn(Self, Result<Completion>) -> P,
    ) -> IssuedTo<P>
    where
        T: Session,
    {
        self.issue_port(Kind::Send, port, None, |value, slot| session_to(value, range, address, slot), packet)
    }

    fn issue_port<R: Outcome, P: Send + 'static>(
        self,
        kind: Kind,
        port: &Port<P>,
        to: Option<SocketAddr>,
        parts: impl for<'a> FnOnce(&'a mut T, &mut Slot) -> Parts<'a>,
        packet: fn(Self, Result<R>) -> P,
    ) -> IssuedTo<P> {
        let op = self.leak(kind, parts, Delivery::Port(port.sink()), act::<T, R, P>, packet as *const ());
        let socket = op.socket();
        // What a send does not get rid of at once goes to the hub, which makes progress whatever the workers do.
        let home = if kind == Kind::Send { Err(codes::WSAEINVAL) } else { port.home(socket.context()) };
        port.goes_out(op);
        match socket.issue(op, home, to) {
            Issued::Pending(id) => IssuedTo::Pending(id),
            Issued::Completed if op.has_succeeded() && socket.skips_packets() => {
                port.came_back(op);
                // SAFETY: it was issued to a port of `P`, has completed and is in no queue.
                IssuedTo::Skipped(unsafe { make(op) })
            }
            Issued::Completed => {
                deliver(op, &mut Unwanted::default());
                IssuedTo::Queued
            }
        }
    }
}

/// Makes the packet of a completed operation, or drops its block with what the operation brought.
///
/// # Safety
///
/// As for [`OpRef::act`]; the block is a `Block<T>`, its routine a `fn(Overlapped<T>, Result<R>) -> P`, and the place of a packet an
/// `Option<P>`.
unsafe fn act<T: 'static, R: Outcome, P>(op: OpRef, act: Act) {
    let outcome = R::take(&op);
    let routine = op.routine;
    // SAFETY: the operation has ended, and the caller says that this is its block.
    let overlapped = unsafe { Overlapped::<T>::from_op(op.pointer()) };
    if let Act::Packet(place) = act {
        // SAFETY: the issue stored a function of just this type.
        let packet = unsafe { std::mem::transmute::<*const (), fn(Overlapped<T>, Result<R>) -> P>(routine) };
        let packet = packet(overlapped, outcome);
        // SAFETY: the caller gives a place of this type, which nobody else uses.
        unsafe { *place.cast::<Option<P>>().as_ptr() = Some(packet) };
    }
}
