//! Options of datagram sockets: broadcast and multicast.

use super::Socket;
use crate::codes;
use crate::driver::system;
use crate::error::{Error, Operation, Result};
use socket2::{InterfaceIndexOrAddress, SockRef};
use std::io;
use std::net::{IpAddr, Ipv4Addr};

/// # Broadcast and multicast
///
/// ```
/// use overlapped::{alertable, Overlapped, Scatter, Socket};
///
/// let listener = Socket::udp("0.0.0.0:0")?;
/// let group = "239.255.7.7".parse().unwrap();
/// listener.join_multicast(group, 0)?;
/// let to = std::net::SocketAddr::new(group, listener.local_addr()?.port());
/// Overlapped::new((listener, [0; 100])).recv_from_with(
///     |(socket, buffer)| Scatter::new(socket).buffer(buffer),
///     |_session, done| println!("somebody in the group: {}", done.unwrap().from),
/// );
/// # Ok::<(), overlapped::Error>(())
/// ```
impl Socket {
    /// Allows datagrams to a broadcast address (`SO_BROADCAST`); without it they fail with `WSAEACCES`.
    pub fn set_broadcast(&self, on: bool) -> Result<()> {
        self.option(|socket| socket.set_broadcast(on))
    }

    /// Whether datagrams to a broadcast address are allowed (`SO_BROADCAST`).
    pub fn broadcast(&self) -> Result<bool> {
        self.option(|socket| socket.broadcast())
    }

    /// Shares the address that [`bind`](Self::bind) will take with other datagram sockets that allow it
    /// (`SO_REUSEADDR`): several programs then hear the same group.
    ///
    /// # Errors
    ///
    /// `WSAENOPROTOOPT` on a stream socket, where on Windows it would let others steal the port.
    pub fn set_reuse_address(&self, on: bool) -> Result<()> {
        if !self.inner().is_datagram() {
            return Err(Error::new(Operation::Option, codes::WSAENOPROTOOPT));
        }
        self.option(|socket| socket.set_reuse_address(on))
    }

    /// Joins a group on the interface with this index, 0 for the system's choice (`IP_ADD_MEMBERSHIP`,
    /// `IPV6_JOIN_GROUP`).
    ///
    /// # Errors
    ///
    /// `WSAEADDRNOTAVAIL` or `WSAEINVAL` for an address that is no group, `WSAEADDRINUSE` if it has joined already.
    pub fn join_multicast(&self, group: IpAddr, interface: u32) -> Result<()> {
        self.option(|socket| match group {
            IpAddr::V4(group) => socket.join_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(interface)),
            IpAddr::V6(group) => socket.join_multicast_v6(&group, interface),
        })
    }

    /// Leaves a group that was joined with the same values (`IP_DROP_MEMBERSHIP`, `IPV6_LEAVE_GROUP`).
    ///
    /// # Errors
    ///
    /// `WSAEADDRNOTAVAIL` if it has not joined.
    pub fn leave_multicast(&self, group: IpAddr, interface: u32) -> Result<()> {
        self.option(|socket| match group {
            IpAddr::V4(group) => socket.leave_multicast_v4_n(&group, &InterfaceIndexOrAddress::Index(interface)),
            IpAddr::V6(group) => socket.leave_multicast_v6(&group, interface),
        })
    }

    /// Whether this machine hears the datagrams that this socket sends to a group (`IP_MULTICAST_LOOP`). On at first.
    ///
    /// On Windows it is an option of the socket that receives: set it on both where it matters.
    pub fn set_multicast_loop(&self, on: bool) -> Result<()> {
        self.by_family(|socket| socket.set_multicast_loop_v4(on), |socket| socket.set_multicast_loop_v6(on))
    }

    /// How many routers a datagram to a group may pass (`IP_MULTICAST_TTL`). 1 at first: none.
    pub fn set_multicast_ttl(&self, hops: u32) -> Result<()> {
        self.by_family(|socket| socket.set_multicast_ttl_v4(hops), |socket| socket.set_multicast_hops_v6(hops))
    }

    /// The interface that datagrams to an IPv4 group leave by, by its address (`IP_MULTICAST_IF`).
    pub fn set_multicast_interface_v4(&self, interface: Ipv4Addr) -> Result<()> {
        self.option(|socket| socket.set_multicast_if_v4(&interface))
    }

    /// The interface that datagrams to an IPv6 group leave by, by its index (`IPV6_MULTICAST_IF`).
    pub fn set_multicast_interface_v6(&self, interface: u32) -> Result<()> {
        self.option(|socket| socket.set_multicast_if_v6(interface))
    }

    fn by_family(
        &self,
        v4: impl FnOnce(&SockRef<'_>) -> io::Result<()>,
        v6: impl FnOnce(&SockRef<'_>) -> io::Result<()>,
    ) -> Result<()> {
        self.option(|socket| if system::is_v6(&socket)? { v6(&socket) } else { v4(&socket) })
    }
}
