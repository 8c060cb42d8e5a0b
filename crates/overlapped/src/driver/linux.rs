//! The calls of Linux that are made at once, and its two drivers.

use super::uring::{self, Setup};
use super::{Descriptor, Driver, Gate, System, epoll};
use crate::socket::Shutdown;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{RecvFlags, SendFlags};
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
use std::sync::Arc;

struct Linux {
    /// How io_uring is set up, if it is used.
    uring: Option<Setup>,
}

pub(super) fn uring(setup: Setup) -> &'static dyn System {
    Box::leak(Box::new(Linux { uring: Some(setup) }))
}

pub(super) fn epoll() -> &'static dyn System {
    &Linux { uring: None }
}

/// The descriptor of a socket that the caller keeps open.
pub(super) fn borrow<'a>(raw: i32) -> BorrowedFd<'a> {
    // SAFETY: the number comes from a `Socket`'s descriptor, which closes with its last owner
    // only: the caller is one, or has an operation of one.
    unsafe { BorrowedFd::borrow_raw(raw) }
}

/// What is ready of a descriptor now.
pub(super) fn ready(raw: i32, interest: PollFlags) -> rustix::io::Result<PollFlags> {
    let socket = borrow(raw);
    let mut polled = [PollFd::new(&socket, interest)];
    poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    Ok(polled[0].revents())
}

impl System for Linux {
    fn driver(&self, shared: bool) -> io::Result<(Box<dyn Driver>, Arc<dyn Gate>)> {
        match self.uring.map(|setup| uring::open(setup, shared)) {
            // One more ring may be one too many; this thread then does without.
            Some(Err(error)) if error.raw_os_error() == Some(libc::ENOMEM) => epoll::open(),
            Some(opened) => opened,
            None => epoll::open(),
        }
    }

    fn send(&self, raw: i32, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::net::send(borrow(raw), bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL)?)
    }

    fn connect(&self, raw: i32, to: SocketAddr) -> io::Result<bool> {
        let socket = borrow(raw);
        let socket = SockRef::from(&socket);
        // Linux takes port 0 for any other, and the second connect for the end of the first.
        if to.port() == 0 {
            return Err(io::Error::from_raw_os_error(libc::EADDRNOTAVAIL));
        }
        if socket.peer_addr().is_ok() {
            return Err(io::Error::from_raw_os_error(libc::EISCONN));
        }
        socket.set_nonblocking(true)?;
        let begun = socket.connect(&to.into());
        socket.set_nonblocking(false)?;
        match begun {
            Ok(()) => Ok(true),
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn connected(&self, raw: i32) -> io::Result<()> {
        let socket = borrow(raw);
        let socket = SockRef::from(&socket);
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        let connected = socket.peer_addr().map(drop);
        // Over, and not connected: somebody else was told why.
        if connected.is_err() && ready(raw, PollFlags::empty())?.contains(PollFlags::HUP) {
            return Err(io::Error::from_raw_os_error(libc::ECONNABORTED));
        }
        connected
    }

    fn disconnect(&self, raw: i32) {
        // Fails if there is nothing to give up.
        let _ = rustix::net::connect_unspec(borrow(raw));
    }

    fn has_peer(&self, raw: i32) -> bool {
        SockRef::from(&borrow(raw)).peer_addr().is_ok()
    }

    fn peek(&self, raw: i32) -> io::Result<()> {
        rustix::net::recv(borrow(raw), &mut [0u8][..], RecvFlags::DONTWAIT | RecvFlags::PEEK)?;
        Ok(())
    }

    fn shutdown(&self, raw: i32, how: Shutdown) -> io::Result<()> {
        let how = match how {
            Shutdown::Receive => rustix::net::Shutdown::Read,
            Shutdown::Send => rustix::net::Shutdown::Write,
            Shutdown::Both => rustix::net::Shutdown::Both,
        };
        Ok(rustix::net::shutdown(borrow(raw), how)?)
    }

    fn set_blocking(&self, raw: i32) {
        // Fails only for a descriptor that is none.
        let _ = SockRef::from(&borrow(raw)).set_nonblocking(false);
    }

    fn accepted(&self, raw: i32) -> Descriptor {
        // SAFETY: the kernel has just made this descriptor for the accept, whose outcome is taken once.
        Descriptor::System(unsafe { OwnedFd::from_raw_fd(raw) })
    }
}
