//! Calls that must not block: what a program makes after it was told that a socket is ready.
//!
//! They are no operations: they are done, or refused, when they return. What lies in the lanes comes first.

use super::lane::Lanes;
use super::{Inner, Socket};
use crate::buffers::{Gather, Scatter};
use crate::codes;
use crate::driver::Attempt;
use crate::error::{Error, Result};
use crate::fork;
use crate::message::{MOST, Message};
use crate::op::Kind;
use crate::operation::Datagram;
use std::io::IoSlice;
use std::net::SocketAddr;
use std::ptr::NonNull;

/// What a receive that must not block has brought.
#[derive(Debug)]
pub struct Received {
    /// The bytes.
    pub bytes: usize,
    /// Whether that is all of the datagram.
    pub whole: bool,
    /// The flags as Winsock numbers them.
    pub flags: u32,
    /// Who sent it.
    pub from: Option<SocketAddr>,
}

/// # Calls that do not block
///
/// For the [readiness](crate::readiness) models: each does at once what can be done, from any thread, or fails with
/// `WSAEWOULDBLOCK` ([`Error::is_would_block`]). What was issued before on the same direction of the socket comes first:
/// beside a pending receive a [`try_recv`](Self::try_recv), and behind a send that is not out yet a
/// [`try_send`](Self::try_send), would block.
impl Socket {
    /// Receives what is there (`recv` in non-blocking mode): between 1 byte and the length of the buffer, or 0 at the end
    /// of the stream. With an empty buffer it tells whether there is something, and leaves it.
    ///
    /// # Errors
    ///
    /// `WSAEWOULDBLOCK`; `WSAECONNRESET`, `WSAENOTCONN`, `WSAESHUTDOWN` after a shutdown of receiving, `WSAENOTSOCK` after
    /// a close; `WSAEMSGSIZE` for a datagram that is longer, whose rest is lost.
    ///
    /// ```
    /// use overlapped::Socket;
    /// use std::io::Write;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    ///
    /// let mut buffer = [0; 100];
    /// assert!(socket.try_recv(&mut buffer).unwrap_err().is_would_block());
    /// peer.write_all(b"hello")?;
    /// let bytes = loop {
    ///     match socket.try_recv(&mut buffer) {
    ///         Err(error) if error.is_would_block() => {} // a program waits for it to be readable
    ///         received => break received?,
    ///     }
    /// };
    /// assert_eq!(&buffer[..bytes], b"hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "recv")]
    pub fn try_recv(&self, buffer: &mut [u8]) -> Result<usize> {
        self.attempt(Kind::Receive, |inner, lanes| {
            if inner.datagram {
                return inner.receive_datagram(Scatter::new(self).buffer(buffer)).map(|(bytes, _)| bytes);
            }
            if buffer.is_empty() {
                return inner.again(|| inner.context.system.peek(inner.raw())).map(|()| 0);
            }
            match inner.again(|| inner.context.system.receive(inner.raw(), buffer)) {
                Ok(0) | Err(codes::WSAENOTCONN) if lanes.broken => Err(codes::WSAECONNRESET),
                received => received,
            }
        })
    }

    /// Receives a datagram that is there, and who sent it (`recvfrom` in non-blocking mode).
    ///
    /// # Errors
    ///
    /// Those of [`try_recv`](Self::try_recv); `WSAEOPNOTSUPP` on a stream, which has no senders.
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let (socket, peer) = (Socket::udp("127.0.0.1:0")?, Socket::udp("127.0.0.1:0")?);
    /// let mut buffer = [0; 100];
    /// assert!(socket.try_recv_from(&mut buffer).unwrap_err().is_would_block());
    /// peer.try_send_to(b"hello", socket.local_addr()?)?;
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "recvfrom")]
    pub fn try_recv_from(&self, buffer: &mut [u8]) -> Result<Datagram> {
        self.attempt(Kind::Receive, |inner, _| {
            if !inner.datagram {
                return Err(codes::WSAEOPNOTSUPP);
            }
            let (bytes, from) = inner.receive_datagram(Scatter::new(self).buffer(buffer).sender())?;
            Ok(Datagram { bytes, flags: 0, from: from.ok_or(codes::WSAEAFNOSUPPORT)? })
        })
    }

    /// Sends what the system takes now (`send` in non-blocking mode); how much that was.
    ///
    /// # Errors
    ///
    /// `WSAEWOULDBLOCK` if it takes nothing; `WSAECONNRESET`, `WSAENOTCONN`, `WSAESHUTDOWN` after a shutdown of sending,
    /// `WSAENOTSOCK` after a close; `WSAEMSGSIZE` for a datagram that is too long.
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    /// assert_eq!(socket.try_send(b"hello")?, 5);
    /// let flood = vec![0; 1 << 20];
    /// let error = loop {
    ///     if let Err(error) = socket.try_send(&flood) {
    ///         break error; // nobody reads
    ///     }
    /// };
    /// assert!(error.is_would_block());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "send")]
    pub fn try_send(&self, bytes: &[u8]) -> Result<usize> {
        self.attempt_send(|inner| inner.context.system.send(inner.raw(), bytes))
    }

    /// [`try_send`](Self::try_send) from several buffers, in one call of the system (`WSASend`). What was not taken is found
    /// with [`IoSlice::advance_slices`].
    ///
    /// # Errors
    ///
    /// Those of [`try_send`](Self::try_send); `WSAENOBUFS` for a datagram of more than 1024 buffers.
    ///
    /// ```
    /// use overlapped::Socket;
    /// use std::io::{IoSlice, Read};
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    /// assert_eq!(socket.try_send_vectored(&[IoSlice::new(b"head"), IoSlice::new(b"body")])?, 8);
    /// let mut read = [0; 8];
    /// peer.read_exact(&mut read)?;
    /// assert_eq!(&read, b"headbody");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSASend")]
    pub fn try_send_vectored(&self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        self.attempt_send(|inner| {
            let empty = buffers.iter().take_while(|buffer| buffer.is_empty()).count();
            match &buffers[empty..] {
                _ if inner.datagram && buffers.len() > MOST => Err(codes::WSAENOBUFS),
                [] if !inner.datagram => Ok(0),
                buffers => inner.context.system.send_vectored(inner.raw(), &buffers[..buffers.len().min(MOST)]),
            }
        })
    }

    /// Sends one datagram to `address` (`sendto` in non-blocking mode). To a stream socket the address makes no
    /// difference.
    ///
    /// # Errors
    ///
    /// Those of [`try_send`](Self::try_send).
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let socket = Socket::udp("127.0.0.1:0")?;
    /// assert_eq!(socket.try_send_to(b"hello", peer.local_addr()?)?, 5);
    /// assert_eq!(peer.recv(&mut [0; 100])?, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "sendto")]
    pub fn try_send_to(&self, bytes: &[u8], address: SocketAddr) -> Result<usize> {
        if !self.inner().datagram {
            return self.try_send(bytes);
        }
        let mut message = Message::new();
        Gather::new(self).buffer(bytes).to(address).fill(&mut message);
        message.datagram = true;
        self.attempt_send(|inner| inner.context.system.send_message(inner.raw(), NonNull::from(&mut message)))
    }

    /// Accepts a connection that is there (`accept` in non-blocking mode).
    ///
    /// # Errors
    ///
    /// `WSAEWOULDBLOCK`; `WSAEMFILE` with a full descriptor table (the connection stays in the backlog), `WSAEINVAL` on a
    /// socket that does not listen, `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// assert!(listener.try_accept().unwrap_err().is_would_block());
    /// let peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = loop {
    ///     match listener.try_accept() {
    ///         Err(error) if error.is_would_block() => {} // a program waits for it to be readable
    ///         accepted => break accepted?,
    ///     }
    /// };
    /// assert_eq!(socket.peer_addr()?, peer.local_addr()?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "accept")]
    #[doc(alias = "WSAAccept")]
    pub fn try_accept(&self) -> Result<Socket> {
        self.accept_there(true)
    }

    /// Accepts a connection that is there, with the selection of the listener or without.
    pub(crate) fn accept_there(&self, bequeath: bool) -> Result<Socket> {
        self.attempt(Kind::Accept, |inner, lanes| {
            let mut woken = false;
            loop {
                match inner.again(|| inner.context.system.accept(inner.raw())) {
                    Err(codes::WSAEWOULDBLOCK) if !woken && inner.listens_again(lanes) => woken = true,
                    // The client left before it was accepted: nobody to hand out.
                    Err(codes::WSAECONNABORTED | codes::WSAECONNRESET) => {}
                    Err(code) => return Err(code),
                    Ok(descriptor) => {
                        let accepted = inner.accepted(descriptor);
                        if bequeath {
                            inner.bequeath(lanes, &accepted);
                        }
                        return Ok(accepted);
                    }
                }
            }
        })
    }

    /// Receives what is there, as a [`Scatter`] says; with the sender of a datagram.
    pub(crate) fn try_scatter(scatter: Scatter<'_>) -> Result<Received> {
        scatter.socket.attempt(Kind::Receive, |inner, lanes| {
            let mut message = Message::new();
            let room = scatter.sender().fill(&mut message);
            message.datagram = inner.datagram;
            let peek = message.flags.peek;
            let bytes = if room == 0 && !inner.datagram {
                inner.again(|| inner.context.system.peek(inner.raw())).map(|()| 0)
            } else {
                inner.again(|| inner.context.system.receive_message(inner.raw(), NonNull::from(&mut message), peek))
            };
            let bytes = match bytes {
                Ok(0) if lanes.broken && room > 0 => return Err(codes::WSAECONNRESET),
                Err(codes::WSAENOTCONN) if lanes.broken => return Err(codes::WSAECONNRESET),
                bytes => bytes?,
            };
            let whole = !message.received();
            Ok(Received { bytes, whole, flags: message.returned, from: message.address() })
        })
    }

    /// Sends what the system takes now, as a [`Gather`] says.
    pub(crate) fn try_gather(gather: Gather<'_>) -> Result<usize> {
        let socket = gather.socket;
        let mut message = Message::new();
        let bytes = gather.fill(&mut message);
        message.datagram = socket.inner().datagram;
        if bytes == 0 && !message.datagram {
            return socket.try_send(&[]);
        }
        socket.attempt_send(|inner| inner.context.system.send_message(inner.raw(), NonNull::from(&mut message)))
    }

    fn attempt_send(&self, mut send: impl FnMut(&Inner) -> Attempt<usize>) -> Result<usize> {
        self.attempt(Kind::Send, |inner, lanes| {
            // The first datagram binds the socket.
            lanes.unbound = false;
            inner.persist(|| send(inner))
        })
    }

    /// Every call that must not block passes here: it is refused, or comes behind what lies in the lane, or is made.
    pub(super) fn attempt<R>(&self, kind: Kind, call: impl FnOnce(&Inner, &mut Lanes) -> Attempt<R>) -> Result<R> {
        fork::check(kind.operation())?;
        let inner = self.inner();
        let mut lanes = inner.lanes();
        let attempted = match inner.refusal(&mut lanes, kind) {
            Some(code) => Err(code),
            None if lanes.of(kind).is_empty() => call(inner, &mut lanes),
            None if kind == Kind::Connect => Err(codes::WSAEALREADY),
            None => Err(codes::WSAEWOULDBLOCK),
        };
        if let Err(code) = attempted {
            inner.note(&mut lanes, kind, -code);
        }
        inner.attempted(&mut lanes, kind, attempted.as_ref().err().copied());
        attempted.map_err(|code| Error::from_code(kind.operation(), code))
    }
}

impl Inner {
    /// Repeats a call that was interrupted.
    fn again<R>(&self, mut call: impl FnMut() -> Attempt<R>) -> Attempt<R> {
        loop {
            match call() {
                Err(codes::WSAEINTR) => {}
                // What Linux calls so is the answer to a datagram that nobody took.
                Err(codes::WSAECONNREFUSED) if self.datagram => return Err(codes::WSAECONNRESET),
                called => return called,
            }
        }
    }

    /// Receives a datagram; its length, and who sent it if that is asked for.
    fn receive_datagram(&self, scatter: Scatter<'_>) -> Attempt<(usize, Option<SocketAddr>)> {
        let mut message = Message::new();
        scatter.fill(&mut message);
        message.datagram = true;
        let bytes =
            self.again(|| self.context.system.receive_message(self.raw(), NonNull::from(&mut message), false))?;
        if message.received() { Err(codes::WSAEMSGSIZE) } else { Ok((bytes, message.address())) }
    }
}
