//! Making sockets.

use super::Socket;
use crate::codes;
use crate::driver::{self, Context, Descriptor, system};
use crate::error::{Error, Operation, Result};
use socket2::{Domain, Protocol, SockRef, Type};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

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
        let socket = first(address, Operation::Listen, listener)?;
        Ok(Self::unconnected(context, socket))
    }

    /// A datagram socket that is bound to `address`; port 0 picks a free one.
    ///
    /// # Errors
    ///
    /// `WSAEADDRINUSE`, `WSAEADDRNOTAVAIL`, `WSAEACCES` (ports below 1024), `WSAEMFILE`,
    /// `WSAHOST_NOT_FOUND` for a name that does not resolve.
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let socket = Socket::udp("127.0.0.1:0")?;
    /// assert_ne!(socket.local_addr()?.port(), 0);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "WSASocket")]
    #[doc(alias = "bind")]
    pub fn udp(address: impl ToSocketAddrs) -> Result<Self> {
        let context = driver::context()?;
        let socket = first(address, Operation::Bind, |address| {
            let socket = datagram(address)?;
            socket.bind(&(*address).into())?;
            Ok(socket)
        })?;
        Ok(Self::new(context, Descriptor::System(socket.into()), true))
    }

    /// A datagram socket of the family of `address` without an address of its own, to set options before
    /// [`bind`](Self::bind). The first datagram that it sends binds it too.
    ///
    /// # Errors
    ///
    /// Those of [`tcp`](Self::tcp).
    ///
    /// ```
    /// use overlapped::Socket;
    ///
    /// let address = "0.0.0.0:0".parse().unwrap();
    /// let socket = Socket::udp_unbound(&address)?;
    /// socket.set_reuse_address(true)?; // so that several programs hear the same group
    /// socket.bind(address)?;
    /// socket.join_multicast("239.1.2.3".parse().unwrap(), 0)?;
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "WSASocket")]
    pub fn udp_unbound(address: &SocketAddr) -> Result<Self> {
        let context = driver::context()?;
        let socket = datagram(address).map_err(|error| Error::from_io(Operation::Socket, &error))?;
        let socket = Self::new(context, Descriptor::System(socket.into()), true);
        socket.inner().lanes().unbound = true;
        Ok(socket)
    }

    /// Gives an unbound socket its address (`bind`): where a datagram socket receives, from where a
    /// stream socket connects.
    ///
    /// # Errors
    ///
    /// `WSAEINVAL` if it has one, `WSAEADDRINUSE`, `WSAEADDRNOTAVAIL`, `WSAEACCES`, `WSAENOTSOCK` after a close.
    pub fn bind(&self, address: SocketAddr) -> Result<()> {
        let stream = !self.inner().is_datagram();
        let bind = |socket: SockRef<'_>| {
            if stream {
                system::prepare_listener(&socket)?;
            }
            socket.bind(&address.into())
        };
        self.call(Operation::Bind, bind).map_err(|error| error.with_detail(address.to_string()))?;
        self.inner().lanes().unbound = false;
        Ok(())
    }

    /// Makes a bound stream socket listen, with the system's longest backlog (`listen`): what
    /// [`Socket::listen`] does in one step.
    ///
    /// # Errors
    ///
    /// `WSAEINVAL` on a socket that is not bound, `WSAEISCONN` on a connected one, `WSAEOPNOTSUPP` on a datagram
    /// socket, `WSAENOTSOCK` after a close.
    pub fn start_listening(&self) -> Result<()> {
        self.local_addr()?;
        if self.peer_addr().is_ok() {
            return Err(Error::new(Operation::Listen, codes::WSAEISCONN));
        }
        self.call(Operation::Listen, |socket| socket.listen(i32::MAX))?;
        let mut lanes = self.inner().lanes();
        lanes.unconnected = true;
        self.inner().began_to_listen(&mut lanes);
        Ok(())
    }

    /// Two stream sockets that are connected to each other, within this process: one to be waited for, the other
    /// to end that wait from another thread.
    ///
    /// # Errors
    ///
    /// `WSAEMFILE` with a full descriptor table; an error of [`driver::report`] if no driver can be had.
    ///
    /// ```
    /// use overlapped::Socket;
    /// use overlapped::readiness::{SocketSet, select};
    ///
    /// let (stop, stopper) = Socket::pair()?;
    /// let server = std::thread::spawn(move || {
    ///     let mut read = SocketSet::new();
    ///     read.insert(&stop); // and the sockets of the server
    ///     select(Some(&mut read), None, None, None)
    /// });
    /// stopper.try_send(b"!")?;
    /// assert_eq!(server.join().unwrap()?, 1);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    pub fn pair() -> Result<(Self, Self)> {
        let context = driver::context()?;
        let (one, other) = system::pair().map_err(|error| Error::from_io(Operation::Socket, &error))?;
        let socket = |handle| Self::new(context, Descriptor::System(handle), false);
        Ok((socket(one), socket(other)))
    }

    fn unconnected(context: &'static Context, socket: socket2::Socket) -> Self {
        let socket = Self::new(context, Descriptor::System(socket.into()), false);
        socket.inner().lanes().unconnected = true;
        socket
    }
}

/// Tries the addresses of a name, one after the other.
fn first(
    address: impl ToSocketAddrs,
    operation: Operation,
    mut make: impl FnMut(&SocketAddr) -> io::Result<socket2::Socket>,
) -> Result<socket2::Socket> {
    let unknown = Error::new(operation, codes::WSAHOST_NOT_FOUND);
    let addresses = address.to_socket_addrs().map_err(|error| unknown.clone().with_detail(error.to_string()))?;
    let mut last = unknown;
    for address in addresses {
        match make(&address) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = Error::from_io(operation, &error).with_detail(address.to_string()),
        }
    }
    Err(last)
}

fn stream(address: &SocketAddr) -> io::Result<socket2::Socket> {
    socket2::Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP)).and_then(six_only(address))
}

fn datagram(address: &SocketAddr) -> io::Result<socket2::Socket> {
    let made = socket2::Socket::new(Domain::for_address(*address), Type::DGRAM, Some(Protocol::UDP));
    let socket = made.and_then(six_only(address))?;
    system::prepare_datagrams(&socket)?;
    Ok(socket)
}

/// As on Windows an IPv6 socket is one of IPv6 only, until [`Socket::set_only_v6`] says otherwise.
fn six_only(address: &SocketAddr) -> impl FnOnce(socket2::Socket) -> io::Result<socket2::Socket> + use<> {
    let six = address.is_ipv6();
    move |socket| {
        if six {
            socket.set_only_v6(true)?;
        }
        Ok(socket)
    }
}

fn listener(address: &SocketAddr) -> io::Result<socket2::Socket> {
    let socket = stream(address)?;
    system::prepare_listener(&socket)?;
    socket.bind(&(*address).into())?;
    // The system cuts it to what it has.
    socket.listen(i32::MAX)?;
    Ok(socket)
}
