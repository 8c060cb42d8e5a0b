//! Receives and sends that are told by events (`01_event`).

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Waited, wait};

use super::super::support::{self, Conn};
use super::{LONG, NOW};

#[test]
fn a_receive_without_data_and_then_with_it() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    event.set();
    assert!(event.is_set(), "before");

    let receive = Conn::new(&socket, 64).recv_event(&event);
    assert!(receive.issued().is_pending());
    assert!(!event.is_set(), "the issue resets the event");
    assert!(!receive.poll());
    let receive = receive.try_finish().map(|_| ()).expect_err("there is no result yet");
    assert_eq!(wait::any(&[&event], Some(Duration::from_millis(50))).unwrap(), Waited::TimedOut);

    peer.write_all(b"hello").unwrap();
    assert_eq!(wait::any(&[&event], LONG).unwrap(), Waited::Object(0));
    assert!(event.is_set(), "a manual-reset event stays signalled after the wait");
    assert!(receive.poll());
    let (conn, done) = receive.try_finish().expect("it has completed");
    let done = done.unwrap();
    assert_eq!((done.bytes, done.flags), (5, 0));
    assert_eq!(&conn.buffer[..5], b"hello");
    assert!(event.is_set(), "asking for the result does not reset the event");
}

#[test]
fn a_receive_whose_data_is_there() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    peer.write_all(b"second").unwrap();
    support::delivered(&peer);
    // Completed or pending: both are right.
    let receive = Conn::new(&socket, 64).recv_event(&event);
    assert_eq!(wait::any(&[&event], LONG).unwrap(), Waited::Object(0));
    let (_, done) = receive.try_finish().expect("its event says so");
    assert_eq!(done.unwrap().bytes, 6);
    assert!(event.is_set());
}

#[test]
fn a_send() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let (_, done) = Conn::of(&socket, b"abcdefg".to_vec()).send_event(.., &event).finish();
    assert_eq!(done.unwrap().bytes, 7);
    assert!(event.is_set());
    assert_eq!(peer.read(&mut [0; 64]).unwrap(), 7);
}

#[test]
fn an_auto_reset_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::auto();
    let receive = Conn::new(&socket, 64).recv_event(&event);
    peer.write_all(b"xyz").unwrap();
    assert_eq!(wait::one(&event, LONG).unwrap(), Waited::Object(0));
    assert!(!event.is_set());
    assert_eq!(wait::one(&event, NOW).unwrap(), Waited::TimedOut);
    let (_, done) = receive.try_finish().expect("the signal is gone, the result is not");
    assert_eq!(done.unwrap().bytes, 3);
}

/// The event is gone as soon as the operation is issued, so it can be polled only.
#[test]
fn no_event_to_wait_for() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let receive = Conn::new(&socket, 64).recv_event(&Event::manual());
    assert!(receive.issued().is_pending());
    peer.write_all(b"q").unwrap();
    while !receive.poll() {
        thread::yield_now();
    }
    let (_, done) = receive.try_finish().expect("it has completed");
    assert_eq!(done.unwrap().bytes, 1);
}

#[test]
fn two_sockets_and_two_events() {
    let _watch = support::driver();
    let ((first, mut first_peer), (second, mut second_peer)) = (support::pair(), support::pair());
    let events = [Event::manual(), Event::manual()];
    let receives = [Conn::new(&first, 8).recv_event(&events[0]), Conn::new(&second, 8).recv_event(&events[1])];
    second_peer.write_all(b"2").unwrap();
    assert_eq!(wait::any(&[&events[0], &events[1]], LONG).unwrap(), Waited::Object(1));
    assert_eq!(wait::all(&[&events[0], &events[1]], NOW).unwrap(), Waited::TimedOut);
    first_peer.write_all(b"1").unwrap();
    assert_eq!(wait::all(&[&events[0], &events[1]], LONG).unwrap(), Waited::Object(0));
    assert_eq!(wait::any(&[&events[0], &events[1]], LONG).unwrap(), Waited::Object(0));
    assert_eq!(receives.map(|receive| support::outcome(receive.finish())), [":1", ":2"]);
}

#[test]
fn one_big_send_to_a_slow_reader() {
    let _watch = support::driver();
    const BIG: usize = 8 << 20;
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let send = Conn::of(&socket, vec![b'B'; BIG]).send_event(.., &event);
    let mut got = 0;
    let mut part = vec![0; 65536];
    while got < BIG {
        match peer.read(&mut part).unwrap() {
            0 => break,
            more => got += more,
        }
    }
    assert_eq!(got, BIG);
    let (_, done) = send.finish();
    assert_eq!(done.unwrap().bytes, BIG);
}
