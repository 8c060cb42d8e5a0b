//! Closing with operations pending, from any thread, and when the descriptor really goes.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use overlapped::{Event, Overlapped, Waited, wait};

use super::support::{self, Conn, Log, Open, Talk};

#[test]
fn everything_pending_ends_with_995() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let (log, event) = (Log::default(), Event::manual());
    Talk::new("a", &socket, 8, &log).recv(support::logged);
    Talk::new("b", &socket, 8, &log).recv(support::logged);
    Talk::of("s", &socket, vec![1; 4 << 20], &log).send(.., support::sent);
    let send = Conn::of(&socket, vec![1; 100]).send_event(.., &event);
    socket.close();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::code(&send.finish().1), 995);
    assert_eq!(log.len(), 0);
    let mut entries = log.wait(3);
    entries.sort();
    assert_eq!(entries, ["a!995", "b!995", "s!995"]);
    assert_eq!(socket.queued_bytes(), 0);
    let mut rest = Vec::new();
    let _ = peer.read_to_end(&mut rest);
    assert!(rest.len() < 4 << 20);
}

#[test]
fn pending_receives_on_events() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let events = [Event::manual(), Event::auto()];
    let receives = events.each_ref().map(|event| Conn::new(&socket, 8).recv_event(event));
    socket.close();
    assert_eq!(wait::all(&[&events[0], &events[1]], None).unwrap(), Waited::Object(0));
    for receive in receives {
        assert_eq!(support::outcome(receive.finish()), "!995");
    }
    assert!(support::ended(&mut peer));
}

#[test]
fn a_pending_accept_and_the_listener() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let event = Event::manual();
    let accepts = [(); 2].map(|()| Overlapped::new(listener.clone()).accept_event(&event, |l| l));
    listener.close();
    for accept in accepts {
        assert_eq!(support::code(&accept.finish().1), 995);
    }
    // Clones of the handle live on here; the door is shut nevertheless. But Windows knows no way to shut
    // it than to close the handle.
    if cfg!(windows) {
        drop(listener);
    }
    assert!(TcpStream::connect(at).is_err());
}

#[test]
fn from_another_thread_the_routine_runs_on_the_issuing_one() {
    let _watch = support::driver();
    for _ in 0..30 {
        let (socket, mut peer) = support::pair();
        let log = Log::default();
        Talk::new("r", &socket, 8, &log).recv(support::logged);
        let closer = thread::spawn(move || socket.close());
        assert_eq!(log.wait(1), ["r!995"]);
        closer.join().unwrap();
        assert!(support::ended(&mut peer));
    }
}

#[test]
fn the_peer_sees_the_end_though_a_handle_lives_on() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    socket.give(b"bye").unwrap();
    let clone = socket.clone();
    socket.close();
    drop(socket);
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all, b"bye");
    assert_eq!(support::code(&clone.give(b"x")), 10038);
}

#[test]
fn the_descriptor_goes_with_the_last_owner() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let descriptor = Open::of(&socket);
    let clone = socket.clone();
    drop(socket);
    assert!(descriptor.is_open());
    let receive = Conn::new(&clone, 8).recv_event(&Event::manual());
    drop(clone);
    // The operation's session is an owner.
    peer.write_all(b"x").unwrap();
    let (conn, done) = receive.finish();
    assert_eq!(done.unwrap().bytes, 1);
    assert!(descriptor.is_open());
    drop(conn);
    while descriptor.is_open() {
        thread::yield_now();
    }
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn the_descriptor_goes_with_a_dropped_or_cancelled_operation() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let descriptor = Open::of(&socket);
    let receive = Conn::new(&socket, 8).recv_event(&Event::manual());
    drop(socket);
    drop(receive);
    while descriptor.is_open() {
        thread::yield_now();
    }
    assert!(support::ended(&mut peer));
}

#[test]
fn the_descriptor_goes_with_a_routine_that_lets_its_session_go() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let descriptor = Open::of(&socket);
    let log = Log::default();
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    drop(socket);
    peer.write_all(b"x").unwrap();
    assert_eq!(log.wait(1), ["r:x"]);
    while descriptor.is_open() {
        thread::yield_now();
    }
    assert!(support::ended(&mut peer));
}

#[test]
fn while_issuing_and_giving_go_on_elsewhere() {
    let _watch = support::driver();
    for round in 0..50 {
        let (socket, _peer) = support::pair();
        thread::scope(|scope| {
            let receiver = scope.spawn(|| {
                // 995 for what was pending, 10038 for what came after.
                let event = Event::auto();
                loop {
                    let code = support::code(&Conn::new(&socket, 8).recv_event(&event).finish().1);
                    match code {
                        995 => {}
                        10038 => break,
                        other => panic!("{other}"),
                    }
                }
            });
            let giver = scope.spawn(|| {
                loop {
                    match support::code(&socket.give_copy(b"x")) {
                        0 => thread::yield_now(),
                        10038 => break,
                        other => panic!("{other}"),
                    }
                }
            });
            for _ in 0..round {
                thread::yield_now();
            }
            socket.close();
            receiver.join().unwrap();
            giver.join().unwrap();
        });
    }
}

/// The last owner of a socket may be what it still had to send, which the library drops wherever it finds out: not for the rest of
/// the data to be sent there, as `close(2)` waits for it on a socket that lingers.
#[test]
fn one_that_lingers_holds_no_other_up() {
    let _watch = support::driver();
    const LINGER: Duration = Duration::from_secs(20);
    let (socket, lingering) = support::narrow_pair();
    let (other, mut peer) = support::pair();
    socket.set_linger(Some(LINGER)).unwrap();
    assert!(socket.give(vec![1; 4 << 20]).unwrap().is_pending());
    let event = Event::manual();
    let receive = Conn::new(&other, 8).recv_event(&event);
    let began = Instant::now();
    // If what it had to send has gone by then, this one is the last, and waits as it was told to.
    let closing = thread::spawn(move || socket.close());
    peer.write_all(b"on").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(receive.finish()), ":on");
    assert!(began.elapsed() < LINGER / 2);
    drop(lingering);
    closing.join().unwrap();
}
