//! What a socket is to Linux.

use crate::driver::Descriptor;
use crate::socket::Socket;
use socket2::{Domain, SockRef, Type};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// The owner of a socket.
pub(crate) type Handle = OwnedFd;

pub(crate) fn raw(handle: &Handle) -> i32 {
    handle.as_raw_fd()
}

/// As on Windows a server can take its port again at once: bind although connections of an earlier
/// server linger. On Linux it lets nobody steal the port.
pub(crate) fn prepare_listener(socket: &socket2::Socket) -> io::Result<()> {
    socket.set_reuse_address(true)
}

/// Nothing has to be done on Linux for a datagram socket to behave.
pub(crate) fn prepare_datagrams(_socket: &socket2::Socket) -> io::Result<()> {
    Ok(())
}

/// The size that was asked for: Linux doubles it, for its own book-keeping.
pub(crate) fn buffer_size(reported: usize) -> usize {
    reported / 2
}

/// Two sockets that are connected to each other.
pub(crate) fn pair() -> io::Result<(Handle, Handle)> {
    socket2::Socket::pair(Domain::UNIX, Type::STREAM, None).map(|(one, other)| (one.into(), other.into()))
}

/// Whether it listens. Such a socket never becomes ready for anything but an accept.
pub(crate) fn is_listener(handle: &Handle) -> bool {
    SockRef::from(handle).is_listener().unwrap_or(false)
}

/// Whether it is a socket of IPv6.
pub(crate) fn is_v6(socket: &SockRef<'_>) -> io::Result<bool> {
    Ok(socket.domain()? == Domain::IPV6)
}

/// # Panics
///
/// If the socket is one of the scripted driver.
impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self.inner().descriptor() {
            Descriptor::System(handle) => handle.as_fd(),
            Descriptor::Scripted(_) => panic!("a socket of the scripted driver has no descriptor"),
        }
    }
}
