//! What can be asked about this machine's addresses.

use crate::codes::*;
use crate::error::{Code, code};
use crate::names::interfaces;
use crate::socket::SocketObject;
use crate::socket::address::{self, AF_INET};
use overlapped::Socket;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// `SIO_GET_BROADCAST_ADDRESS`.
pub(super) fn broadcast(socket: &SocketObject) -> Result<Vec<u8>, Code> {
    if socket.family != AF_INET {
        return Err(WSAEOPNOTSUPP);
    }
    Ok(bytes(&(Ipv4Addr::BROADCAST, 0).into()))
}

/// An address as C has it.
fn bytes(address: &SocketAddr) -> Vec<u8> {
    let mut place = vec![0; address::length(address)];
    // SAFETY: there is just so much room.
    unsafe { address::put(address, place.as_mut_ptr()) };
    place
}

/// `SIO_ADDRESS_LIST_QUERY`: a `SOCKET_ADDRESS_LIST` for this place, with the addresses behind it.
pub(super) fn list(socket: &SocketObject, place: usize) -> Vec<u8> {
    const HEAD: usize = 8;
    const ENTRY: usize = 16;
    let of_family = |address: &SocketAddr| address::family(address) == socket.family;
    let addresses: Vec<_> = interfaces::reachable().iter().filter(|address| of_family(address)).map(bytes).collect();
    let mut answer = vec![0; HEAD];
    answer[..4].copy_from_slice(&(addresses.len() as u32).to_ne_bytes());
    let mut at = place + HEAD + ENTRY * addresses.len();
    for address in &addresses {
        answer.extend_from_slice(&at.to_ne_bytes());
        answer.extend_from_slice(&(address.len() as u64).to_ne_bytes());
        // So that each lies as its numbers have to.
        at += address.len().next_multiple_of(8);
    }
    for address in addresses {
        let end = answer.len() + address.len().next_multiple_of(8);
        answer.extend(address);
        answer.resize(end, 0);
    }
    answer
}

/// `SIO_GET_INTERFACE_LIST`: an `INTERFACE_INFO` for each address of IPv4.
pub(super) fn interfaces() -> Vec<u8> {
    const PLACE: usize = 24;
    let mut answer = Vec::new();
    for one in interfaces::all() {
        let IpAddr::V4(address) = one.address.ip() else { continue };
        let has = |flag: i32| one.flags & flag as u32 != 0;
        let flags = [
            (libc::IFF_UP, 0x01),
            (libc::IFF_BROADCAST, 0x02),
            (libc::IFF_LOOPBACK, 0x04),
            (libc::IFF_POINTOPOINT, 0x08),
            (libc::IFF_MULTICAST, 0x10),
        ];
        let flags = flags.iter().filter(|(theirs, _)| has(*theirs)).fold(0_u32, |flags, (_, ours)| flags | ours);
        answer.extend(flags.to_ne_bytes());
        for address in [address, one.broadcast.unwrap_or(Ipv4Addr::BROADCAST), one.mask.unwrap_or(Ipv4Addr::BROADCAST)]
        {
            let end = answer.len() + PLACE;
            answer.extend(bytes(&(address, 0).into()));
            answer.resize(end, 0);
        }
    }
    answer
}

/// `SIO_ROUTING_INTERFACE_QUERY`: the address of this machine from which another one is reached.
pub(super) fn route(socket: &SocketObject, to: &[u8]) -> Result<Vec<u8>, Code> {
    // SAFETY: so many bytes.
    let to = unsafe { address::read(to.as_ptr(), to.len() as i32) }?;
    if address::family(&to) != socket.family {
        return Err(WSAEAFNOSUPPORT);
    }
    let failed = |error| code(&error);
    let probe = Socket::udp_unbound(&to).map_err(failed)?;
    // Nothing is sent: the system only looks for the way. It wants a port.
    probe.try_connect(SocketAddr::new(to.ip(), to.port().max(1))).map_err(failed)?;
    let mut from = probe.local_addr().map_err(failed)?;
    from.set_port(0);
    Ok(bytes(&from))
}
