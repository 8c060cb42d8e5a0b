//! Options of IP, version 4 and 6.

use super::Value;
use super::raw;
use super::value::{flag, number, part, short_number};
use crate::codes::*;
use crate::error::{Code, code};
use crate::socket::SocketObject;
use crate::socket::address::{self, AF_INET, AF_INET6};
use std::net::{Ipv4Addr, Ipv6Addr};

const IP_TOS: i32 = 3;
const IP_TTL: i32 = 4;
const IP_MULTICAST_IF: i32 = 9;
const IP_MULTICAST_TTL: i32 = 10;
const IP_MULTICAST_LOOP: i32 = 11;
const IP_ADD_MEMBERSHIP: i32 = 12;
const IP_DROP_MEMBERSHIP: i32 = 13;
const IP_DONTFRAGMENT: i32 = 14;
const IP_ADD_SOURCE_MEMBERSHIP: i32 = 15;
const IP_DROP_SOURCE_MEMBERSHIP: i32 = 16;
const IP_BLOCK_SOURCE: i32 = 17;
const IP_UNBLOCK_SOURCE: i32 = 18;
const IP_UNICAST_IF: i32 = 31;
const IP_MTU_DISCOVER: i32 = 71;
const IP_MTU: i32 = 73;
/// Of both families, as the next.
const MCAST_JOIN_GROUP: i32 = 41;
const MCAST_LEAVE_GROUP: i32 = 42;

const IPV6_UNICAST_HOPS: i32 = 4;
const IPV6_MULTICAST_IF: i32 = 9;
const IPV6_MULTICAST_HOPS: i32 = 10;
const IPV6_MULTICAST_LOOP: i32 = 11;
const IPV6_ADD_MEMBERSHIP: i32 = 12;
const IPV6_DROP_MEMBERSHIP: i32 = 13;
const IPV6_DONTFRAG: i32 = 14;
const IPV6_V6ONLY: i32 = 27;
const IPV6_UNICAST_IF: i32 = 31;

/// To the family of whose options the socket is.
fn check(socket: &SocketObject, family: i32) -> Result<(), Code> {
    if socket.family == family { Ok(()) } else { Err(WSAEINVAL) }
}

/// How the length of datagrams is found out: as Winsock numbers it, and as the system does.
const DISCOVERIES: [(u32, i32); 4] =
    [(0, libc::IP_PMTUDISC_WANT), (1, libc::IP_PMTUDISC_DO), (2, libc::IP_PMTUDISC_DONT), (3, libc::IP_PMTUDISC_PROBE)];

/// A group of either family, in a `GROUP_REQ`: an interface, and an address that lies as 64 bits do.
fn group(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    if socket.is_stream() {
        return Err(WSAENOPROTOOPT);
    }
    let number = number(bytes)?;
    let address = bytes.get(8..).unwrap_or_default();
    // SAFETY: so many bytes.
    let group = unsafe { address::read(address.as_ptr(), address.len() as i32) }?;
    if address::family(&group) != socket.family {
        return Err(WSAEINVAL);
    }
    let engine = socket.socket();
    let done = match option {
        MCAST_JOIN_GROUP => engine.join_multicast(group.ip(), number),
        _ => engine.leave_multicast(group.ip(), number),
    };
    done.map_err(|error| code(&error))
}

/// An option of the system that is a number there as well.
fn system(option: i32) -> Option<i32> {
    Some(match option {
        IP_TOS => libc::IP_TOS,
        IP_TTL => libc::IP_TTL,
        IP_MULTICAST_TTL => libc::IP_MULTICAST_TTL,
        IP_UNICAST_IF => libc::IP_UNICAST_IF,
        _ => return None,
    })
}

pub(super) fn get(socket: &SocketObject, option: i32) -> Result<Value, Code> {
    check(socket, AF_INET)?;
    let get = |option| raw::get(socket, libc::IPPROTO_IP, option).map(|value| value as u32);
    let datagram = !socket.is_stream();
    match option {
        IP_DONTFRAGMENT => get(libc::IP_MTU_DISCOVER).map(|how| Value::Flag(how == libc::IP_PMTUDISC_DO as u32)),
        IP_MULTICAST_LOOP if datagram => get(libc::IP_MULTICAST_LOOP).map(|on| Value::Flag(on != 0)),
        IP_MULTICAST_IF if datagram => {
            let address = socket.system(|system| system.multicast_if_v4())?;
            Ok(Value::Bytes(address.octets().to_vec()))
        }
        IP_MULTICAST_TTL if !datagram => Err(WSAENOPROTOOPT),
        IP_MTU => get(libc::IP_MTU).map(Value::Number),
        IP_MTU_DISCOVER => {
            let how = get(libc::IP_MTU_DISCOVER)? as i32;
            let ours = DISCOVERIES.iter().find(|(_, theirs)| *theirs == how);
            Ok(Value::Number(ours.map_or(0, |(ours, _)| *ours)))
        }
        _ => get(system(option).ok_or(WSAENOPROTOOPT)?).map(Value::Number),
    }
}

pub(super) fn set(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    check(socket, AF_INET)?;
    let set = |option, value| raw::set(socket, libc::IPPROTO_IP, option, value);
    match option {
        IP_DONTFRAGMENT => {
            let how = if flag(bytes)? { libc::IP_PMTUDISC_DO } else { libc::IP_PMTUDISC_DONT };
            set(libc::IP_MTU_DISCOVER, how)
        }
        IP_MTU_DISCOVER => {
            let how = number(bytes)?;
            let (_, theirs) = DISCOVERIES.iter().find(|(ours, _)| *ours == how).ok_or(WSAEINVAL)?;
            set(libc::IP_MTU_DISCOVER, *theirs)
        }
        MCAST_JOIN_GROUP | MCAST_LEAVE_GROUP => group(socket, option, bytes),
        IP_MTU => Err(WSAENOPROTOOPT),
        IP_MULTICAST_IF
        | IP_MULTICAST_TTL
        | IP_MULTICAST_LOOP
        | IP_ADD_MEMBERSHIP
        | IP_DROP_MEMBERSHIP
        | IP_ADD_SOURCE_MEMBERSHIP
        | IP_DROP_SOURCE_MEMBERSHIP
        | IP_BLOCK_SOURCE
        | IP_UNBLOCK_SOURCE
            if socket.is_stream() =>
        {
            Err(WSAENOPROTOOPT)
        }
        IP_MULTICAST_LOOP => set(libc::IP_MULTICAST_LOOP, flag(bytes)?.into()),
        IP_MULTICAST_IF => leave_by(socket, part(bytes, 0)?),
        IP_ADD_MEMBERSHIP => member(socket, libc::IP_ADD_MEMBERSHIP, bytes),
        IP_DROP_MEMBERSHIP => member(socket, libc::IP_DROP_MEMBERSHIP, bytes),
        IP_ADD_SOURCE_MEMBERSHIP => source(socket, libc::IP_ADD_SOURCE_MEMBERSHIP, bytes),
        IP_DROP_SOURCE_MEMBERSHIP => source(socket, libc::IP_DROP_SOURCE_MEMBERSHIP, bytes),
        IP_BLOCK_SOURCE => source(socket, libc::IP_BLOCK_SOURCE, bytes),
        IP_UNBLOCK_SOURCE => source(socket, libc::IP_UNBLOCK_SOURCE, bytes),
        IP_TTL => match short_number(bytes)? {
            hops @ 1..=255 => set(libc::IP_TTL, hops as i32),
            _ => Err(WSAEINVAL),
        },
        _ => {
            let value = short_number(bytes)?;
            set(system(option).ok_or(WSAENOPROTOOPT)?, i32::try_from(value).map_err(|_| WSAEINVAL)?)
        }
    }
}

/// An interface by an address of it; one that begins with a zero is the interface's number.
fn interface(address: [u8; 4]) -> (Ipv4Addr, i32) {
    match address {
        [0, ..] => (Ipv4Addr::UNSPECIFIED, i32::from_be_bytes(address)),
        _ => (address.into(), 0),
    }
}

fn leave_by(socket: &SocketObject, address: [u8; 4]) -> Result<(), Code> {
    let (address, number) = interface(address);
    let choice = member_of(Ipv4Addr::UNSPECIFIED, address, number);
    raw::set_value(socket, libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &choice)
}

fn member(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    let (address, number) = interface(part(bytes, 4)?);
    let choice = member_of(part::<4>(bytes, 0)?.into(), address, number);
    raw::set_value(socket, libc::IPPROTO_IP, option, &choice)
}

fn member_of(group: Ipv4Addr, address: Ipv4Addr, number: i32) -> libc::ip_mreqn {
    libc::ip_mreqn { imr_multiaddr: in_addr(group), imr_address: in_addr(address), imr_ifindex: number }
}

/// The system has these three addresses in another order.
fn source(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    let address = |at| part::<4>(bytes, at).map(|address| in_addr(address.into()));
    let choice =
        libc::ip_mreq_source { imr_multiaddr: address(0)?, imr_sourceaddr: address(4)?, imr_interface: address(8)? };
    raw::set_value(socket, libc::IPPROTO_IP, option, &choice)
}

fn in_addr(address: Ipv4Addr) -> libc::in_addr {
    libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) }
}

/// An option of the system, for IPv6, that is a number there as well.
fn system_six(option: i32) -> Option<i32> {
    Some(match option {
        IPV6_UNICAST_HOPS => libc::IPV6_UNICAST_HOPS,
        IPV6_MULTICAST_IF => libc::IPV6_MULTICAST_IF,
        IPV6_MULTICAST_HOPS => libc::IPV6_MULTICAST_HOPS,
        _ => return None,
    })
}

/// `IPV6_UNICAST_IF` of the system, which `libc` has no name for.
const UNICAST_IF_OF_LINUX: i32 = 76;

pub(super) fn get_six(socket: &SocketObject, option: i32) -> Result<Value, Code> {
    check(socket, AF_INET6)?;
    let get = |option| raw::get(socket, libc::IPPROTO_IPV6, option).map(|value| value as u32);
    match option {
        IPV6_V6ONLY => socket.socket().only_v6().map(Value::Flag).map_err(|error| code(&error)),
        IPV6_DONTFRAG => get(libc::IPV6_DONTFRAG).map(|on| Value::Flag(on != 0)),
        IPV6_MULTICAST_IF | IPV6_MULTICAST_HOPS | IPV6_MULTICAST_LOOP if socket.is_stream() => Err(WSAENOPROTOOPT),
        IPV6_MULTICAST_LOOP => get(libc::IPV6_MULTICAST_LOOP).map(|on| Value::Flag(on != 0)),
        IPV6_UNICAST_IF => get(UNICAST_IF_OF_LINUX).map(Value::Number),
        _ => get(system_six(option).ok_or(WSAENOPROTOOPT)?).map(Value::Number),
    }
}

pub(super) fn set_six(socket: &SocketObject, option: i32, bytes: &[u8]) -> Result<(), Code> {
    check(socket, AF_INET6)?;
    let set = |option, value| raw::set(socket, libc::IPPROTO_IPV6, option, value);
    match option {
        IPV6_V6ONLY => socket.socket().set_only_v6(flag(bytes)?).map_err(|error| code(&error)),
        IPV6_DONTFRAG => set(libc::IPV6_DONTFRAG, flag(bytes)?.into()),
        IPV6_MULTICAST_IF | IPV6_MULTICAST_HOPS | IPV6_MULTICAST_LOOP | IPV6_ADD_MEMBERSHIP | IPV6_DROP_MEMBERSHIP
            if socket.is_stream() =>
        {
            Err(WSAENOPROTOOPT)
        }
        IPV6_MULTICAST_LOOP => set(libc::IPV6_MULTICAST_LOOP, flag(bytes)?.into()),
        IPV6_ADD_MEMBERSHIP | IPV6_DROP_MEMBERSHIP => {
            let group = Ipv6Addr::from(part::<16>(bytes, 0)?).into();
            let number = number(bytes.get(16..).unwrap_or_default())?;
            let engine = socket.socket();
            let done = match option {
                IPV6_ADD_MEMBERSHIP => engine.join_multicast(group, number),
                _ => engine.leave_multicast(group, number),
            };
            done.map_err(|error| code(&error))
        }
        MCAST_JOIN_GROUP | MCAST_LEAVE_GROUP => group(socket, option, bytes),
        IPV6_UNICAST_IF => set(UNICAST_IF_OF_LINUX, number(bytes)? as i32),
        _ => set(system_six(option).ok_or(WSAENOPROTOOPT)?, number(bytes)? as i32),
    }
}
