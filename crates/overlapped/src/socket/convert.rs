//! From and to the standard library's sockets.

use super::{Inner, Socket};
use crate::driver::{self, Descriptor};
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

/// Takes over a connected stream. Its blocking mode makes no difference to overlapped operations.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<TcpStream> for Socket {
    fn from(stream: TcpStream) -> Self {
        Self::from(OwnedFd::from(stream))
    }
}

/// Takes over a listening socket.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<TcpListener> for Socket {
    fn from(listener: TcpListener) -> Self {
        Self::from(OwnedFd::from(listener))
    }
}

/// Takes over any stream socket.
///
/// # Panics
///
/// If no driver can be had; [`driver::report`] tells beforehand.
impl From<OwnedFd> for Socket {
    fn from(descriptor: OwnedFd) -> Self {
        match driver::context() {
            Ok(context) => Self::new(context, Descriptor::System(descriptor)),
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
impl TryFrom<Socket> for OwnedFd {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        // While an operation is pending its session owns the socket too, so none can begin after this.
        socket.inner().see_visitors_off();
        let inner = Arc::try_unwrap(socket.0).map_err(Socket)?;
        inner.into_descriptor().map_err(|inner| Socket(Arc::new(inner)))
    }
}

/// See the conversion to [`OwnedFd`].
impl TryFrom<Socket> for TcpStream {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        OwnedFd::try_from(socket).map(Self::from)
    }
}

/// See the conversion to [`OwnedFd`].
impl TryFrom<Socket> for TcpListener {
    type Error = Socket;

    fn try_from(socket: Socket) -> Result<Self, Socket> {
        OwnedFd::try_from(socket).map(Self::from)
    }
}

/// # Panics
///
/// If the socket is one of the scripted driver.
impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.inner().descriptor {
            Descriptor::System(descriptor) => descriptor.as_fd(),
            Descriptor::Scripted(_) => panic!("a socket of the scripted driver has no descriptor"),
        }
    }
}

impl Inner {
    fn into_descriptor(mut self) -> Result<OwnedFd, Self> {
        let closed = self.lanes().closed;
        // An operation in flight holds no owner: it is part of a block that borrows the socket.
        if closed || !matches!(self.descriptor, Descriptor::System(_)) || !self.lanes().is_idle() {
            return Err(self);
        }
        let raw = self.raw();
        for home in self.lanes().homes(self.context) {
            home.forget(raw);
        }
        self.context.system.set_blocking(raw);
        match mem::replace(&mut self.descriptor, Descriptor::Scripted(-1)) {
            Descriptor::System(descriptor) => Ok(descriptor),
            Descriptor::Scripted(_) => Err(self),
        }
    }
}
