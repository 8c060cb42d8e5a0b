//! Several buffers in one operation, flags of a receive, and datagrams (`06_buffers`).

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Datagram, Event, Gather, Overlapped, Pending, Result, Scatter, Socket, Waited, wait};

use super::super::support::{self, Conn};
use super::{LONG, arrived};

/// As the probe asks for a result: waits for the event, then takes what is there.
fn result<T, R>(pending: Pending<T, R>, event: &Event) -> (Overlapped<T>, Result<R>) {
    assert_eq!(wait::one(event, LONG).unwrap(), Waited::Object(0));
    pending.try_finish().expect("its event says so")
}

fn outcome(pending: Pending<Conn>, event: &Event) -> String {
    support::outcome(result(pending, event))
}

/// A receive that leaves the data where it is.
fn peek(socket: &Socket, size: usize, event: &Event) -> Pending<Conn> {
    Conn::new(socket, size).recv_scatter_event(event, |conn| Scatter::new(&conn.socket).buffer(&mut conn.buffer).peek())
}

/// A receive that completes when its buffer is full.
fn wait_all(socket: &Socket, size: usize, event: &Event) -> Pending<Conn> {
    Conn::new(socket, size)
        .recv_scatter_event(event, |conn| Scatter::new(&conn.socket).buffer(&mut conn.buffer).wait_all())
}

#[test]
fn a_gather_send() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let session = Overlapped::new((socket, ["ab", "", "cde", "f"]));
    let send = session.send_gather_event(&event, |(socket, texts)| {
        texts.iter().fold(Gather::new(socket), |gather, text| gather.buffer(text.as_bytes()))
    });
    assert_eq!(result(send, &event).1.unwrap().bytes, 6);
    arrived(&peer, 6);
    let mut read = [0; 64];
    assert_eq!(peer.read(&mut read).unwrap(), 6);
    assert_eq!(&read[..6], b"abcdef");
}

#[test]
fn a_scatter_receive() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receive = Overlapped::new((socket, [0; 2], [0; 32]))
        .recv_scatter_event(&event, |(socket, first, second)| Scatter::new(socket).buffer(first).buffer(second));
    assert!(receive.issued().is_pending());
    peer.write_all(b"hello!!").unwrap();
    let (session, done) = result(receive, &event);
    assert_eq!(done.unwrap().bytes, 7);
    assert_eq!(&session.1, b"he", "the first buffer is filled first");
    assert_eq!(&session.2[..5], b"llo!!");
}

#[test]
fn the_list_of_buffers_is_needed_during_the_issue_only() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    // Too many buffers for the list to lie in the operation's own block.
    let receive = Overlapped::new((socket, [[0; 1]; 20])).recv_scatter_event(&event, |(socket, buffers)| {
        let list: Vec<_> = buffers.iter_mut().collect();
        list.into_iter().fold(Scatter::new(socket), |scatter, buffer| scatter.buffer(buffer))
    });
    assert!(receive.issued().is_pending());
    peer.write_all(b"keep").unwrap();
    let (session, done) = result(receive, &event);
    assert_eq!(done.unwrap().bytes, 4);
    assert_eq!(&session.1.as_flattened()[..4], b"keep");
}

#[test]
fn peeks() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    peer.write_all(b"peek").unwrap();
    support::delivered(&peer);
    assert_eq!(outcome(peek(&socket, 2, &event), &event), ":pe");
    assert_eq!(outcome(peek(&socket, 64, &event), &event), ":peek");
    assert_eq!(outcome(Conn::new(&socket, 64).recv_event(&event), &event), ":peek");
    assert!(peek(&socket, 64, &event).issued().is_pending(), "now it is gone");
}

#[test]
fn wait_for_all() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receive = wait_all(&socket, 6, &event);
    peer.write_all(b"123").unwrap();
    thread::sleep(Duration::from_millis(60));
    assert!(!receive.poll(), "half of the data does not complete it");
    peer.write_all(b"456").unwrap();
    assert_eq!(outcome(receive, &event), ":123456");
}

#[test]
fn a_receive_past_urgent_data() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    assert_eq!(socket2::SockRef::from(&peer).send_out_of_band(b"!").unwrap(), 1);
    peer.write_all(b"in").unwrap();
    support::delivered(&peer);
    assert_eq!(outcome(Conn::new(&socket, 64).recv_event(&event), &event), ":in");
}

#[test]
fn wait_for_all_and_the_peer_closes() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receive = wait_all(&socket, 6, &event);
    peer.write_all(b"123").unwrap();
    thread::sleep(Duration::from_millis(60));
    assert!(!receive.poll());
    drop(peer);
    assert_eq!(outcome(receive, &event), ":123");
}

/// Two datagram sockets.
fn ports() -> (Socket, Socket) {
    let port = || Socket::udp(support::loopback()).unwrap();
    (port(), port())
}

/// Sends a datagram from the one to the other.
fn send_to(from: &Socket, text: &str, to: &Socket) {
    let sent = send(from, text.as_bytes(), to.local_addr().unwrap());
    assert_eq!(sent.unwrap().bytes, text.len());
}

fn send(from: &Socket, bytes: &[u8], to: std::net::SocketAddr) -> Result<Completion> {
    let event = Event::manual();
    let pending = Conn::of(from, bytes.to_vec()).send_to_event(.., to, &event);
    result(pending, &event).1
}

fn receive(socket: &Socket, size: usize, event: &Event) -> Pending<Conn> {
    Conn::new(socket, size).recv_event(event)
}

#[test]
fn a_datagram() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let (received, sent) = (Event::manual(), Event::manual());
    let receive = Conn::new(&ours, 32).recv_from_event(&received);
    assert!(receive.issued().is_pending());

    let to = ours.local_addr().unwrap();
    let send = Overlapped::new((other.clone(), *b"data", *b"gram"))
        .send_gather_event(&sent, |(socket, first, second)| Gather::new(socket).buffer(first).buffer(second).to(to));
    assert_eq!(result(send, &sent).1.unwrap().bytes, 8);

    let (conn, done) = result(receive, &received);
    let done: Datagram = done.unwrap();
    assert_eq!(done.bytes, 8, "one datagram");
    assert_eq!(&conn.buffer[..8], b"datagram");
    assert_eq!(done.from, other.local_addr().unwrap());
}

#[test]
fn a_datagram_larger_than_the_buffer() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let event = Event::manual();
    let receive = Conn::of(&ours, vec![b'-'; 32])
        .recv_from_event_with(&event, |conn| Scatter::new(&conn.socket).buffer(&mut conn.buffer[..4]));
    send_to(&other, "0123456789", &ours);
    let (conn, done) = result(receive, &event);
    let error = done.unwrap_err();
    assert_eq!((error.code(), error.name()), (10040, "WSAEMSGSIZE"));
    assert_eq!(&conn.buffer[..6], b"0123--", "four bytes and nothing beyond");
}

#[test]
fn the_rest_of_a_larger_datagram_is_lost() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let event = Event::manual();
    send_to(&other, "0123456789", &ours);
    send_to(&other, "next", &ours);
    assert_eq!(outcome(receive(&ours, 4, &event), &event), "!10040");
    assert_eq!(outcome(receive(&ours, 64, &event), &event), ":next");
}

#[test]
fn an_empty_datagram() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let event = Event::manual();
    let receive = Conn::new(&ours, 32).recv_from_event(&event);
    assert!(receive.issued().is_pending());
    send_to(&other, "", &ours);
    assert_eq!(result(receive, &event).1.unwrap().bytes, 0);
}

#[test]
fn datagrams_keep_their_bounds_and_order() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let event = Event::manual();
    for text in ["a", "ab", "abc"] {
        send_to(&other, text, &ours);
    }
    for text in [":a", ":ab", ":abc"] {
        assert_eq!(outcome(receive(&ours, 64, &event), &event), text);
    }
}

#[test]
fn a_send_without_an_address() {
    let _watch = support::driver();
    let (ours, _) = ports();
    let event = Event::manual();
    let sent = Conn::of(&ours, b"x".to_vec()).send_event(.., &event);
    // Wine gives the code for a bad state.
    assert_eq!(outcome(sent, &event), if support::is_wine() { "!10022" } else { "!10057" });
}

#[test]
fn a_broadcast_without_leave() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let port = other.local_addr().unwrap().port();
    assert_eq!(support::code(&send(&ours, b"x", ([255, 255, 255, 255], port).into())), 10013);
}

#[test]
fn a_connected_datagram_socket() {
    let _watch = support::driver();
    let (ours, other) = ports();
    let event = Event::manual();
    let to = ours.local_addr().unwrap();
    let connect = Overlapped::new(other.clone()).connect_event(to, &event, |socket| socket);
    assert_eq!(support::code(&result(connect, &event).1), 0);
    let sent = Conn::of(&other, b"conn".to_vec()).send_event(.., &event);
    assert_eq!(result(sent, &event).1.unwrap().bytes, 4);
    assert_eq!(outcome(receive(&ours, 64, &event), &event), ":conn");
}

#[test]
fn a_receive_on_an_unbound_socket() {
    let _watch = support::driver();
    let unbound = Socket::udp_unbound(&support::loopback()).unwrap();
    let event = Event::manual();
    let receive = Conn::new(&unbound, 32).recv_from_event(&event);
    assert_eq!(support::code(&result(receive, &event).1), 10022);
}
