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
fn by_routine_and_by_event_in_turns() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let events = [Event::manual(), Event::manual()];
    Talk::new("a", &socket, 2, &log).recv(support::logged);
    let first = Conn::new(&socket, 2).recv_event(&events[0]);
    Talk::new("b", &socket, 2, &log).recv(support::logged);
    let second = Conn::new(&socket, 2).recv_event(&events[1]);
    peer.write_all(b"00112233").unwrap();
    assert_eq!(log.wait(2), ["a:00", "b:22"]);
    assert_eq!(support::outcome(first.finish()), ":11");
    assert_eq!(support::outcome(second.finish()), ":33");
}

#[test]
fn an_event_waited_for_elsewhere_makes_way_for_the_routine_behind_it() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let event = Event::manual();
    let first = Conn::new(&socket, 2).recv_event(&event);
    Talk::new("a", &socket, 2, &log).recv(support::logged);
    let last = Conn::new(&socket, 2).recv_event(&event);
    let waiter = std::thread::spawn(move || support::outcome(first.finish()));
    peer.write_all(b"00").unwrap();
    assert_eq!(waiter.join().unwrap(), ":00");
    // The waiter cannot start a receive of this thread, which does so when it waits alertably.
    peer.write_all(b"1122").unwrap();
    assert_eq!(log.wait(1), ["a:11"]);
    assert_eq!(support::outcome(last.finish()), ":22");
}

/// Only an alertable wait runs the routine, but the data must get past it.
#[test]
fn a_plain_wait_sees_the_event_behind_a_routine_of_its_own_thread() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let event = Event::manual();
    Talk::new("a", &socket, 2, &log).recv(support::logged);
    let behind = Conn::new(&socket, 2).recv_event(&event);
    peer.write_all(b"0011").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(behind.finish()), ":11");
    assert_eq!(log.len(), 0, "the wait was not alertable");
    assert_eq!(log.wait(1), ["a:00"]);

    // The same by asking, and by taking the result.
    Talk::new("b", &socket, 2, &log).recv(support::logged);
    let polled = Conn::new(&socket, 2).recv_event(&event);
    let finished = Conn::new(&socket, 2).recv_event(&event);
    peer.write_all(b"223344").unwrap();
    while !polled.poll() {
        std::thread::yield_now();
    }
    assert_eq!(support::outcome(polled.finish()), ":33");
    assert_eq!(support::outcome(finished.finish()), ":44");
    assert_eq!(log.wait(1), ["b:22"]);
}

#[test]
fn a_plain_wait_that_has_begun_sees_what_comes_behind_its_routine() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let done = Event::manual();
    Talk::new("a", &socket, 2, &log).recv(support::logged);
    let other = std::thread::spawn({
        let (socket, done) = (socket.clone(), done.clone());
        move || {
            let event = Event::manual();
            let behind = Conn::new(&socket, 2).recv_event(&event);
            peer.write_all(b"0011").unwrap();
            let outcome = support::outcome(behind.finish());
            done.set();
            outcome
        }
    });
    assert_eq!(wait::one(&done, None).unwrap(), Waited::Object(0));
    assert_eq!(other.join().unwrap(), ":11");
    assert_eq!(log.wait(1), ["a:00"]);
}

#[test]
fn what_another_thread_has_left_to_this_one_can_be_cancelled_and_dropped() {
    let _watch = support::driver();
    for end in ["cancel", "close", "thread"] {
        let (socket, mut peer) = support::pair();
        let event = Event::manual();
        let first = Conn::new(&socket, 2).recv_event(&event);
        let handle = socket.clone();
        let (issued, told) = std::sync::mpsc::channel();
        let (go_on, go) = std::sync::mpsc::channel::<()>();
        let owner = std::thread::spawn(move || {
            let log = Log::default();
            Talk::new("a", &handle, 2, &log).recv(support::logged);
            issued.send(()).unwrap();
            go.recv().unwrap();
            if end == "thread" { Vec::new() } else { log.wait(1) }
        });
        told.recv().unwrap();
        let last = Conn::new(&socket, 2).recv_event(&event);
        peer.write_all(b"00").unwrap();
        assert_eq!(support::outcome(first.finish()), ":00");
        match end {
            "cancel" => {
                // Both the routine's, which its thread has not started, and the one behind it.
                socket.cancel().unwrap();
                assert_eq!(support::outcome(last.finish()), "!995");
            }
            "close" => {
                socket.close();
                assert_eq!(support::outcome(last.finish()), "!995");
            }
            _ => {
                go_on.send(()).unwrap();
                peer.write_all(b"11").unwrap();
                assert_eq!(support::outcome(last.finish()), ":11");
                assert_eq!(owner.join().unwrap(), [""; 0]);
                continue;
            }
        }
        go_on.send(()).unwrap();
        assert_eq!(owner.join().unwrap(), ["a!995"]);
    }
}

#[test]
fn routines_of_two_threads_are_refused() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("a", &socket, 2, &log).recv(support::logged);
    let elsewhere = std::thread::spawn({
        let socket = socket.clone();
        move || {
            let log = Log::default();
            Talk::new("b", &socket, 2, &log).recv(support::logged);
            log.wait(1)
        }
    });
    assert_eq!(elsewhere.join().unwrap(), ["b!10022"]);
    peer.write_all(b"00").unwrap();
    assert_eq!(log.wait(1), ["a:00"]);
    // Nothing pending: another thread may take its turn.
    let elsewhere = std::thread::spawn(move || {
        let log = Log::default();
        Talk::new("b", &socket, 2, &log).recv(support::logged);
        log.wait(1)
    });
    peer.write_all(b"11").unwrap();
    assert_eq!(elsewhere.join().unwrap(), ["b:11"]);
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
