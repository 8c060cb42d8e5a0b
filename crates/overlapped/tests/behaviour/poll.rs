//! What a poll finds beyond data: how connections end, and what cannot be asked.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use overlapped::readiness::{Events, PollEntry, poll};
use overlapped::{Socket, codes};

use super::support::{self, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);
const SHORT: Option<Duration> = Some(Duration::from_millis(50));

/// Polls until it finds all of this.
fn until(socket: &Socket, events: Events, wanted: Events) -> Events {
    let mut entries = [PollEntry::new(socket, events)];
    while !entries[0].found().contains(wanted) {
        assert_eq!(poll(&mut entries, None).unwrap(), 1);
    }
    entries[0].found()
}

#[test]
fn the_end_of_the_stream_is_no_data() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    peer.write_all(b"bye").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    until(&socket, Events::READ, Events::READ);
    assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 3);
    assert_eq!(until(&socket, Events::READ, Events::HUNG_UP), Events::HUNG_UP);
    assert_eq!(until(&socket, Events::NONE, Events::HUNG_UP), Events::HUNG_UP);
}

#[test]
fn a_reset_is_an_error() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    support::reset(peer);
    let found = until(&socket, Events::NONE, Events::HUNG_UP);
    // Wine does not tell a reset from an end.
    assert!(found.contains(Events::ERROR) || support::is_wine(), "{found:?}");
}

#[test]
fn a_refused_connect_is_an_error() {
    let _watch = support::driver();
    let nobody = Socket::tcp(&support::loopback()).unwrap();
    nobody.bind(support::loopback()).unwrap();
    let client = Socket::tcp(&support::loopback()).unwrap();
    let mut entries = [PollEntry::new(&client, Events::READ | Events::WRITE)];
    assert_eq!(poll(&mut entries, SHORT).unwrap(), 0, "it is not connected");
    assert_eq!(support::code(&client.try_connect(nobody.local_addr().unwrap())), 10035);
    for _ in 0..2 {
        assert_eq!(poll(&mut entries, None).unwrap(), 1);
        assert_eq!(entries[0].found(), Events::ERROR | Events::HUNG_UP | Events::WRITE);
    }
}

#[test]
fn what_is_told_unasked_cannot_be_asked() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    for event in [Events::ERROR, Events::HUNG_UP, Events::INVALID] {
        let mut entries = [PollEntry::new(&socket, Events::READ | event)];
        assert_eq!(support::code(&poll(&mut entries, NOW)), 10022);
    }
}

#[test]
fn operations_come_first() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 3, &log).recv(support::logged);
    peer.write_all(b"onetwo").unwrap();
    let mut entries = [PollEntry::new(&socket, Events::READ)];
    assert_eq!(poll(&mut entries, SHORT).unwrap(), 0);
    entries[0].events = Events::READ | Events::WRITE;
    assert_eq!((poll(&mut entries, None).unwrap(), entries[0].found()), (1, Events::WRITE));
    assert_eq!(log.wait(1), ["r:one"]);
    assert_eq!(until(&socket, Events::READ, Events::READ), Events::READ);
}

#[test]
fn a_socket_that_is_closed_in_the_wait_counts() {
    let _watch = support::driver();
    let (other, _other_peer) = support::pair();
    for moment in (0..).map(|round| Duration::from_millis(20 << round)) {
        let (socket, _peer) = support::pair();
        let closing = thread::spawn({
            let socket = socket.clone();
            move || {
                thread::sleep(moment);
                socket.close();
            }
        });
        let mut entries = [PollEntry::new(&other, Events::READ), PollEntry::new(&socket, Events::READ)];
        let ready = poll(&mut entries, Some(moment + Duration::from_secs(2))).unwrap();
        closing.join().unwrap();
        let found = [entries[0].found(), entries[1].found()];
        // And from now on it does not.
        assert_eq!((poll(&mut entries, NOW).unwrap(), entries[1].found()), (0, Events::INVALID));
        if ready == 1 {
            assert_eq!(found, [Events::NONE, Events::INVALID]);
            return;
        }
        // It was closed before the wait began, or after it was over.
    }
}

#[test]
fn a_reset_that_a_poll_found_is_told_to_receives() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    support::reset(peer);
    until(&socket, Events::READ, Events::HUNG_UP);
    if !support::is_wine() {
        assert_eq!(support::code(&socket.try_recv(&mut [0; 8])), codes::WSAECONNRESET);
    }
}

#[test]
fn many_sockets() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let peers: Vec<_> = (0..100).map(|_| TcpStream::connect(at).unwrap()).collect();
    let mut entries = vec![PollEntry::new(&listener, Events::READ)];
    while entries.len() <= peers.len() {
        poll(&mut entries[..1], None).unwrap();
        while let Ok(socket) = listener.try_accept() {
            entries.push(PollEntry::new(&socket, Events::READ));
        }
    }
    assert_eq!(poll(&mut entries, NOW).unwrap(), 0);
    for mut peer in &peers {
        peer.write_all(b"x").unwrap();
    }
    while poll(&mut entries, None).unwrap() < peers.len() {}
    let found = |entry: &PollEntry| entry.found() == Events::READ && entry.socket().try_recv(&mut [0]).is_ok();
    assert!(entries[1..].iter().all(found));
    assert_eq!(poll(&mut entries, NOW).unwrap(), 0);
}
