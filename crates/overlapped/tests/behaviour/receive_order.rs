//! Several receives on one socket complete, and fill, in the order in which they were issued.

use std::io::Write;

use overlapped::{Event, Waitable, Waited, wait};

use super::support::{self, Conn, Log, Talk};

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[test]
fn by_routine_with_the_data_coming_later() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    for name in NAMES {
        Talk::new(name, &socket, 2, &log).recv(support::logged);
    }
    peer.write_all(b"001122334455").unwrap();
    assert_eq!(log.wait(6), ["a:00", "b:11", "c:22", "d:33", "e:44", "f:55"]);
}

#[test]
fn by_routine_with_the_data_already_there() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    peer.write_all(b"001122334455").unwrap();
    support::delivered(&peer);
    for name in NAMES {
        Talk::new(name, &socket, 2, &log).recv(support::logged);
    }
    assert_eq!(log.wait(6), ["a:00", "b:11", "c:22", "d:33", "e:44", "f:55"]);
}

#[test]
fn by_routine_with_the_data_trickling_in() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    for name in NAMES {
        Talk::new(name, &socket, 64, &log).recv(support::logged);
    }
    for name in NAMES {
        peer.write_all(name.as_bytes()).unwrap();
        assert_eq!(log.wait(1), [format!("{name}:{name}")]);
    }
}

#[test]
fn by_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let events = NAMES.map(|_| Event::manual());
    let receives = events.each_ref().map(|event| Conn::new(&socket, 2).recv_event(event));
    peer.write_all(b"001122").unwrap();
    let all: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
    assert_eq!(wait::all(&all[..3], None).unwrap(), Waited::Object(0));
    assert!(events[3..].iter().all(|event| !event.is_set()));
    peer.write_all(b"334455").unwrap();
    assert_eq!(wait::all(&all, None).unwrap(), Waited::Object(0));
    let got: Vec<_> = receives.into_iter().map(|receive| support::outcome(receive.finish())).collect();
    assert_eq!(got, [":00", ":11", ":22", ":33", ":44", ":55"]);
}

#[test]
fn finished_in_any_order() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let mut receives: Vec<_> = NAMES.iter().map(|_| Conn::new(&socket, 2).recv_event(&Event::manual())).collect();
    peer.write_all(b"001122334455").unwrap();
    for expected in [":55", ":44", ":33", ":22", ":11", ":00"] {
        assert_eq!(support::outcome(receives.pop().unwrap().finish()), expected);
    }
}

#[test]
fn a_receive_that_could_not_keep_the_order_is_refused() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("a", &socket, 2, &log).recv(support::logged);
    // Receives with routines wait at their thread, those on events elsewhere: never both on one socket.
    let other = Conn::new(&socket, 2).recv_event(&Event::manual());
    assert_eq!(support::outcome(other.finish()), "!10022");
    let elsewhere = std::thread::spawn({
        let socket = socket.clone();
        move || {
            let log = Log::default();
            Talk::new("b", &socket, 2, &log).recv(support::logged);
            log.wait(1)
        }
    });
    assert_eq!(elsewhere.join().unwrap(), ["b!10022"]);
    peer.write_all(b"0011").unwrap();
    assert_eq!(log.wait(1), ["a:00"]);
    // Nothing pending: either may take its turn.
    let other = Conn::new(&socket, 2).recv_event(&Event::manual());
    assert_eq!(support::outcome(other.finish()), ":11");
}

#[test]
fn a_long_stream_through_many_small_receives_keeps_every_byte_in_place() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    let expected = bytes.clone();
    let writer = std::thread::spawn(move || peer.write_all(&bytes).unwrap());
    let event = Event::auto();
    let mut got = Vec::new();
    let mut queue = std::collections::VecDeque::new();
    for size in (1..2000).cycle() {
        while queue.len() < 8 {
            queue.push_back(Conn::new(&socket, size).recv_event(&event));
        }
        let (conn, done) = queue.pop_front().unwrap().finish();
        let bytes = done.unwrap().bytes;
        if bytes == 0 {
            break;
        }
        got.extend_from_slice(&conn.buffer[..bytes]);
    }
    writer.join().unwrap();
    assert!(got == expected);
}
