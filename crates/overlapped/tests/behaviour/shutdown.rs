//! Shutting down one direction: what is pending and queued is still done.

use std::io::{Read, Write};
use std::time::Duration;

use overlapped::{Event, Shutdown, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

#[test]
fn a_pending_receive_survives_and_still_takes_data() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("first", &socket, 4, &log).recv(support::logged);
    Talk::new("second", &socket, 8, &log).recv(support::logged);
    socket.shutdown(Shutdown::Receive).unwrap();
    assert_eq!(alertable::sleep(Some(Duration::from_millis(10))).unwrap(), Waited::TimedOut);
    // A new one fails at once, with the others still pending.
    Talk::new("new", &socket, 8, &log).recv(support::logged);
    assert_eq!(log.wait(1), ["new!10058"]);
    peer.write_all(b"latelast").unwrap();
    assert_eq!(log.wait(2), ["first:late", "second:last"]);
}

#[test]
fn the_same_on_events() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receives = [(); 2].map(|()| Conn::new(&socket, 4).recv_event(&event));
    socket.shutdown(Shutdown::Receive).unwrap();
    assert_eq!(wait::one(&event, Some(Duration::from_millis(10))).unwrap(), Waited::TimedOut);
    let later = Conn::new(&socket, 4).recv_event(&Event::manual());
    assert_eq!(support::outcome(later.finish()), "!10058");
    peer.write_all(b"latelast").unwrap();
    let [first, second] = receives;
    assert_eq!(support::outcome(first.finish()), ":late");
    assert_eq!(support::outcome(second.finish()), ":last");
}

#[test]
fn receiving_is_shut_down_without_disturbing_sends() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    socket.shutdown(Shutdown::Receive).unwrap();
    let receive = Conn::new(&socket, 4).recv_event(&Event::manual());
    assert_eq!(support::outcome(receive.finish()), "!10058");
    socket.give(b"out").unwrap();
    let mut got = [0; 3];
    peer.read_exact(&mut got).unwrap();
    // The peer may go on writing without being told off.
    peer.write_all(&[7; 1000]).unwrap();
    support::delivered(&peer);
    socket.give(b"out").unwrap();
    peer.read_exact(&mut got).unwrap();
}

#[test]
fn the_end_of_stream_comes_after_everything_queued() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let log = Log::default();
    let event = Event::manual();
    Talk::of("s", &socket, vec![1; 1 << 20], &log).send(.., support::sent);
    socket.give(vec![2; 1 << 20]).unwrap();
    let last = Conn::of(&socket, vec![3; 1 << 20]).send_event(.., &event);
    assert!(socket.queued_bytes() > 2 << 20);
    socket.shutdown(Shutdown::Send).unwrap();
    // Shut down for the program at once, whatever is still on its way.
    assert_eq!(support::code(&socket.give(b"x")), 10058);
    let refused = Conn::of(&socket, b"x".to_vec()).send_event(.., &Event::manual());
    assert_eq!(support::code(&refused.finish().1), 10058);

    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), 3 << 20);
    assert!(all.chunks(1 << 20).zip(1..).all(|(part, value)| part.iter().all(|byte| *byte == value)));
    assert_eq!(last.finish().1.unwrap().bytes, 1 << 20);
    assert_eq!(log.wait(1), ["s+1048576"]);
    assert_eq!(socket.queued_bytes(), 0);
}

#[test]
fn a_pending_receive_does_not_mind_the_end_of_sending() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receive = Conn::new(&socket, 16).recv_event(&event);
    socket.shutdown(Shutdown::Send).unwrap();
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    assert!(!receive.poll());
    peer.write_all(b"still").unwrap();
    assert_eq!(support::outcome(receive.finish()), ":still");
}

#[test]
fn both_directions() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    socket.shutdown(Shutdown::Both).unwrap();
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    let event = Event::manual();
    assert_eq!(support::outcome(Conn::new(&socket, 4).recv_event(&event).finish()), "!10058");
    assert_eq!(support::code(&Conn::of(&socket, vec![1]).send_event(.., &event).finish().1), 10058);
}
