//! More receives than one wait hands to the kernel: what has come to the last of them is found as to the first.

use std::cell::RefCell;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use overlapped::{Event, Overlapped, Port, Socket, Waitable, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);

/// A wait hands over 64.
const MANY: usize = 70;

thread_local! {
    /// For an APC, which must be `Send`.
    static LOG: RefCell<Log> = RefCell::default();
}

fn pairs() -> (Vec<Socket>, Vec<TcpStream>) {
    (0..MANY).map(|_| support::pair()).unzip()
}

fn say(peer: &mut TcpStream, text: &[u8]) {
    peer.write_all(text).unwrap();
    support::delivered(peer);
}

#[test]
fn routines() {
    let _watch = support::driver();
    let (sockets, mut peers) = pairs();
    let log = Log::default();
    let receive = |socket: &Socket| {
        Talk::new("", socket, 8, &log).recv(support::logged);
    };
    // The first of a socket does not wait for a wait.
    sockets.iter().for_each(receive);
    peers.iter_mut().for_each(|peer| peer.write_all(b"first").unwrap());
    log.wait(MANY);

    sockets.iter().for_each(receive);
    say(&mut peers[MANY - 1], b"last");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), [":last"]);

    // A user APC comes behind what has completed by now.
    receive(&sockets[MANY - 1]);
    say(&mut peers[MANY - 1], b"data");
    LOG.with_borrow_mut(|own| own.clone_from(&log));
    alertable::current().queue(|| LOG.with_borrow(|log| log.add("apc"))).unwrap();
    assert_eq!(log.wait(2), [":data", "apc"]);

    receive(&sockets[MANY - 1]);
    sockets[0].cancel().unwrap();
    say(&mut peers[1], b"one");
    say(&mut peers[MANY - 1], b"last");
    let mut seen = log.wait(3);
    seen.sort();
    assert_eq!(seen, ["!995", ":last", ":one"]);
    sockets[1..MANY - 1].iter().skip(1).for_each(|socket| socket.cancel().unwrap());
    assert!(log.wait(MANY - 3).iter().all(|entry| entry == "!995"));
}

#[test]
fn events() {
    let _watch = support::driver();
    let (sockets, mut peers) = pairs();
    let events: Vec<_> = sockets.iter().map(|_| Event::manual()).collect();
    let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
    let pending: Vec<_> =
        sockets.iter().zip(&events).map(|(socket, event)| Conn::new(socket, 8).recv_event(event)).collect();
    say(&mut peers[MANY - 1], b"last");
    assert_eq!(wait::any(&objects, NOW).unwrap(), Waited::Object(MANY - 1));
    say(&mut peers[3], b"third");
    assert_eq!(wait::any(&objects[..MANY - 1], None).unwrap(), Waited::Object(3));
    for (place, pending) in pending.into_iter().enumerate() {
        if place != 3 && place != MANY - 1 {
            pending.cancel().unwrap();
        }
        let expected = if place == 3 { ":third" } else { ":last" };
        let expected = if place == 3 || place == MANY - 1 { expected } else { "!995" };
        assert_eq!(support::outcome(pending.finish()), expected);
    }
}

#[test]
fn packets() {
    let _watch = support::driver();
    let (sockets, mut peers) = pairs();
    let port = Port::new(1);
    let receive = |socket: &Socket| {
        Conn::new(socket, 8).recv_port(&port, |conn: Overlapped<Conn>, done| support::outcome((conn, done)));
    };
    sockets.iter().for_each(receive);
    say(&mut peers[MANY - 1], b"last");
    assert_eq!(port.get(NOW).unwrap().as_deref(), Some(":last"));
    assert_eq!(port.get(NOW).unwrap(), None);
    say(&mut peers[3], b"third");
    assert_eq!(port.get(None).unwrap().as_deref(), Some(":third"));

    // All at once: each of them comes, once, however many there are before it.
    [3, MANY - 1].iter().for_each(|place| receive(&sockets[*place]));
    peers.iter_mut().for_each(|peer| peer.write_all(b"all").unwrap());
    for _ in 0..MANY {
        assert_eq!(port.get(None).unwrap().as_deref(), Some(":all"));
    }
    assert_eq!(port.get(NOW).unwrap(), None);
}

#[test]
fn what_is_posted_without_an_end_keeps_no_receive_waiting() {
    let _watch = support::driver();
    let (sockets, mut peers) = pairs();
    let port = Port::new(1);
    let receive = |socket: &Socket| {
        Conn::new(socket, 8).recv_port(&port, |_, _| true);
    };
    sockets.iter().for_each(receive);
    peers.iter_mut().for_each(|peer| peer.write_all(b"all").unwrap());
    (0..1000).for_each(|_| port.post(false).unwrap());
    let mut received = 0;
    while received < MANY {
        match port.get(None).unwrap() {
            Some(true) => received += 1,
            _ => port.post(false).unwrap(),
        }
    }
}
