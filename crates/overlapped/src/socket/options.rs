//! Making sockets, their addresses, options and shutdown.

use super::Socket;
use crate::driver::{self, Context, Descriptor, system};
use crate::error::{Error, Operation, Result};
use socket2::{Domain, Protocol, SockRef, Type};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

/// Which directions a [`Socket::shutdown`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// No further receives (`SD_RECEIVE`).
    Receive,
    /// No further sends (`SD_SEND`).
    Send,
    /// Both (`SD_BOTH`).
    Both,
}

impl Socket {
    /// An unconnected stream socket of the family of `address`, to [connect](crate::Overlapped::connect).
    ///
    /// # Errors
    ///
    /// `WSAEMFILE` with a full descriptor table, `WSAEAFNOSUPPORT` without IPv6; an error of
    /// [`driver::report`] if no driver can be had.
    #[doc(alias = "WSASocket")]
    pub fn tcp(address: &SocketAddr) -> Result<Self> {
        let context = driver::context()?;
        let socket = stream(address).map_err(|error| Error::from_io(Operation::Socket, &error))?;
        Ok(Self::unconnected(context, socket))
    }

    /// A socket that listens on `address`, with the system's longest backlog.
    ///
    /// As on Windows a server can take its port again at once after it ended, and `[::]` is IPv6 only.
    ///
    /// # Errors
    ///
    /// `WSAEADDRINUSE`, `WSAEADDRNOTAVAIL`, `WSAEACCES` (ports below 1024), `WSAEMFILE`,
    /// `WSAHOST_NOT_FOUND` for a name that does not resolve.
    #[doc(alias = "bind")]
    pub fn listen(address: impl ToSocketAddrs) -> Result<Self> {
        let context = driver::context()?;
        let addresses = address.to_socket_addrs().map_err(|error| {
            Error::new(Operation::Listen, crate::codes::WSAHOST_NOT_FOUND).with_detail(error.to_string())
        })?;
        let mut last = Error::new(Operation::Listen, crate::codes::WSAHOST_NOT_FOUND);
        for address in addresses {
            match listener(&address) {
                Ok(socket) => return Ok(Self::unconnected(context, socket)),
                Err(error) => last = Error::from_io(Operation::Listen, &error).with_detail(address.to_string()),
            }
        }
        Err(last)
    }

    fn unconnected(context: &'static Context, socket: socket2::Socket) -> Self {
        let socket = Self::new(context, Descriptor::System(socket.into()));
        socket.inner().lanes().unconnected = true;
        socket
    }

    /// The address of this end (`getsockname`).
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` if the socket is one of the scripted driver.
    #[doc(alias = "getsockname")]
    pub fn local_addr(&self) -> Result<SocketAddr> {
        self.address(|socket| socket.local_addr())
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
        address.as_socket().ok_or_else(|| Error::new(Operation::Option, crate::codes::WSAEAFNOSUPPORT))
    }

    /// Sends small messages at once instead of gathering them (`TCP_NODELAY`).
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` if the socket is one of the scripted driver.
    #[doc(alias = "setsockopt")]
    pub fn set_nodelay(&self, on: bool) -> Result<()> {
        self.option(|socket| socket.set_tcp_nodelay(on))
    }

    fn option<R>(&self, call: impl FnOnce(SockRef<'_>) -> io::Result<R>) -> Result<R> {
        let Descriptor::System(descriptor) = &self.inner().descriptor else {
            return Err(Error::new(Operation::Option, crate::codes::WSAENOTSOCK));
        };
        call(SockRef::from(descriptor)).map_err(|error| Error::from_io(Operation::Option, &error))
    }

    /// Ends one direction, or both (`shutdown`).
    ///
    /// - [`Shutdown::Send`]: what is queued is sent first, then the peer reads the end of the
    ///   stream. Later sends fail with `WSAESHUTDOWN`; receives are left alone.
    /// - [`Shutdown::Receive`]: later receives fail with `WSAESHUTDOWN`. A pending one survives and
    ///   still takes data.
    ///
    /// # Errors
    ///
    /// `WSAENOTCONN` if the socket is not connected, `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// use overlapped::{Shutdown, Socket};
    /// use std::io::Read;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    /// socket.give(b"bye")?;
    /// socket.shutdown(Shutdown::Send)?;
    /// let mut read = String::new();
    /// peer.read_to_string(&mut read)?; // ends: nothing more will come
    /// assert_eq!(read, "bye");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> Result<()> {
        let inner = self.inner();
        let mut lanes = inner.lanes();
        if lanes.closed {
            return Err(Error::new(Operation::Shutdown, crate::codes::WSAENOTSOCK));
        }
        if lanes.unconnected || !inner.context.system.has_peer(inner.raw()) {
            return Err(Error::new(Operation::Shutdown, crate::codes::WSAENOTCONN));
        }
        // Linux would end a pending receive, so the kernel is told of the other direction only.
        lanes.receive_shut |= how != Shutdown::Send;
        if how != Shutdown::Receive && !std::mem::replace(&mut lanes.send_shut, true) && lanes.send.is_empty() {
            let shut = inner.context.system.shutdown(inner.raw(), Shutdown::Send);
            shut.map_err(|code| Error::from_code(Operation::Shutdown, code))?;
        }
        Ok(())
    }
}

fn stream(address: &SocketAddr) -> io::Result<socket2::Socket> {
    socket2::Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))
}

fn listener(address: &SocketAddr) -> io::Result<socket2::Socket> {
    let socket = stream(address)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    system::prepare_listener(&socket)?;
    socket.bind(&(*address).into())?;
    // The system cuts it to what it has.
    socket.listen(i32::MAX)?;
    Ok(socket)
}
