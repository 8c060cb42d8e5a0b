//! Receives that leave the data where it is, and receives that wait for all of it.

use std::io::Write;
use std::net::UdpSocket;

use overlapped::{Event, Overlapped, Pending, Scatter, Socket, codes};

use super::support::{self, Conn, Log, Talk};

fn peek(talk: &mut Talk) -> Scatter<'_> {
    Scatter::new(&talk.socket).buffer(&mut talk.buffer).peek()
}

fn all(talk: &mut Talk) -> Scatter<'_> {
    Scatter::new(&talk.socket).buffer(&mut talk.buffer).wait_all()
}

fn all_of(socket: &Socket, size: usize, event: &Event) -> Pending<Conn> {
    Conn::new(socket, size)
        .recv_scatter_event(event, |conn| Scatter::new(&conn.socket).buffer(&mut conn.buffer).wait_all())
}

#[test]
fn a_peek_pends_and_leaves_the_data() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let issued = Talk::new("part", &socket, 2, &log).recv_scatter(peek, support::logged);
    assert!(issued.is_pending());
    peer.write_all(b"peek").unwrap();
    assert_eq!(log.wait(1), ["part:pe"]);
    support::delivered(&peer);
    Talk::new("whole", &socket, 64, &log).recv_scatter(peek, support::logged);
    Talk::new("taken", &socket, 64, &log).recv(support::logged);
    assert_eq!(log.wait(2), ["whole:peek", "taken:peek"]);
}

#[test]
fn a_peek_sees_the_end_and_the_error() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let log = Log::default();
    Talk::new("end", &socket, 8, &log).recv_scatter(peek, support::logged);
    drop(peer);
    assert_eq!(log.wait(1), ["end:"]);

    let (socket, peer) = support::pair();
    Talk::new("reset", &socket, 8, &log).recv_scatter(peek, support::logged);
    support::reset(peer);
    assert_eq!(log.wait(1), ["reset!10054"]);
}

#[test]
fn a_peek_into_several_buffers_and_at_a_datagram() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    peer.write_all(b"hello").unwrap();
    support::delivered(&peer);
    let (session, done) = Overlapped::new((socket, [0; 2], [0; 8]))
        .recv_scatter_event(&event, |(socket, first, second)| Scatter::new(socket).buffer(first).buffer(second).peek())
        .finish();
    assert_eq!((done.unwrap().bytes, &session.1, &session.2[..3]), (5, b"he", &b"llo"[..]));

    let ours = Socket::udp(support::loopback()).unwrap();
    let peer = UdpSocket::bind(support::loopback()).unwrap();
    peer.send_to(b"datagram", ours.local_addr().unwrap()).unwrap();
    let look = |size: usize| {
        Conn::new(&ours, size)
            .recv_from_event_with(&event, |conn| Scatter::new(&conn.socket).buffer(&mut conn.buffer).peek())
            .finish()
            .1
    };
    assert_eq!(look(100).unwrap().from, peer.local_addr().unwrap());
    assert_eq!(support::code(&look(3)), codes::WSAEMSGSIZE);
    assert_eq!(support::outcome(Conn::new(&ours, 100).recv_event(&event).finish()), ":datagram");
}

#[test]
fn all_of_it_comes_at_once() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("all", &socket, 6, &log).recv_scatter(all, support::logged);
    Talk::new("next", &socket, 6, &log).recv(support::logged);
    peer.write_all(b"12").unwrap();
    let event = Event::manual();
    let (other, mut other_peer) = support::pair();
    let pending = all_of(&other, 6, &event);
    other_peer.write_all(b"123").unwrap();
    support::delivered(&other_peer);
    assert!(!pending.poll(), "half of it");
    other_peer.write_all(b"456").unwrap();
    assert_eq!(support::outcome(pending.finish()), ":123456");
    peer.write_all(b"3456!!").unwrap();
    assert_eq!(log.wait(2), ["all:123456", "next:!!"]);
}

#[test]
fn the_end_of_the_stream_cuts_it_short() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("cut", &socket, 6, &log).recv_scatter(all, support::logged);
    Talk::new("end", &socket, 6, &log).recv_scatter(all, support::logged);
    peer.write_all(b"123").unwrap();
    drop(peer);
    assert_eq!(log.wait(2), ["cut:123", "end:"]);
}

#[test]
fn a_cancel_gives_what_has_come() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let pending = all_of(&socket, 6, &event);
    peer.write_all(b"123").unwrap();
    support::delivered(&peer);
    assert!(!pending.poll());
    pending.cancel().unwrap();
    let taken = support::outcome(pending.finish());
    // What it had not taken yet is the next one's.
    peer.write_all(b"456").unwrap();
    let rest = match taken.as_str() {
        ":123" => 3,
        "!995" => 6,
        other => panic!("{other}"),
    };
    let (_, done) = all_of(&socket, rest, &event).finish();
    assert_eq!(done.unwrap().bytes, rest);
}

#[test]
fn a_reset_is_an_error() {
    let _watch = support::driver();
    if support::is_wine() {
        // There a reset behind data is an end of the stream.
        return;
    }
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("reset", &socket, 6, &log).recv_scatter(all, support::logged);
    peer.write_all(b"123").unwrap();
    support::reset(peer);
    let told = log.wait(1);
    assert_eq!(told, ["reset!10054"]);
}
