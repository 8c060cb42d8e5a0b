//! Socket options, binding and duplicated sockets (`12_options`).

use std::io::{Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use overlapped::{Event, Overlapped, Socket, Waited, wait};

use super::super::support::{self, Conn};
use super::LONG;

fn unbound() -> Socket {
    Socket::tcp(&support::loopback()).unwrap()
}

#[test]
fn options_and_their_defaults() {
    let _watch = support::driver();
    let socket = unbound();
    assert!(!socket.nodelay().unwrap());
    socket.set_nodelay(true).unwrap();
    assert!(socket.nodelay().unwrap());
    assert!(!socket.keepalive().unwrap());
    socket.set_keepalive(true).unwrap();
    assert!(socket.keepalive().unwrap());
    socket.set_receive_buffer(20_000).unwrap();
    socket.set_send_buffer(30_000).unwrap();
    assert_eq!((socket.receive_buffer().unwrap(), socket.send_buffer().unwrap()), (20_000, 30_000));
    assert_eq!(support::code(&socket.set_send_buffer(0)), 0);
    assert_eq!(socket.take_error().unwrap(), None);
    assert_eq!(socket.linger().unwrap(), None);
    socket.set_linger(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(socket.linger().unwrap(), Some(Duration::from_secs(5)));
    let (connected, _peer) = support::pair();
    let (idle, interval) = (Duration::from_secs(10), Duration::from_secs(1));
    assert_eq!(support::code(&connected.set_keepalive_times(idle, interval)), 0);
}

#[test]
fn a_time_limit_of_the_socket_does_not_end_an_overlapped_receive() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let stream = TcpStream::try_from(socket).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(600))).unwrap();
    let socket = Socket::from(stream);
    let event = Event::manual();
    let receive = Conn::new(&socket, 16).recv_event(&event);
    assert_eq!(wait::one(&event, Some(Duration::from_millis(900))).unwrap(), Waited::TimedOut);
    peer.write_all(b"z").unwrap();
    assert_eq!(support::outcome(receive.finish()), ":z");
}

#[test]
fn binding() {
    let _watch = support::driver();
    let socket = unbound();
    let listener = Socket::listen(support::loopback()).unwrap();
    assert_eq!(support::code(&socket.bind(listener.local_addr().unwrap())), 10048);
    assert_eq!(support::code(&socket.bind(SocketAddr::from(([192, 0, 2, 1], 0)))), 10049);
    assert_eq!(support::code(&socket.local_addr()), 10022);
    assert_eq!(support::code(&socket.peer_addr()), 10057);
    assert_eq!(support::code(&socket.bind(support::loopback())), 0);
    assert_eq!(support::code(&socket.bind(support::loopback())), 10022);
    assert_ne!(socket.local_addr().unwrap().port(), 0);
}

#[test]
fn the_port_of_a_server_that_closed_its_connections_first() {
    let _watch = support::driver();
    let listener = Socket::listen(support::loopback()).unwrap();
    let address = listener.local_addr().unwrap();
    let accept = Overlapped::new(listener).accept_event(&Event::manual(), |listener| listener);
    let mut client = TcpStream::connect(address).unwrap();
    let (listener, accepted) = accept.finish();
    let accepted = accepted.unwrap();
    accepted.shutdown(overlapped::Shutdown::Send).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
    drop(client);
    assert_eq!(support::outcome(Conn::new(&accepted, 1).recv_event(&Event::manual()).finish()), ":");
    drop((accepted, listener));
    assert_eq!(support::code(&Socket::listen(address)), 0, "bind and listen");
}

#[test]
fn a_connect_to_port_0() {
    let _watch = support::driver();
    let connect = Overlapped::new(unbound()).connect_event(support::loopback(), &Event::manual(), |socket| socket);
    assert_eq!(support::code(&connect.finish().1), 10049);
}

#[test]
fn ipv6_only() {
    let _watch = support::driver();
    // Containers often lack IPv6.
    let Ok(socket) = Socket::tcp(&SocketAddr::from((Ipv6Addr::LOCALHOST, 0))) else { return };
    assert!(socket.only_v6().unwrap());
    assert_eq!(support::code(&socket.set_only_v6(false)), 0);
    assert!(!socket.only_v6().unwrap());
}

#[test]
fn a_duplicated_socket() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let stream = TcpStream::try_from(socket).unwrap();
    let duplicate = Socket::from(stream.try_clone().unwrap());
    drop(Socket::from(stream));
    peer.write_all(b"dup").unwrap();
    let event = Event::manual();
    let receive = Conn::new(&duplicate, 16).recv_event(&event);
    assert_eq!(wait::one(&event, LONG).unwrap(), Waited::Object(0));
    let (conn, done) = receive.finish();
    assert_eq!(done.unwrap().bytes, 3);
    drop((conn, duplicate));
    assert_eq!(peer.read(&mut [0; 16]).unwrap(), 0, "once both are closed");
}
