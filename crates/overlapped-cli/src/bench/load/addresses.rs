//! Where connections come from. An address has some ten thousand ports; the system looks long for a free one when many are in use, by
//! whatever address, and each that was closed keeps its port for a minute. Of loopback addresses there are enough, and which of
//! their ports are free is known.

use overlapped::{Result, Socket};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Addresses for one connection after the other.
pub(super) struct Addresses {
    first: u32,
    /// So many connections come from the same; at most 5000.
    each: u32,
    used: u32,
}

impl Addresses {
    const ALL: u32 = 1 << 16;
    /// The first port of each.
    const PORT: u16 = 40_000;

    /// None if the server is not reached from every loopback address: then the system chooses.
    pub(super) fn new(to: IpAddr, first: Ipv4Addr, each: u16) -> Option<Self> {
        (to.is_loopback() && to.is_ipv4()).then(|| Self { first: first.into(), each: each.into(), used: 0 })
    }

    pub(super) fn next(&mut self) -> SocketAddr {
        let (place, port) = (self.used / self.each % Self::ALL, self.used % self.each);
        self.used = self.used.wrapping_add(1);
        // There are no more of them than a port can be.
        (Ipv4Addr::from(self.first + place), Self::PORT + port as u16).into()
    }
}

/// Has a socket come from there; from another port, if somebody listens on that one. None of the others is one of ours.
pub(super) fn bind(socket: &Socket, from: SocketAddr) -> Result<()> {
    const NEXT: u16 = 5000;
    let other =
        |bound: Result<()>, times| bound.or_else(|_| socket.bind((from.ip(), from.port() + times * NEXT).into()));
    let bound = (1..4).fold(socket.bind(from), other);
    bound.or_else(|_| socket.bind((from.ip(), 0).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_come_from_the_same() {
        let loopback = Ipv4Addr::LOCALHOST;
        let mut addresses = Addresses::new(loopback.into(), Ipv4Addr::new(127, 0, 0, 255), 2).unwrap();
        let next: Vec<_> = (0..5).map(|_| addresses.next().to_string()).collect();
        let expected =
            ["127.0.0.255:40000", "127.0.0.255:40001", "127.0.1.0:40000", "127.0.1.0:40001", "127.0.1.1:40000"];
        assert_eq!(next, expected);
        assert!(Addresses::new(Ipv4Addr::new(10, 0, 0, 1).into(), loopback, 2).is_none());
        assert!(Addresses::new(std::net::Ipv6Addr::LOCALHOST.into(), loopback, 2).is_none());
    }
}
