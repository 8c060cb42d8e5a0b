//! Where connections come from. An address has some ten thousand ports; finding a free one takes long when half of them are in use,
//! and each that was closed keeps its port for a minute. Of loopback addresses there are enough.

use std::net::{IpAddr, Ipv4Addr};

/// Addresses for one connection after the other.
pub(super) struct Addresses {
    first: u32,
    /// So many connections come from the same.
    each: u32,
    used: u32,
}

impl Addresses {
    const ALL: u32 = 1 << 16;

    /// None if the server is not reached from every loopback address: then the system chooses.
    pub(super) fn new(to: IpAddr, first: Ipv4Addr, each: u32) -> Option<Self> {
        (to.is_loopback() && to.is_ipv4()).then(|| Self { first: first.into(), each, used: 0 })
    }

    pub(super) fn next(&mut self) -> IpAddr {
        let address = self.first + self.used / self.each % Self::ALL;
        self.used = self.used.wrapping_add(1);
        Ipv4Addr::from(address).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_come_from_the_same() {
        let loopback = Ipv4Addr::LOCALHOST;
        let mut addresses = Addresses::new(loopback.into(), Ipv4Addr::new(127, 0, 0, 255), 2).unwrap();
        let next: Vec<_> = (0..5).map(|_| addresses.next().to_string()).collect();
        assert_eq!(next, ["127.0.0.255", "127.0.0.255", "127.0.1.0", "127.0.1.0", "127.0.1.1"]);
        assert!(Addresses::new(Ipv4Addr::new(10, 0, 0, 1).into(), loopback, 2).is_none());
        assert!(Addresses::new(std::net::Ipv6Addr::LOCALHOST.into(), loopback, 2).is_none());
    }
}
