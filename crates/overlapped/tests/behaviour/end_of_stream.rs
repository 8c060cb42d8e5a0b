//! The end of a stream is a success with 0 bytes for every receive, pending and later; a reset is an error.

use std::io::Write;
use std::net::TcpListener;

use overlapped::{Event, Overlapped, Socket, Waited, wait};

use super::support::{self, Conn, Log, Talk};

#[test]
fn every_pending_and_every_later_routine_sees_the_end() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    for name in ["a", "b", "c"] {
        Talk::new(name, &socket, 64, &log).recv(support::logged);
    }
    peer.write_all(b"last").unwrap();
    drop(peer);
    assert_eq!(log.wait(3), ["a:last", "b:", "c:"]);
    for name in ["d", "e"] {
        Talk::new(name, &socket, 64, &log).recv(support::logged);
        assert_eq!(log.wait(1), [format!("{name}:")]);
    }
}

#[test]
fn every_pending_and_every_later_event_sees_the_end() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let events = [Event::manual(), Event::manual()];
    let receives = events.each_ref().map(|event| Conn::new(&socket, 64).recv_event(event));
    drop(peer);
    assert_eq!(wait::all(&[&events[0], &events[1]], None).unwrap(), Waited::Object(0));
    for receive in receives {
        assert_eq!(support::outcome(receive.finish()), ":");
    }
    for _ in 0..2 {
        assert_eq!(support::outcome(Conn::new(&socket, 64).recv_event(&events[0]).finish()), ":");
    }
}

#[test]
fn a_half_closed_connection_still_takes_data_the_other_way() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let event = Event::manual();
    peer.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(support::outcome(Conn::new(&socket, 64).recv_event(&event).finish()), ":");
    let (_, done) = Conn::of(&socket, b"bye".to_vec()).send_event(.., &event).finish();
    assert_eq!(done.unwrap().bytes, 3);
    drop(socket);
    assert_eq!(std::io::read_to_string(peer).unwrap(), "bye");
}

#[test]
fn a_reset_ends_receives_with_10054() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let (log, event) = (Log::default(), Event::manual());
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    support::reset(peer);
    assert_eq!(log.wait(1), ["r!10054"]);

    let (socket, peer) = support::pair();
    let receive = Conn::new(&socket, 64).recv_event(&event);
    support::reset(peer);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    let (_, done) = receive.finish();
    let error = done.unwrap_err();
    assert!(error.is_reset() && !error.is_aborted());
    assert_eq!(error.code(), 10054);
}

#[test]
fn a_send_after_a_reset_is_10054() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let event = Event::manual();
    let receive = Conn::new(&socket, 64).recv_event(&event);
    support::reset(peer);
    assert_eq!(support::outcome(receive.finish()), "!10054");
    let (_, done) = Conn::of(&socket, b"x".to_vec()).send_event(.., &event).finish();
    assert_eq!(support::code(&done), 10054);
}

#[test]
fn a_reset_ends_a_waiting_send() {
    let _watch = support::driver();
    let (socket, peer) = support::narrow_pair();
    let log = Log::default();
    Talk::of("s", &socket, vec![0; 4 << 20], &log).send(.., support::sent);
    support::reset(peer);
    assert_eq!(log.wait(1), ["s!10054"]);
    assert_eq!(socket.queued_bytes(), 0);
}

#[test]
fn a_refused_connect_is_10061() {
    let _watch = support::driver();
    for ip in support::families() {
        // Bound and never listening: nobody else can get the port meanwhile.
        let silent = socket2::Socket::new(socket2::Domain::for_address((ip, 0).into()), socket2::Type::STREAM, None);
        let silent = silent.unwrap();
        silent.bind(&std::net::SocketAddr::from((ip, 0)).into()).unwrap();
        let at = silent.local_addr().unwrap().as_socket().unwrap();
        let event = Event::manual();
        let connect = Overlapped::new(Socket::tcp(&at).unwrap()).connect_event(at, &event, |socket| socket);
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert_eq!(support::code(&connect.finish().1), 10061);

        let log = Log::default();
        let socket = Socket::tcp(&at).unwrap();
        Talk::new("c", &socket, 0, &log).connect(
            at,
            |talk| &talk.socket,
            |talk, done| talk.log.add(format!("{}", support::code(&done))),
        );
        assert_eq!(log.wait(1), ["10061"]);
    }
}

#[test]
fn a_second_connect_is_10056() {
    let _watch = support::driver();
    let door = TcpListener::bind(support::loopback()).unwrap();
    let at = door.local_addr().unwrap();
    let event = Event::manual();
    let (socket, done) = Overlapped::new(Socket::tcp(&at).unwrap()).connect_event(at, &event, |socket| socket).finish();
    done.unwrap();
    assert_eq!(support::code(&socket.connect_event(at, &event, |socket| socket).finish().1), 10056);
}
