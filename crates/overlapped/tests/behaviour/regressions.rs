//! Faults that were found and mended, each by what it looked like from outside.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Overlapped, Shutdown, Socket, Waited, alertable, codes, wait};

use super::support::{self, Conn, Log, Talk};

/// An address at which nobody listens, and the socket that keeps it so: bound, and never listening.
fn nowhere() -> (socket2::Socket, std::net::SocketAddr) {
    let silent = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    silent.bind(&support::loopback().into()).unwrap();
    let at = silent.local_addr().unwrap().as_socket().unwrap();
    (silent, at)
}

#[test]
fn a_send_or_shutdown_while_it_connects_does_not_take_the_connects_error_away() {
    let _watch = support::driver();
    let (_silent, to) = nowhere();
    let socket = Socket::tcp(&to).unwrap();
    let pending = Overlapped::new(socket.clone()).connect_event(to, &Event::manual(), |socket| socket);
    if !pending.is_done() {
        assert_eq!(support::code(&socket.give(b"too early")), codes::WSAENOTCONN);
        assert_eq!(support::code(&socket.shutdown(Shutdown::Send)), codes::WSAENOTCONN);
    }
    assert_eq!(support::code(&pending.finish().1), codes::WSAECONNREFUSED);
}

#[test]
fn a_socket_whose_connect_was_refused_can_connect_elsewhere() {
    let _watch = support::driver();
    if support::is_wine() {
        // Each second ConnectEx and connect after a refused one fails there with 10053 instead.
        return;
    }
    let listener = TcpListener::bind(support::loopback()).unwrap();
    let event = Event::manual();
    let (_silent, to) = nowhere();
    let mut socket = Overlapped::new(Socket::tcp(&to).unwrap());
    for _ in 0..3 {
        let (again, refused) = socket.connect_event(to, &event, |socket| socket).finish();
        assert_eq!(support::code(&refused), codes::WSAECONNREFUSED);
        socket = again;
    }
    let (_socket, connected) = socket.connect_event(listener.local_addr().unwrap(), &event, |socket| socket).finish();
    connected.unwrap();
    listener.accept().unwrap();
}

#[test]
fn a_shutdown_does_not_take_the_reset_away_from_the_receive() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let pending = Conn::new(&socket, 8).recv_event(&Event::manual());
    support::reset(peer);
    let _ = socket.shutdown(Shutdown::Send);
    assert_eq!(support::code(&pending.finish().1), codes::WSAECONNRESET);
}

#[test]
fn a_receive_of_no_bytes_tells_of_a_reset() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let pending = Conn::new(&socket, 0).recv_event(&Event::manual());
    support::reset(peer);
    assert_eq!(support::code(&pending.finish().1), codes::WSAECONNRESET);
}

#[test]
fn what_comes_after_urgent_data_is_received() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    peer.write_all(b"abc").unwrap();
    socket2::SockRef::from(&peer).send_out_of_band(b"!").unwrap();
    peer.write_all(b"def").unwrap();
    support::delivered(&peer);
    let mut received = Vec::new();
    let mut conn = Conn::new(&socket, 100);
    while received.len() < 6 {
        let (back, done) = conn.recv_event(&Event::manual()).finish();
        received.extend_from_slice(&back.buffer[..done.unwrap().bytes]);
        conn = back;
    }
    assert_eq!(received, b"abcdef");
}

#[test]
fn the_peer_sees_a_close_while_the_issuer_is_in_no_wait() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = support::Log::default();
    support::Talk::new("r", &socket, 8, &log).recv(support::logged);
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
    let other = socket.clone();
    thread::spawn(move || other.close()).join().unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
    assert_eq!(log.wait(1), ["r!995"]);
}

#[test]
fn a_send_too_long_to_be_counted_is_refused() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    // Never touched, so it takes no memory.
    let bytes = vec![0; i32::MAX as usize + 1];
    let send = Overlapped::new((socket, bytes)).send_event_with(&Event::manual(), |(socket, bytes)| (socket, bytes));
    assert_eq!(support::code(&send.finish().1), codes::WSAENOBUFS);
}

#[test]
fn completions_of_sends_come_in_order_while_others_overtake_each_other() {
    struct Numbered {
        socket: Socket,
        number: usize,
        last: Arc<AtomicUsize>,
        bytes: Arc<[u8]>,
    }
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let reader = thread::spawn(move || std::io::copy(&mut peer, &mut std::io::sink()).unwrap());
    let (last, bytes) = (Arc::new(AtomicUsize::new(0)), Arc::from(vec![7; 300 << 10]));
    for number in 1..=600 {
        while number > last.load(SeqCst) + 3 {
            alertable::sleep(None).unwrap();
        }
        let (socket, last, bytes) = (socket.clone(), Arc::clone(&last), Arc::clone(&bytes));
        let message = Overlapped::new(Numbered { socket, number, last, bytes });
        message.send_with(
            |message| (&message.socket, &message.bytes),
            |message, done| {
                done.unwrap();
                assert_eq!(message.last.swap(message.number, SeqCst) + 1, message.number);
            },
        );
    }
    while last.load(SeqCst) < 600 {
        alertable::sleep(None).unwrap();
    }
    socket.close();
    assert_eq!(reader.join().unwrap(), 600 * (300 << 10));
}

#[test]
fn a_wait_survives_the_drop_of_a_session_that_waits_itself() {
    struct Waits(Socket, [u8; 4]);
    impl Drop for Waits {
        fn drop(&mut self) {
            let own = Event::new(overlapped::Reset::Manual, true);
            assert_eq!(wait::one(&own, None).unwrap(), Waited::Object(0));
            assert_eq!(wait::one(&Event::manual(), Some(Duration::from_micros(50))).unwrap(), Waited::TimedOut);
        }
    }
    let _watch = support::driver();
    let never = Event::manual();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            (0..300).all(|_| wait::one(&never, Some(Duration::from_micros(100))).unwrap() == Waited::TimedOut)
        });
        while !waiter.is_finished() {
            let (socket, _peer) = support::pair();
            drop(
                Overlapped::new(Waits(socket, [0; 4]))
                    .recv_event_with(&Event::manual(), |waits| (&waits.0, &mut waits.1)),
            );
        }
        assert!(waiter.join().unwrap());
    });
}

#[test]
fn an_accept_blocks_nobody_although_another_owner_of_the_descriptor_wants_it_to() {
    let _watch = support::driver();
    let listener = TcpListener::bind(support::loopback()).unwrap();
    let at = listener.local_addr().unwrap();
    let twin = listener.try_clone().unwrap();
    let event = Event::manual();
    let mut listener = Overlapped::new(Socket::from(listener));
    for _ in 0..2 {
        let accepting = listener.accept_event(&event, |listener| listener);
        assert!(!accepting.poll());
        // The mode is that of both.
        twin.set_nonblocking(false).unwrap();
        let _client = std::net::TcpStream::connect(at).unwrap();
        let (again, accepted) = accepting.finish();
        accepted.unwrap();
        listener = again;
    }
}

/// The send gives the connection up, and to whom the receive is handed then says that there is none.
#[test]
fn a_reset_that_a_given_send_met_is_told_to_a_receive_that_was_issued_before() {
    let _watch = support::driver();
    let log = Log::default();
    let (socket, mut peer) = support::narrow_pair();
    // The first of a socket does not wait for a wait.
    Talk::new("", &socket, 8, &log).recv(support::logged);
    peer.write_all(b"first").unwrap();
    assert_eq!(log.wait(1), [":first"]);
    socket.give(vec![0; 8 << 20]).unwrap();
    assert!(socket.queued_bytes() > 0);
    Talk::new("", &socket, 8, &log).recv(support::logged);
    support::reset(peer);
    while socket.queued_bytes() > 0 {
        thread::yield_now();
    }
    assert_eq!(log.wait(1), ["!10054"]);
    assert_eq!(support::code(&socket.try_recv(&mut [0; 8])), 10054);
}
