//! Sends that own their bytes.

use super::Socket;
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::op::{Delivery, Kind};
use crate::operation::{Completion, Issued};
use crate::overlapped::{Overlapped, Parts, act};
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
    fn bytes(&self) -> &[u8] {
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
    /// the bytes are dropped; the pending receive tells of it.
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

    /// `own` makes the payload of what is left after so many bytes, `cut` says how many of them
    /// the payload leaves out.
    fn give_from<B: Bytes>(
        &self,
        bytes: B,
        own: impl FnOnce(B, usize) -> Payload,
        cut: impl FnOnce(usize) -> usize,
    ) -> Result<Issued> {
        let inner = self.inner();
        let failed = |code| Err(Error::from_code(Operation::Send, code));
        if bytes.get().len() > i32::MAX as usize {
            return Err(Error::new(Operation::Send, codes::WSAENOBUFS).with_detail("more than 2 GiB in one send"));
        }
        let mut lanes = inner.lanes();
        if let Some(code) = lanes.refusal(Kind::Send) {
            return failed(code);
        }
        let mut sent = 0;
        while lanes.send.is_empty() {
            match inner.context().system.send(inner.raw(), &bytes.get()[sent..]) {
                Ok(more) => {
                    sent += more;
                    if sent == bytes.get().len() {
                        return Ok(Issued::Completed);
                    }
                }
                Err(codes::WSAEINTR) => {}
                Err(codes::WSAEWOULDBLOCK) => break,
                Err(code) => return failed(code),
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
        let id = inner.id(lanes.number(op));
        if let Err(code) = inner.queue_send(&mut lanes, op) {
            drop(lanes);
            // SAFETY: the operation did not begin, so this is its only reference.
            unsafe { crate::delivery::discard(op) };
            return failed(code);
        }
        Ok(Issued::Pending(id))
    }
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
