//! Linux: the calls that are made at once, and its two drivers.

mod bell;
mod choice;
mod codes;
mod descriptor;
mod epoll;
mod fork;
mod message;
mod network;
mod numbers;
mod ready;
mod returns;
mod sleeper;
mod uring;

pub(in crate::driver) use choice::{decide, release};
pub(crate) use codes::code;
pub(crate) use descriptor::{Handle, buffer_size, is_listener, is_v6, pair, prepare_datagrams, prepare_listener, raw};
pub(crate) use fork::{is_first_thread, on_fork, process_ends};
pub(crate) use message::{Header, Slice};
pub(crate) use ready::{LOOKS_ARE_CHEAPER, Watched};
#[cfg_attr(any(loom, shuttle), expect(unused_imports, reason = "a model has its own"))]
pub(crate) use sleeper::Sleeper;

use super::{Attempt, Descriptor, Driver, Gate, System, Watch};
use crate::codes as winsock;
use crate::message::Message;
use crate::network::Holds;
use crate::socket::Shutdown;
use codes::{failed, refused};
use ready::ready;
use rustix::event::PollFlags;
use rustix::net::{RecvFlags, SendAncillaryBuffer, SendFlags, SocketFlags};
use socket2::{SockRef, Type};
use std::io::IoSlice;
use std::net::SocketAddr;
use std::os::fd::{BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;
use uring::Setup;

/// So often in a row a leader of the hub may release the same other thread before it steps down.
pub(crate) const PATIENCE: Option<u32> = Some(8);

struct Linux {
    /// How io_uring is set up, if threads have it for what is their own. What they share goes by epoll: a ring that
    /// any thread may use is worked off at the end of each system call, one completion after the other.
    uring: Option<Setup>,
}

/// The descriptor of a socket that the caller keeps open.
fn borrow<'a>(raw: i32) -> BorrowedFd<'a> {
    // SAFETY: the number comes from a `Socket`'s descriptor, which closes with its last owner
    // only: the caller is one, or has an operation of one.
    unsafe { BorrowedFd::borrow_raw(raw) }
}

/// Accepts a connection that is there.
///
/// Unlike recv, accept cannot be told not to block, and the mode of the descriptor is that of all its duplicates, whose
/// other owners may change it any time. So it is set for each, since another acceptor may be faster, and looks first.
fn accept(raw: i32) -> Attempt<i32> {
    let socket = borrow(raw);
    match ready(raw, PollFlags::IN).map_err(refused)? {
        nothing if nothing.is_empty() && SockRef::from(&socket).is_listener().unwrap_or(true) => {
            Err(winsock::WSAEWOULDBLOCK)
        }
        // One that does not listen never becomes ready, and says so.
        _ => {
            rustix::io::ioctl_fionbio(socket, true).map_err(refused)?;
            Ok(rustix::net::accept_with(socket, SocketFlags::CLOEXEC).map_err(refused)?.into_raw_fd())
        }
    }
}

impl System for Linux {
    fn driver(&self, shared: bool) -> Attempt<(Box<dyn Driver>, Arc<dyn Gate>)> {
        let opened = match self.uring.filter(|_| !shared).map(uring::open) {
            // One more ring may be one too many; this thread then does without.
            Some(Err(error)) if error.raw_os_error() == Some(libc::ENOMEM) => epoll::open(),
            Some(opened) => opened,
            None => epoll::open(),
        };
        opened.map_err(failed)
    }

    fn send(&self, raw: i32, bytes: &[u8]) -> Attempt<usize> {
        let sent = rustix::net::send(borrow(raw), bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
        returns::refill();
        sent.map_err(refused)
    }

    fn send_message(&self, raw: i32, message: NonNull<Message>) -> Attempt<usize> {
        message::send(raw, message)
    }

    fn send_vectored(&self, raw: i32, buffers: &[IoSlice<'_>]) -> Attempt<usize> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let sent = rustix::net::sendmsg(borrow(raw), buffers, &mut SendAncillaryBuffer::default(), flags);
        returns::refill();
        sent.map_err(refused)
    }

    fn receive(&self, raw: i32, buffer: &mut [u8]) -> Attempt<usize> {
        let received = rustix::net::recv(borrow(raw), buffer, RecvFlags::DONTWAIT);
        returns::refill();
        received.map(|(received, _)| received).map_err(refused)
    }

    fn receive_message(&self, raw: i32, message: NonNull<Message>, peek: bool) -> Attempt<usize> {
        message::receive(raw, message, peek)
    }

    fn accept(&self, raw: i32) -> Attempt<i32> {
        accept(raw)
    }

    fn connect(&self, raw: i32, to: SocketAddr) -> Attempt<bool> {
        let socket = borrow(raw);
        let socket = SockRef::from(&socket);
        // Linux takes port 0 for any other, and the second connect for the end of the first.
        if to.port() == 0 {
            return Err(winsock::WSAEADDRNOTAVAIL);
        }
        let datagram = socket.r#type().is_ok_and(|kind| kind == Type::DGRAM);
        if !datagram && socket.peer_addr().is_ok() {
            return Err(winsock::WSAEISCONN);
        }
        socket.set_nonblocking(true).map_err(failed)?;
        let begun = socket.connect(&to.into());
        socket.set_nonblocking(false).map_err(failed)?;
        match begun {
            Ok(()) => Ok(true),
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    fn connected(&self, raw: i32) -> Attempt<()> {
        let socket = borrow(raw);
        let socket = SockRef::from(&socket);
        if let Some(error) = socket.take_error().map_err(failed)? {
            return Err(failed(error));
        }
        let connected = socket.peer_addr().map(drop).map_err(failed);
        // Over, and not connected: somebody else was told why.
        if connected.is_err() && ready(raw, PollFlags::empty()).map_err(refused)?.contains(PollFlags::HUP) {
            return Err(winsock::WSAECONNABORTED);
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

    fn peek(&self, raw: i32) -> Attempt<()> {
        let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
        rustix::net::recv(borrow(raw), &mut [0u8][..], flags).map(drop).map_err(refused)
    }

    fn holds(&self, raw: i32) -> Holds {
        network::holds(raw)
    }

    fn select(&self, watched: &mut [Watch], polled: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
        ready::wait(watched, polled, timeout)
    }

    fn poll(&self, watched: &mut [Watch], polled: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
        ready::wait(watched, polled, timeout)
    }

    fn bell(&self) -> Attempt<(Arc<dyn Gate>, i32)> {
        bell::open().map_err(failed)
    }

    fn shutdown(&self, raw: i32, how: Shutdown) -> Attempt<()> {
        let how = match how {
            Shutdown::Receive => rustix::net::Shutdown::Read,
            Shutdown::Send => rustix::net::Shutdown::Write,
            Shutdown::Both => rustix::net::Shutdown::Both,
        };
        rustix::net::shutdown(borrow(raw), how).map_err(refused)
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
