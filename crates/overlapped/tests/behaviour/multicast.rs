//! Groups and broadcasts of datagrams.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use overlapped::{Event, Socket, codes};

use super::support::{self, Conn};

/// The loopback interface: the first on Linux and on Windows.
const LOOPBACK: u32 = 1;

/// A group for this process alone, so that tests at the same time do not hear each other.
fn group(last: u8) -> IpAddr {
    let process = std::process::id();
    IpAddr::from([239, 255, (process % 251) as u8, last])
}

fn member(group: IpAddr) -> Socket {
    let socket = Socket::udp((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    socket.join_multicast(group, LOOPBACK).unwrap();
    socket
}

fn speaker() -> Socket {
    let socket = Socket::udp(support::loopback()).unwrap();
    socket.set_multicast_interface_v4(Ipv4Addr::LOCALHOST).unwrap();
    socket.set_multicast_ttl(1).unwrap();
    socket.set_multicast_loop(true).unwrap();
    socket
}

fn hears(socket: &Socket) -> String {
    support::outcome(Conn::new(socket, 100).recv_event(&Event::manual()).finish())
}

#[test]
fn members_hear_the_group_until_they_leave() {
    let _watch = support::driver();
    if support::is_wine() {
        // It takes an interface's index for an address, and finds none.
        return;
    }
    let group = group(1);
    let (member, speaker) = (member(group), speaker());
    let at = member.local_addr().unwrap().port();
    speaker.give_to("to all", SocketAddr::new(group, at)).unwrap();
    assert_eq!(hears(&member), ":to all");

    assert_eq!(support::code(&member.join_multicast(group, LOOPBACK)), codes::WSAEADDRINUSE);
    member.leave_multicast(group, LOOPBACK).unwrap();
    assert_eq!(support::code(&member.leave_multicast(group, LOOPBACK)), codes::WSAEADDRNOTAVAIL);
    speaker.give_to("to members", SocketAddr::new(group, at)).unwrap();
    speaker.give_to("to you", SocketAddr::from((Ipv4Addr::LOCALHOST, at))).unwrap();
    assert_eq!(hears(&member), ":to you");
}

#[test]
fn an_address_that_is_no_group_cannot_be_joined() {
    let _watch = support::driver();
    let socket = Socket::udp((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let error = socket.join_multicast(IpAddr::from([127, 0, 0, 1]), LOOPBACK).unwrap_err();
    assert!([codes::WSAEINVAL, codes::WSAEADDRNOTAVAIL].contains(&error.code()), "{error}");
}

#[test]
fn a_broadcast_needs_the_option() {
    let _watch = support::driver();
    let everybody = |socket: &Socket| {
        let port = socket.local_addr().unwrap().port();
        SocketAddr::from((Ipv4Addr::BROADCAST, port))
    };
    let socket = Socket::udp((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    assert!(!socket.broadcast().unwrap());
    assert_eq!(support::code(&socket.give_to("x", everybody(&socket))), codes::WSAEACCES);
    socket.set_broadcast(true).unwrap();
    assert!(socket.broadcast().unwrap());
    // Allowed; whether there is a network to send it to is another matter.
    let sent = support::code(&socket.give_to("x", everybody(&socket)));
    assert_ne!(sent, codes::WSAEACCES);
}
