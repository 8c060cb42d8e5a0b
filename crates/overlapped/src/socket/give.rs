//! Sends that own their bytes.

use super::lane::Lanes;
use super::{Inner, Socket};
use crate::buffers::Gather;
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::fork;
use crate::message::Message;
use crate::op::{Delivery, Kind, OpRef};
use crate::operation::{Completion, Issued};
use crate::overlapped::{Overlapped, Parts, act};
use crate::sync::MutexGuard;
use std::net::SocketAddr;
use std::ptr::NonNull;
use std::sync::Arc;

/// Bytes that a send owns: static, shared by many sends, or its own.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Payload {
    /// Bytes of the program itself.
    Static(&'static [u8]),
    /// Bytes shared with other sends: a broadcast copies nothing.
    Shared(Arc<[u8]>),
    /// Bytes of this send alone.
    Owned(Vec<u8>),
}

impl Payload {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Shared(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

impl From<&'static [u8]> for Payload {
    fn from(bytes: &'static [u8]) -> Self {
        Self::Static(bytes)
    }
}

impl<const N: usize> From<&'static [u8; N]> for Payload {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::Static(bytes)
    }
}

impl From<&'static str> for Payload {
    fn from(text: &'static str) -> Self {
        Self::Static(text.as_bytes())
    }
}

impl From<Arc<[u8]>> for Payload {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self::Shared(bytes)
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }
}

impl From<String> for Payload {
    fn from(text: String) -> Self {
        Self::Owned(text.into_bytes())
    }
}

/// A send that nobody waits for: its bytes from `sent` on, and the socket that it keeps open.
struct Given {
    socket: Socket,
    payload: Payload,
    sent: usize,
}

impl Socket {
    /// Sends bytes and forgets about them, from any thread.
    ///
    /// What the kernel takes at once is sent before this returns (`Issued::Completed`); the rest
    /// waits in the socket's queue, in order with all other sends, and keeps the socket open until
    /// it has gone or the socket is [closed](Self::close). The queue has no bound of its own:
    /// compare [`queued_bytes`](Self::queued_bytes) with yours. If the connection breaks later,
    /// the bytes are dropped; the pending receive tells of it. If the system refuses the rest (it has
    /// no memory, say), the connection is given up, rather than that later sends follow a hole.
    ///
    /// # Errors
    ///
    /// `WSAECONNRESET`, `WSAENOTCONN`, `WSAESHUTDOWN`, `WSAENOTSOCK`: what is known now.
    ///
    /// ```
    /// use overlapped::Socket;
    /// use std::io::Read;
    /// use std::sync::Arc;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    ///
    /// let news: Arc<[u8]> = Arc::from(*b"news");
    /// socket.give(Arc::clone(&news))?; // and the same to everybody else, without a copy
    /// let mut read = [0; 4];
    /// peer.read_exact(&mut read)?;
    /// assert_eq!(&read, b"news");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn give(&self, bytes: impl Into<Payload>) -> Result<Issued> {
        let payload = bytes.into();
        self.give_from(payload, |payload, _| payload, |_| 0)
    }

    /// [`give`](Self::give) for borrowed bytes: only what the kernel does not take is copied.
    pub fn give_copy(&self, bytes: &[u8]) -> Result<Issued> {
        self.give_from(bytes, |bytes, sent| Payload::Owned(bytes[sent..].to_vec()), |sent| sent)
    }

    /// Sends one datagram to `address` and forgets about it, from any thread; see [`give`](Self::give). To a stream
    /// socket the address makes no difference.
    ///
    /// # Errors
    ///
    /// Those of [`send_to`](Overlapped::send_to), as far as they are known now.
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let peer = std::net::UdpSocket::bind("127.0.0.1:0")?;
    /// let socket = Socket::udp("127.0.0.1:0")?;
    /// socket.give_to("state of the world", peer.local_addr()?)?;
    /// assert_eq!(peer.recv(&mut [0; 100])?, 18);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "sendto")]
    pub fn give_to(&self, bytes: impl Into<Payload>, address: SocketAddr) -> Result<Issued> {
        let payload = bytes.into();
        fork::check(Operation::Send)?;
        let inner = self.inner();
        if !inner.is_datagram() {
            return self.give(payload);
        }
        let mut lanes = inner.lanes();
        check(inner, &mut lanes, payload.bytes().len())?;
        lanes.unbound = false;
        if lanes.send.is_empty() {
            let mut message = Message::new();
            Gather::new(self).buffer(payload.bytes()).to(address).fill(&mut message);
            message.datagram = true;
            let send = || inner.context().system.send_message(inner.raw(), NonNull::from(&mut message));
            match inner.persist(send) {
                Ok(sent) if sent == payload.bytes().len() => return Ok(Issued::Completed),
                Ok(_) | Err(codes::WSAEWOULDBLOCK) => {}
                Err(code) => return Err(Error::from_code(Operation::Send, code)),
            }
        }
        let given = Given { socket: self.clone(), sent: 0, payload };
        let op = Overlapped::new(given).leak(
            Kind::Send,
            |given, slot| Parts::gather(Gather::new(&given.socket).buffer(given.payload.bytes()).to(address), slot),
            Delivery::Nobody,
            act::<Given, Completion>,
            std::ptr::null(),
        );
        self.queue(lanes, op)
    }

    /// `own` makes the payload of what is left after so many bytes, `cut` says how many of them
    /// the payload leaves out.
    fn give_from<B: Bytes>(
        &self,
        bytes: B,
        own: impl FnOnce(B, usize) -> Payload,
        cut: impl FnOnce(usize) -> usize,
    ) -> Result<Issued> {
        fork::check(Operation::Send)?;
        let inner = self.inner();
        let mut lanes = inner.lanes();
        check(inner, &mut lanes, bytes.get().len())?;
        let mut sent = 0;
        while lanes.send.is_empty() {
            match inner.persist(|| inner.context().system.send(inner.raw(), &bytes.get()[sent..])) {
                Ok(more) => {
                    sent += more;
                    if sent == bytes.get().len() {
                        return Ok(Issued::Completed);
                    }
                }
                Err(codes::WSAEWOULDBLOCK) => break,
                Err(code) => {
                    inner.note(&mut lanes, Kind::Send, -code);
                    return Err(Error::from_code(Operation::Send, code));
                }
            }
        }
        let given = Given { socket: self.clone(), sent: sent - cut(sent), payload: own(bytes, sent) };
        let op = Overlapped::new(given).leak(
            Kind::Send,
            |given, _| Parts::send((&given.socket, &given.payload.bytes()[given.sent..])),
            Delivery::Nobody,
            act::<Given, Completion>,
            std::ptr::null(),
        );
        self.queue(lanes, op)
    }

    fn queue(&self, mut lanes: MutexGuard<'_, Lanes>, op: OpRef) -> Result<Issued> {
        let inner = self.inner();
        let id = inner.id(lanes.number(op));
        if let Err(code) = inner.queue_send(&mut lanes, op) {
            drop(lanes);
            // SAFETY: the operation did not begin, so this is its only reference.
            unsafe { crate::delivery::discard(op) };
            return Err(Error::from_code(Operation::Send, code));
        }
        Ok(Issued::Pending(id))
    }
}

/// Whether a send of so many bytes can begin.
fn check(inner: &Inner, lanes: &mut Lanes, bytes: usize) -> Result<()> {
    if bytes > i32::MAX as usize {
        return Err(Error::new(Operation::Send, codes::WSAENOBUFS).with_detail("more than 2 GiB in one send"));
    }
    inner.refusal(lanes, Kind::Send).map_or(Ok(()), |code| Err(Error::from_code(Operation::Send, code)))
}

/// Bytes that can be looked at before they are owned.
trait Bytes {
    fn get(&self) -> &[u8];
}

impl Bytes for &[u8] {
    fn get(&self) -> &[u8] {
        self
    }
}

impl Bytes for Payload {
    fn get(&self) -> &[u8] {
        self.bytes()
    }
}
