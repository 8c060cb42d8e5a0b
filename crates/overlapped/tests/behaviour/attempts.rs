//! Calls that do not block: they take what is there, overtake nothing, and say what operations say.

use std::io::{IoSlice, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::thread;

use overlapped::{Event, Overlapped, Result, Shutdown, Socket};

use super::support::{self, Conn, Log, Talk};

/// Tries until it does not have to wait any more.
fn until<R>(mut attempt: impl FnMut() -> Result<R>) -> Result<R> {
    loop {
        match attempt() {
            Err(error) if error.is_would_block() => thread::yield_now(),
            attempted => return attempted,
        }
    }
}

fn connected() -> (Socket, Socket) {
    let (listener, at) = support::listener(support::loopback().ip());
    let client = Socket::tcp(&at).unwrap();
    assert_eq!(support::code(&client.try_connect(at)), 10035);
    (until(|| listener.try_accept()).unwrap(), client)
}

#[test]
fn a_receive_takes_what_is_there() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let mut buffer = [0; 4];
    assert_eq!(support::code(&socket.try_recv(&mut buffer)), 10035);
    assert_eq!(support::code(&socket.try_recv(&mut [])), 10035);
    peer.write_all(b"hello").unwrap();
    assert_eq!(until(|| socket.try_recv(&mut [])).unwrap(), 0, "it leaves the data");
    assert_eq!((socket.try_recv(&mut buffer).unwrap(), &buffer), (4, b"hell"));
    assert_eq!((socket.try_recv(&mut buffer).unwrap(), buffer[0]), (1, b'o'));
    assert_eq!(support::code(&socket.try_recv(&mut buffer)), 10035);
    drop(peer);
    assert_eq!(until(|| socket.try_recv(&mut buffer)).unwrap(), 0);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 0, "the end stays");
}

#[test]
fn operations_go_on_where_a_call_has_stopped() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let mut buffer = [0; 2];
    for _ in 0..100 {
        peer.write_all(b"abcdef").unwrap();
        assert_eq!(until(|| socket.try_recv(&mut buffer)).unwrap(), 2);
        Talk::new("r", &socket, 3, &log).recv(support::logged);
        assert_eq!(log.wait(1), ["r:cde"]);
        assert_eq!((until(|| socket.try_recv(&mut buffer)).unwrap(), buffer[0]), (1, b'f'));
        // And from one that emptied the socket.
        let receive = Conn::new(&socket, 3).recv_event(&Event::manual());
        peer.write_all(b"g").unwrap();
        assert_eq!(support::outcome(receive.finish()), ":g");
    }
}

#[test]
fn nothing_overtakes_a_pending_receive() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 3, &log).recv(support::logged);
    peer.write_all(b"onetwo").unwrap();
    // It stays pending until its thread waits.
    assert_eq!(support::code(&socket.try_recv(&mut [0; 3])), 10035);
    assert_eq!(log.wait(1), ["r:one"]);
    let mut buffer = [0; 8];
    assert_eq!((socket.try_recv(&mut buffer).unwrap(), &buffer[..3]), (3, &b"two"[..]));
}

/// Two threads receive from one stream, one with operations and one with calls: each byte comes once, and what one receive gets lies
/// together.
#[test]
fn calls_beside_operations_lose_nothing() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let bytes: Vec<u8> = (0..100_000).map(|place| (place % 251) as u8).collect();
    let mut counts = [0; 251];
    fn note(counts: &mut [usize; 251], received: &[u8]) {
        assert!(received.windows(2).all(|pair| (pair[0] + 1) % 251 == pair[1]), "{received:?}");
        received.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    }
    let operations = thread::spawn({
        let socket = socket.clone();
        move || {
            let mut counts = [0; 251];
            loop {
                let (conn, done) = Conn::new(&socket, 700).recv_event(&Event::manual()).finish();
                match done.unwrap().bytes {
                    0 => return counts,
                    received => note(&mut counts, &conn.buffer[..received]),
                }
            }
        }
    });
    let writer = thread::spawn({
        let bytes = bytes.clone();
        move || peer.write_all(&bytes).unwrap()
    });
    let mut buffer = [0; 500];
    loop {
        match until(|| socket.try_recv(&mut buffer)).unwrap() {
            0 => break,
            received => note(&mut counts, &buffer[..received]),
        }
    }
    writer.join().unwrap();
    let others = operations.join().unwrap();
    counts.iter_mut().zip(others).for_each(|(count, other)| *count += other);
    let expected: Vec<_> = (0..251).map(|byte| bytes.iter().filter(|sent| **sent == byte).count()).collect();
    assert_eq!(counts[..], expected);
}

#[test]
fn nothing_overtakes_a_send_that_is_queued() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let flood = vec![b'a'; 1 << 20];
    assert!(socket.give(flood.clone()).unwrap().is_pending());
    assert_eq!(support::code(&socket.try_send(b"b")), 10035);
    assert_eq!(support::code(&socket.try_send_vectored(&[IoSlice::new(b"b")])), 10035);
    let mut read = vec![0; flood.len()];
    peer.read_exact(&mut read).unwrap();
    assert!(read == flood);
    assert_eq!(until(|| socket.try_send(b"b")).unwrap(), 1);
    peer.read_exact(&mut read[..1]).unwrap();
    assert_eq!(read[0], b'b');
}

#[test]
fn what_a_send_leaves_is_sent_later() {
    let _watch = support::driver();
    let (socket, mut peer) = support::narrow_pair();
    let bytes: Vec<u8> = (0..300_000).map(|place| (place % 251) as u8).collect();
    let reader = {
        let length = bytes.len();
        thread::spawn(move || {
            let mut read = vec![0; length];
            peer.read_exact(&mut read).map(|()| read)
        })
    };
    let mut rest = &bytes[..];
    let mut parts = 0;
    while !rest.is_empty() {
        let (first, second) = rest.split_at(rest.len() / 2);
        let sent = match parts % 2 {
            0 => until(|| socket.try_send(rest)).unwrap(),
            _ => until(|| socket.try_send_vectored(&[IoSlice::new(first), IoSlice::new(&[]), IoSlice::new(second)]))
                .unwrap(),
        };
        assert!((1..=rest.len()).contains(&sent));
        rest = &rest[sent..];
        parts += 1;
    }
    assert!(parts > 1, "the system took it at once");
    assert!(reader.join().unwrap().unwrap() == bytes);
}

#[test]
fn more_buffers_than_the_system_takes() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let mut buffers = vec![IoSlice::new(&[]); 2000];
    assert_eq!(socket.try_send_vectored(&buffers).unwrap(), 0);
    buffers.extend([IoSlice::new(b"x"); 2000]);
    let sent = socket.try_send_vectored(&buffers).unwrap();
    assert!(sent > 0, "empty ones do not count");
    let mut read = vec![0; sent];
    peer.read_exact(&mut read).unwrap();
    let datagrams = Socket::udp(support::loopback()).unwrap();
    assert_eq!(support::code(&datagrams.try_send_vectored(&buffers)), 10055);
}

#[test]
fn a_reset_is_told_each_time() {
    let _watch = support::driver();
    if support::is_wine() {
        // There a reset that no receive waits for becomes the end of the stream.
        return;
    }
    let (socket, peer) = support::pair();
    support::reset(peer);
    for _ in 0..2 {
        assert_eq!(support::code(&until(|| socket.try_recv(&mut [0; 8]))), 10054);
    }
    assert_eq!(support::outcome(Conn::new(&socket, 8).recv_event(&Event::manual()).finish()), "!10054");
    let (socket, peer) = support::pair();
    support::reset(peer);
    while until(|| socket.try_send(b"x")).is_ok() {}
    assert_eq!(support::code(&until(|| socket.try_recv(&mut [0; 8]))), 10054);
}

#[test]
fn the_state_of_the_socket_comes_first() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let fresh = Socket::tcp(&at).unwrap();
    for socket in [&listener, &fresh] {
        assert_eq!(support::code(&socket.try_send(b"x")), 10057);
        assert_eq!(support::code(&socket.try_recv(&mut [0; 8])), 10057);
    }
    assert_eq!(support::code(&fresh.try_accept()), 10022);
    let (socket, _peer) = support::pair();
    assert_eq!(support::code(&socket.try_recv_from(&mut [0; 8])), 10045);
    socket.shutdown(Shutdown::Both).unwrap();
    assert_eq!(support::code(&socket.try_send(b"x")), 10058);
    assert_eq!(support::code(&socket.try_recv(&mut [0; 8])), 10058);
    for socket in [socket, listener] {
        socket.close();
        assert_eq!(support::code(&socket.try_send(b"x")), 10038);
        assert_eq!(support::code(&socket.try_recv(&mut [0; 8])), 10038);
        assert_eq!(support::code(&socket.try_accept()), 10038);
        assert_eq!(support::code(&socket.try_connect(at)), 10038);
        assert_eq!(support::code(&socket.take_error()), 10038);
    }
}

#[test]
fn an_accepted_socket_is_one_like_any_other() {
    let _watch = support::driver();
    let (accepted, client) = connected();
    let receive = Conn::new(&accepted, 8).recv_event(&Event::manual());
    assert_eq!(until(|| client.try_send(b"hello")).unwrap(), 5);
    assert_eq!(support::outcome(receive.finish()), ":hello");
    assert_eq!(accepted.peer_addr().unwrap(), client.local_addr().unwrap());
    accepted.shutdown(Shutdown::Send).unwrap();
    assert_eq!(until(|| client.try_recv(&mut [0; 8])).unwrap(), 0);
}

#[test]
fn an_accept_does_not_overtake_one_that_pends() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let accept = Overlapped::new(listener.clone()).accept_event(&Event::manual(), |listener| listener);
    let _client = std::net::TcpStream::connect(at).unwrap();
    assert_eq!(support::code(&listener.try_accept()), 10035);
    assert_eq!(support::code(&accept.finish().1), 0);
    // And the other way round.
    assert_eq!(support::code(&listener.try_accept()), 10035);
    let accept = Overlapped::new(listener).accept_event(&Event::manual(), |listener| listener);
    let _client = std::net::TcpStream::connect(at).unwrap();
    assert_eq!(support::code(&accept.finish().1), 0);
}

#[test]
fn a_connect_goes_on_by_itself() {
    let _watch = support::driver();
    let (_accepted, client) = connected();
    let to = client.peer_addr();
    // Whatever looks next takes notice: an operation too.
    let send = Conn::of(&client, b"x".to_vec()).send_event(.., &Event::manual());
    match support::code(&send.finish().1) {
        0 => assert_eq!(support::code(&client.try_connect(to.unwrap())), 10056),
        code => assert_eq!(code, 10057, "it still goes on"),
    }
    assert_eq!(client.take_error().unwrap(), None);
}

#[test]
fn a_refused_connect_says_why_once_and_can_be_tried_again() {
    let _watch = support::driver();
    let door = TcpListener::bind(support::loopback()).unwrap();
    let at = door.local_addr().unwrap();
    let nobody = Socket::tcp(&at).unwrap();
    nobody.bind(support::loopback()).unwrap();
    let client = Socket::tcp(&at).unwrap();
    assert_eq!(support::code(&client.try_connect(nobody.local_addr().unwrap())), 10035);
    let error = loop {
        if let Some(error) = client.take_error().unwrap() {
            break error;
        }
        assert_eq!(support::code(&client.try_send(b"x")), 10057);
        thread::yield_now();
    };
    assert_eq!(error.code(), 10061);
    assert_eq!(client.take_error().unwrap(), None);
    if support::is_wine() {
        // Each second connect after a refused one fails there with 10053.
        return;
    }
    assert_eq!(support::code(&client.try_connect(at)), 10035);
    while support::code(&client.try_send(b"x")) != 0 {
        thread::yield_now();
    }
}

#[test]
fn datagrams_are_whole_and_tell_their_sender() {
    let _watch = support::driver();
    let peer = UdpSocket::bind(support::loopback()).unwrap();
    let socket = Socket::udp(support::loopback()).unwrap();
    let (ours, theirs) = (socket.local_addr().unwrap(), peer.local_addr().unwrap());
    let mut buffer = [0; 5];
    assert_eq!(support::code(&socket.try_recv_from(&mut buffer)), 10035);
    peer.send_to(b"hello", ours).unwrap();
    let received = until(|| socket.try_recv_from(&mut buffer)).unwrap();
    assert_eq!((received.bytes, received.from, &buffer), (5, theirs, b"hello"));
    peer.send_to(b"too long", ours).unwrap();
    peer.send_to(b"", ours).unwrap();
    peer.send_to(b"next", ours).unwrap();
    assert_eq!(support::code(&until(|| socket.try_recv(&mut buffer))), 10040);
    assert_eq!(until(|| socket.try_recv(&mut buffer)).unwrap(), 0);
    assert_eq!(until(|| socket.try_recv(&mut buffer)).unwrap(), 4);
    let nowhere = if support::is_wine() { 10022 } else { 10057 };
    assert_eq!(support::code(&socket.try_send(b"to whom?")), nowhere);
    assert_eq!(socket.try_send_to(b"to you", theirs).unwrap(), 6);
    assert_eq!(peer.recv(&mut [0; 9]).unwrap(), 6);
    assert_eq!(support::code(&socket.try_connect(theirs)), 0);
    assert_eq!(socket.try_send_vectored(&[IoSlice::new(b"a"), IoSlice::new(b"bc")]).unwrap(), 3);
    assert_eq!(peer.recv(&mut [0; 9]).unwrap(), 3);
    let unbound = Socket::udp_unbound(&ours).unwrap();
    assert_eq!(support::code(&unbound.try_recv(&mut buffer)), 10022);
}
