//! The addresses of this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::ptr;

/// An address of an interface.
pub(crate) struct Interface {
    pub(crate) address: SocketAddr,
    /// Of IPv4.
    pub(crate) mask: Option<Ipv4Addr>,
    pub(crate) broadcast: Option<Ipv4Addr>,
    /// The flags as the system numbers them.
    pub(crate) flags: u32,
}

/// All that are up. None if the system does not tell.
pub(crate) fn all() -> Vec<Interface> {
    let mut first = ptr::null_mut();
    // SAFETY: a place for a pointer.
    if unsafe { libc::getifaddrs(&raw mut first) } != 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: null, or one of the list's, which lives until it is freed below.
    while let Some(one) = unsafe { next.as_ref() } {
        next = one.ifa_next;
        // SAFETY: null, or addresses as their families say; the broadcast is one if the flag says so.
        let (address, mask, broadcast) = unsafe { (read(one.ifa_addr), read(one.ifa_netmask), read(one.ifa_ifu)) };
        let four = |address: Option<SocketAddr>| match address.map(|address| address.ip()) {
            Some(IpAddr::V4(four)) => Some(four),
            _ => None,
        };
        if let (Some(address), true) = (address, one.ifa_flags & libc::IFF_UP as u32 != 0) {
            let broadcast = four(broadcast).filter(|_| one.ifa_flags & libc::IFF_BROADCAST as u32 != 0);
            found.push(Interface { address, mask: four(mask), broadcast, flags: one.ifa_flags });
        }
    }
    // SAFETY: the list is the system's, and nobody refers to it any more.
    unsafe { libc::freeifaddrs(first) };
    found
}

/// An address as the system has it.
///
/// # Safety
///
/// `address` is null or points to an address that is as long as its family says.
pub(crate) unsafe fn read(address: *const libc::sockaddr) -> Option<SocketAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: the caller's promise, here and below; nothing need be aligned.
    match i32::from(unsafe { ptr::read_unaligned(address) }.sa_family) {
        libc::AF_INET => {
            // SAFETY: as above.
            let four = unsafe { ptr::read_unaligned(address.cast::<libc::sockaddr_in>()) };
            Some((Ipv4Addr::from(u32::from_be(four.sin_addr.s_addr)), u16::from_be(four.sin_port)).into())
        }
        libc::AF_INET6 => {
            // SAFETY: as above.
            let six = unsafe { ptr::read_unaligned(address.cast::<libc::sockaddr_in6>()) };
            let (ip, port) = (Ipv6Addr::from(six.sin6_addr.s6_addr), u16::from_be(six.sin6_port));
            Some(SocketAddrV6::new(ip, port, six.sin6_flowinfo, six.sin6_scope_id).into())
        }
        _ => None,
    }
}

/// The addresses by which others reach this machine, IPv4 first.
pub(crate) fn reachable() -> Vec<SocketAddr> {
    let outside = |interface: &Interface| !interface.address.ip().is_loopback();
    let mut found: Vec<_> = all().into_iter().filter(outside).map(|interface| interface.address).collect();
    found.sort_by_key(SocketAddr::is_ipv6);
    found
}

/// Whether this machine has IPv6.
pub(crate) fn has_six() -> bool {
    all().iter().any(|interface| interface.address.is_ipv6())
}
