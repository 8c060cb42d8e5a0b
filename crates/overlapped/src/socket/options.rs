//! Addresses and options.

use super::Socket;
use crate::codes;
use crate::driver::{Descriptor, system};
use crate::error::{Error, Operation, Result};
use crate::fork;
use crate::sync::atomic::Ordering::Relaxed;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// # Addresses and options
///
/// Options have the meaning of Winsock, also where the system calls something else by the same name.
///
/// Each fails with `WSAENOTSOCK` after a close and on a socket of the scripted driver, and with
/// `WSAENOPROTOOPT` where the socket is of a kind that has no such option.
impl Socket {
    /// The address of this end (`getsockname`).
    ///
    /// # Errors
    ///
    /// `WSAEINVAL` while the socket is not bound.
    #[doc(alias = "getsockname")]
    pub fn local_addr(&self) -> Result<SocketAddr> {
        let address = self.address(|socket| socket.local_addr())?;
        // So says Linux.
        if address.port() == 0 {
            return Err(Error::new(Operation::Option, codes::WSAEINVAL).with_detail("the socket is not bound"));
        }
        Ok(address)
    }

    /// The address of the other end (`getpeername`).
    ///
    /// # Errors
    ///
    /// `WSAENOTCONN`.
    #[doc(alias = "getpeername")]
    pub fn peer_addr(&self) -> Result<SocketAddr> {
        self.address(|socket| socket.peer_addr())
    }

    fn address(&self, get: impl FnOnce(SockRef<'_>) -> io::Result<socket2::SockAddr>) -> Result<SocketAddr> {
        let address = self.option(get)?;
        address.as_socket().ok_or_else(|| Error::new(Operation::Option, codes::WSAEAFNOSUPPORT))
    }

    /// Sends small messages at once instead of gathering them (`TCP_NODELAY`). Off at first.
    #[doc(alias = "setsockopt")]
    pub fn set_nodelay(&self, on: bool) -> Result<()> {
        self.option(|socket| socket.set_tcp_nodelay(on))
    }

    /// Whether small messages are sent at once (`TCP_NODELAY`).
    #[doc(alias = "getsockopt")]
    pub fn nodelay(&self) -> Result<bool> {
        self.option(|socket| socket.tcp_nodelay())
    }

    /// Finds out about a peer that is silently gone (`SO_KEEPALIVE`). Off at first; with the system's times (two hours)
    /// unless [`set_keepalive_times`](Self::set_keepalive_times) has others.
    pub fn set_keepalive(&self, on: bool) -> Result<()> {
        self.option(|socket| socket.set_keepalive(on))
    }

    /// Whether the connection is kept alive (`SO_KEEPALIVE`).
    pub fn keepalive(&self) -> Result<bool> {
        self.option(|socket| socket.keepalive())
    }

    /// Keeps the connection alive, with these times (`SIO_KEEPALIVE_VALS`): after `idle` without data the peer is
    /// asked, every `interval` until it answers; without an answer operations end with `WSAECONNRESET` or
    /// `WSAETIMEDOUT`.
    pub fn set_keepalive_times(&self, idle: Duration, interval: Duration) -> Result<()> {
        self.option(|socket| socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle).with_interval(interval)))
    }

    /// How much the system holds for this socket before it is received, in bytes (`SO_RCVBUF`); the system may
    /// give less.
    pub fn set_receive_buffer(&self, bytes: usize) -> Result<()> {
        self.option(|socket| socket.set_recv_buffer_size(bytes))
    }

    /// What [`set_receive_buffer`](Self::set_receive_buffer) set, or the system chose, in bytes.
    pub fn receive_buffer(&self) -> Result<usize> {
        self.option(|socket| socket.recv_buffer_size()).map(system::buffer_size)
    }

    /// How much the system takes for sending before the peer has it, in bytes (`SO_SNDBUF`); the system may give
    /// less.
    pub fn set_send_buffer(&self, bytes: usize) -> Result<()> {
        self.option(|socket| socket.set_send_buffer_size(bytes))
    }

    /// What [`set_send_buffer`](Self::set_send_buffer) set, or the system chose, in bytes.
    pub fn send_buffer(&self) -> Result<usize> {
        self.option(|socket| socket.send_buffer_size()).map(system::buffer_size)
    }

    /// What becomes of unsent data when the socket closes (`SO_LINGER`): `None`, as at first, sends it in the
    /// background; zero drops it and resets the connection. With another time whoever drops the last owner of the socket waits so
    /// long for it to be sent; where that is the library, because an operation was the last, nobody waits.
    ///
    /// # Errors
    ///
    /// `WSAEINVAL` for a time that is neither zero nor whole seconds.
    pub fn set_linger(&self, linger: Option<Duration>) -> Result<()> {
        if linger.is_some_and(|linger| linger.subsec_nanos() != 0) {
            return Err(Error::new(Operation::Option, codes::WSAEINVAL).with_detail("SO_LINGER counts whole seconds"));
        }
        self.option(|socket| socket.set_linger(linger))?;
        self.inner().lanes().abortive = linger == Some(Duration::ZERO);
        self.inner().lingers.store(linger.is_some_and(|linger| !linger.is_zero()), Relaxed);
        Ok(())
    }

    /// What [`set_linger`](Self::set_linger) set.
    pub fn linger(&self) -> Result<Option<Duration>> {
        self.option(|socket| socket.linger())
    }

    /// How many routers a packet may pass (`IP_TTL`, `IPV6_UNICAST_HOPS`).
    pub fn set_ttl(&self, hops: u32) -> Result<()> {
        self.option(
            |socket| if system::is_v6(&socket)? { socket.set_unicast_hops_v6(hops) } else { socket.set_ttl_v4(hops) },
        )
    }

    /// What [`set_ttl`](Self::set_ttl) set.
    pub fn ttl(&self) -> Result<u32> {
        self.option(|socket| if system::is_v6(&socket)? { socket.unicast_hops_v6() } else { socket.ttl_v4() })
    }

    /// Whether an IPv6 socket leaves IPv4 alone (`IPV6_V6ONLY`), to be set before [`bind`](Self::bind). On at first, on every system; off,
    /// `[::]` serves both.
    pub fn set_only_v6(&self, on: bool) -> Result<()> {
        self.option(|socket| socket.set_only_v6(on))
    }

    /// What [`set_only_v6`](Self::set_only_v6) set.
    pub fn only_v6(&self) -> Result<bool> {
        self.option(|socket| socket.only_v6())
    }

    pub(super) fn option<R>(&self, call: impl FnOnce(SockRef<'_>) -> io::Result<R>) -> Result<R> {
        self.call(Operation::Option, call)
    }

    /// Calls the system with the descriptor of a socket that was not closed.
    pub(super) fn call<R>(&self, operation: Operation, call: impl FnOnce(SockRef<'_>) -> io::Result<R>) -> Result<R> {
        fork::check(operation)?;
        match self.inner().descriptor() {
            Descriptor::System(handle) if !self.inner().lanes().closed => {
                call(SockRef::from(handle)).map_err(|error| Error::from_io(operation, &error))
            }
            _ => Err(Error::new(operation, codes::WSAENOTSOCK)),
        }
    }
}
