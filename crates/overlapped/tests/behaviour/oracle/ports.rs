//! Completion ports (`07_iocp`); what `behaviour/ports.rs` and `behaviour/workers.rs` do not show of them.

use std::io::Write;

use overlapped::{Completion, IssuedTo, Overlapped, Port, Result};

use super::super::support::{self, Conn};
use super::{LONG, NOW, SHORT, arrived};

type Received = (Overlapped<Conn>, Result<Completion>);

fn receive(conn: Overlapped<Conn>, port: &Port<Received>) -> IssuedTo<Received> {
    conn.recv_port(port, |conn, done| (conn, done))
}

/// What the next packet says.
fn packet(port: &Port<Received>) -> String {
    support::outcome(port.get(LONG).unwrap().expect("it comes"))
}

fn is_empty(port: &Port<Received>) -> bool {
    port.get(SHORT).unwrap().is_none()
}

#[test]
fn an_empty_port_and_packets_that_are_posted() {
    let _watch = support::driver();
    let port = Port::new(0);
    assert_eq!(port.get(NOW).unwrap(), None);
    assert_eq!(port.get(SHORT).unwrap(), None);
    port.post(1).unwrap();
    port.post(2).unwrap();
    assert_eq!(port.get(NOW).unwrap(), Some(1));
    assert_eq!(port.get(NOW).unwrap(), Some(2));
    assert_eq!(port.get(NOW).unwrap(), None);
}

#[test]
fn receives_without_data_and_with_it_and_a_send() {
    let _watch = support::driver();
    let port = Port::new(0);
    let (socket, mut peer) = support::pair();
    assert!(receive(Conn::new(&socket, 16), &port).is_pending());
    peer.write_all(b"hello").unwrap();
    assert_eq!(packet(&port), ":hello");

    peer.write_all(b"again").unwrap();
    support::delivered(&peer);
    // Completed or pending: both are right, and one packet comes.
    assert!(receive(Conn::new(&socket, 16), &port).skipped().is_none());
    assert_eq!(packet(&port), ":again");
    assert!(is_empty(&port));

    Conn::of(&socket, b"abc".to_vec()).send_port(.., &port, |conn, done| (conn, done));
    assert_eq!(port.get(LONG).unwrap().expect("it comes").1.unwrap().bytes, 3);
    arrived(&peer, 3);
}

#[test]
fn packets_come_in_the_order_of_completion() {
    let _watch = support::driver();
    let port = Port::new(0);
    let [(five, mut to_five), (two, mut to_two)] = [support::pair(), support::pair()];
    receive(Conn::new(&five, 16), &port);
    receive(Conn::new(&two, 16), &port);
    to_two.write_all(b"2").unwrap();
    support::delivered(&to_two);
    // Else both would complete in one look at the kernel, and in its order.
    let first = packet(&port);
    to_five.write_all(b"1").unwrap();
    assert_eq!([first, packet(&port)], [":2", ":1"]);
}

#[test]
fn what_ends_a_receive_is_in_its_packet() {
    let _watch = support::driver();
    let port = Port::new(0);
    let (socket, peer) = support::pair();
    receive(Conn::new(&socket, 16), &port);
    socket.cancel().unwrap();
    assert_eq!(packet(&port), "!995");
    receive(Conn::new(&socket, 16), &port);
    support::reset(peer);
    assert_eq!(packet(&port), "!10054");
    receive(Conn::new(&socket, 16), &port);
    assert_eq!(packet(&port), "!10054", "what is known already");

    let (socket, peer) = support::pair();
    receive(Conn::new(&socket, 16), &port);
    drop(peer);
    assert_eq!(packet(&port), ":");

    let (socket, _peer) = support::pair();
    receive(Conn::new(&socket, 16), &port);
    socket.close();
    assert_eq!(packet(&port), "!995");
}

#[test]
fn a_socket_that_skips_packets_tells_once() {
    let _watch = support::driver();
    let port = Port::new(0);
    let (socket, mut peer) = support::pair();
    socket.skip_packets_on_success(true);
    peer.write_all(b"skip").unwrap();
    support::delivered(&peer);
    let told = match receive(Conn::new(&socket, 16), &port) {
        IssuedTo::Skipped(received) => support::outcome(received),
        _ => packet(&port),
    };
    assert_eq!(told, ":skip");
    assert!(is_empty(&port));
    receive(Conn::new(&socket, 16), &port);
    peer.write_all(b"pend").unwrap();
    assert_eq!(packet(&port), ":pend");
}

#[test]
fn a_failed_operation_is_one_of_many_packets() {
    let _watch = support::driver();
    let port = Port::new(0);
    let (socket, _peer) = support::pair();
    receive(Conn::new(&socket, 16), &port);
    socket.cancel().unwrap();
    let mut packets = Vec::new();
    assert_eq!(port.get_many(&mut packets, 8, LONG).unwrap(), 1);
    assert_eq!(support::outcome(packets.remove(0)), "!995");
}
