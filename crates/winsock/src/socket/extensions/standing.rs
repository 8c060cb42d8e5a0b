//! How a socket stands to accepts that are in flight: what is being accepted into, and from what a first receive is awaited.

use super::super::operation::{Name, Operation};
use super::super::{SocketObject, network_events, rio};
use super::renew;
use crate::abi::Overlapped as Header;
use crate::codes::*;
use crate::error::Code;
use overlapped::Socket;
use overlapped::face::operations;
use std::ptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

/// Of one socket. Its lock is the last of all: nothing is called while it is held.
#[derive(Default)]
pub(crate) struct Standing(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// The socket is closed.
    closed: bool,
    /// It is being accepted into: on which listener, by which `OVERLAPPED`.
    into: Option<(Weak<SocketObject>, usize)>,
    /// It listens, and these of its connections are waited for to send.
    silent: Vec<(usize, Socket)>,
    /// It was accepted into.
    accepted: bool,
    /// It goes on after a disconnect.
    renewed: bool,
    /// The number of its request queue.
    queue: Option<usize>,
}

impl Standing {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Whether it is being accepted into: it can do nothing else then.
    pub(crate) fn is_accepting(&self) -> bool {
        self.lock().into.is_some()
    }

    pub(super) fn was_accepted(&self) -> bool {
        self.lock().accepted
    }

    pub(super) fn is_renewed(&self) -> bool {
        self.lock().renewed
    }

    /// Its request queue; `false` if it has one, or is closed.
    pub(in crate::socket) fn take_queue(&self, number: usize) -> bool {
        let mut inner = self.lock();
        if inner.closed || inner.queue.is_some() {
            return false;
        }
        inner.queue = Some(number);
        true
    }

    /// It has been disconnected and goes on.
    pub(super) fn renew(&self) {
        let mut inner = self.lock();
        inner.renewed = true;
        inner.accepted = false;
    }
}

/// A socket that is being accepted into, until this is dropped.
pub(super) struct Claim(Arc<SocketObject>);

impl Claim {
    /// # Errors
    ///
    /// `WSAEINVAL` if it is so already, `WSAENOTSOCK` if it is closed.
    pub(super) fn new(
        socket: &Arc<SocketObject>,
        listener: &Arc<SocketObject>,
        header: *mut Header,
    ) -> Result<Self, Code> {
        let mut inner = socket.standing.lock();
        if inner.closed {
            return Err(WSAENOTSOCK);
        }
        if inner.into.is_some() {
            return Err(WSAEINVAL);
        }
        inner.into = Some((Arc::downgrade(listener), header.addr()));
        Ok(Self(Arc::clone(socket)))
    }

    /// A connection has come: the socket is it from now on; `false` if it was closed meanwhile.
    pub(super) fn adopt(&self, connection: &Socket) -> bool {
        // The system has copied what is set on the listener, but the engine is to know too.
        if let Ok(Some(linger)) = connection.linger() {
            let _ = connection.set_linger(Some(linger));
        }
        renew::carry_over(&self.0, connection);
        let old = {
            let mut state = self.0.state();
            if state.closed {
                return false;
            }
            state.connected = Some(Instant::now());
            self.0.replace(&mut state, connection.clone())
        };
        drop(old);
        network_events::go_on(&self.0);
        self.0.standing.lock().accepted = true;
        true
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.0.standing.lock().into = None;
    }
}

/// A connection of a listener that is waited for to send, until this is dropped.
pub(super) struct Silent {
    listener: Arc<SocketObject>,
    header: usize,
}

impl Silent {
    /// `None` if the listener was closed.
    pub(super) fn new(listener: &Arc<SocketObject>, header: *mut Header, connection: &Socket) -> Option<Self> {
        let mut inner = listener.standing.lock();
        if inner.closed {
            return None;
        }
        inner.silent.push((header.addr(), connection.clone()));
        Some(Self { listener: Arc::clone(listener), header: header.addr() })
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        let removed = {
            let mut inner = self.listener.standing.lock();
            let its = inner.silent.iter().position(|(header, _)| *header == self.header);
            its.map(|its| inner.silent.swap_remove(its))
        };
        drop(removed);
    }
}

/// Cancels accepts of a listener that wait for the first data: they lie on the connection by then. Whether there were any.
pub(crate) fn cancel(listener: &SocketObject, name: &Name) -> bool {
    let silent: Vec<_> = {
        let inner = listener.standing.lock();
        let its = |header: usize| name.header.is_null() || name.header.addr() == header;
        inner.silent.iter().filter(|(header, _)| its(*header)).map(|(_, connection)| connection.clone()).collect()
    };
    let each =
        silent.iter().map(|connection| operations::cancel::<Operation>(connection, name, &operations::Cancel::All));
    each.fold(false, |any, found| any | found)
}

/// Ends an accept of a listener into a socket, which waits for a connection.
pub(super) fn end(listener: &Arc<SocketObject>, header: *mut Header, into: &SocketObject) {
    let name = Name { header, thread: None, socket: Arc::as_ptr(listener), into };
    operations::cancel::<Operation>(&listener.socket(), &name, &operations::Cancel::One);
}

/// A socket is being closed: accepts into it end, and those of it that wait for data.
pub(crate) fn closing(socket: &SocketObject) {
    let (into, queue) = {
        let mut inner = socket.standing.lock();
        inner.closed = true;
        (inner.into.clone(), inner.queue)
    };
    if let Some(queue) = queue {
        rio::closing(queue);
    }
    if let Some((listener, header)) = into.and_then(|(listener, header)| Some((listener.upgrade()?, header))) {
        end(&listener, ptr::without_provenance_mut(header), socket);
    }
    cancel(socket, &Name { header: ptr::null_mut(), thread: None, socket, into: ptr::null() });
}
