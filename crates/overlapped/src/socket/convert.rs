//! From and to the standard library's sockets. A `Handle` is its owner of a socket: `OwnedFd` on
//! Linux, `OwnedSocket` on Windows.

use super::{Inner, Socket};
use crate::driver::system::{Handle, is_listener};
use crate::driver::{self, Descriptor};
use crate::fork;
use crate::sync;
use crate::sync::atomic::Ordering::{Acquire, Relaxed};
use socket2::{SockRef, Type};
use std::mem;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

/// Takes over a connected stream. Its blocking mode makes no difference to overlapped operations.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<TcpStream> for Socket {
    fn from(stream: TcpStream) -> Self {
        Self::from(Handle::from(stream))
    }
}

/// Takes over a listening socket.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<TcpListener> for Socket {
    fn from(listener: TcpListener) -> Self {
        Self::from(Handle::from(listener))
    }
}

/// Takes over a datagram socket.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<UdpSocket> for Socket {
    fn from(socket: UdpSocket) -> Self {
        Self::from(Handle::from(socket))
    }
}

/// Takes over any stream or datagram socket.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<Handle> for Socket {
    fn from(descriptor: Handle) -> Self {
        match driver::context() {
            Ok(context) => {
                let view = SockRef::from(&descriptor);
                let datagram = view.r#type().is_ok_and(|kind| kind == Type::DGRAM);
                let bound = view.local_addr().ok().and_then(|at| at.as_socket()).is_none_or(|at| at.port() != 0);
                let listens = !datagram && is_listener(&descriptor);
                let socket = Self::new(context, Descriptor::System(descriptor), datagram);
                {
                    let mut lanes = socket.inner().lanes();
                    lanes.unbound = datagram && !bound;
                    lanes.unconnected = listens;
                }
                socket
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Gives the descriptor back, in blocking mode.
///
/// # Errors
///
/// The socket itself, while it has other owners or pending operations, was closed, or is one of
/// the scripted driver.
impl TryFrom<Socket> for Handle {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        // While an operation is pending its session owns the socket too. In a forked child others may hold it for ever.
        if socket.inner().handles.load(Acquire) != 1 || fork::in_child() {
            return Err(socket);
        }
        let mut shared = Arc::clone(&socket.0);
        // It stays an owner: a selection ends with the last one, and a socket that is given back keeps its own.
        shared.handles.fetch_add(1, Relaxed);
        drop(socket);
        // Who still settles an operation is about to let go; a matter of microseconds.
        let mut inner = loop {
            match Arc::try_unwrap(shared) {
                Ok(inner) => break inner,
                Err(visited) => shared = visited,
            }
            sync::pause(Duration::ZERO);
        };
        inner.take_descriptor().ok_or_else(|| {
            let socket = Socket(Arc::new(inner));
            socket.inner().moved(&socket.0);
            socket
        })
    }
}

/// See the conversion to the descriptor.
impl TryFrom<Socket> for TcpStream {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        Handle::try_from(socket).map(Self::from)
    }
}

/// See the conversion to the descriptor.
impl TryFrom<Socket> for TcpListener {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        Handle::try_from(socket).map(Self::from)
    }
}

/// See the conversion to the descriptor.
impl TryFrom<Socket> for UdpSocket {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        Handle::try_from(socket).map(Self::from)
    }
}

impl Socket {
    /// The same listener with lanes of its own, so that the accepts of another thread are none of this one's.
    pub(crate) fn duplicate(&self) -> crate::Result<Self> {
        let failed = |error| crate::Error::from_io(crate::Operation::Socket, &error);
        match &self.inner().descriptor {
            Descriptor::System(descriptor) => {
                Ok(Self::from(Handle::from(SockRef::from(descriptor).try_clone().map_err(failed)?)))
            }
            Descriptor::Scripted(_) => Ok(self.clone()),
        }
    }
}

impl Inner {
    pub(crate) fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Takes the descriptor away, if nothing is pending on it.
    fn take_descriptor(&mut self) -> Option<Handle> {
        let closed = self.lanes().closed;
        // An operation in flight holds no owner: it is part of a block that borrows the socket.
        if closed || !matches!(self.descriptor, Descriptor::System(_)) || !self.lanes().is_idle() {
            return None;
        }
        let raw = self.raw();
        {
            let mut lanes = self.lanes();
            self.end_selection(&mut lanes);
        }
        for home in self.lanes().homes(self.context) {
            home.forget(raw);
        }
        self.context.system.set_blocking(raw);
        match mem::replace(&mut self.descriptor, Descriptor::Scripted(-1)) {
            Descriptor::System(descriptor) => Some(descriptor),
            Descriptor::Scripted(_) => None,
        }
    }
}
