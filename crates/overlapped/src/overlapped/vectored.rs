//! Operations with several buffers.

use super::{Overlapped, Parts};
use crate::buffers::{Gather, Scatter};
use crate::error::Result;
use crate::event::Event;
use crate::op::Kind;
use crate::operation::{Completion, Issued};
use crate::pending::Pending;

/// # Several buffers in one operation
///
/// A receive fills them in order, a send takes them in order, as one. Up to eight need no
/// allocation; the buffers belong to the session, the list of them only to the issue.
impl<T: 'static> Overlapped<T> {
    /// Receives as a [`Scatter`] says: into several buffers, all of them full, or leaving the data
    /// (`WSARecv` with several `WSABUF`s or flags, with a completion routine).
    ///
    /// # Errors
    ///
    /// Through the routine, those of [`recv`](Self::recv).
    #[doc(alias = "WSARecv")]
    pub fn recv_scatter(
        self,
        parts: impl for<'a> FnOnce(&'a mut T) -> Scatter<'a>,
        routine: fn(Self, Result<Completion>),
    ) -> Issued {
        self.issue(Kind::Receive, |value, slot| Parts::scatter(parts(value), slot), routine)
    }

    /// Sends as a [`Gather`] says: several buffers as one, or to an address (`WSASend` or `WSASendTo` with several
    /// `WSABUF`s, with a completion routine).
    ///
    /// # Errors
    ///
    /// Through the routine, those of [`send`](Self::send) and [`send_to`](Self::send_to).
    #[doc(alias = "WSASend")]
    #[doc(alias = "WSASendTo")]
    pub fn send_gather(
        self,
        parts: impl for<'a> FnOnce(&'a T) -> Gather<'a>,
        routine: fn(Self, Result<Completion>),
    ) -> Issued {
        self.issue(Kind::Send, |value, slot| Parts::gather(parts(value), slot), routine)
    }
}

/// # Several buffers, with an event
impl<T: Send + 'static> Overlapped<T> {
    /// [`recv_scatter`](Self::recv_scatter) with an event.
    ///
    /// ```
    /// use overlapped::{Event, Overlapped, Scatter, Socket};
    /// use std::io::Write;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    ///
    /// let event = Event::manual();
    /// let session = Overlapped::new((socket, [0; 6]));
    /// let pending = session
    ///     .recv_scatter_event(&event, |(socket, buffer)| Scatter::new(socket).buffer(buffer).wait_all());
    /// peer.write_all(b"two")?;
    /// peer.write_all(b"for")?; // completes with all six
    /// let (session, done) = pending.finish();
    /// assert_eq!((done?.bytes, &session.1), (6, b"twofor"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "WSARecv")]
    pub fn recv_scatter_event(self, event: &Event, parts: impl for<'a> FnOnce(&'a mut T) -> Scatter<'a>) -> Pending<T> {
        self.issue_event(Kind::Receive, event, None, |value, slot| Parts::scatter(parts(value), slot))
    }

    /// [`send_gather`](Self::send_gather) with an event.
    #[doc(alias = "WSASend")]
    #[doc(alias = "WSASendTo")]
    pub fn send_gather_event(self, event: &Event, parts: impl for<'a> FnOnce(&'a T) -> Gather<'a>) -> Pending<T> {
        self.issue_event(Kind::Send, event, None, |value, slot| Parts::gather(parts(value), slot))
    }
}
