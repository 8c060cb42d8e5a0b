//! Datagram sockets: each receive takes one datagram and tells who sent it, each send is one.

use std::net::{SocketAddr, UdpSocket};

use overlapped::{
    Completion, Datagram, Event, Gather, Overlapped, Result, Scatter, Shutdown, Socket, alertable, codes, wait,
};

use super::support::{self, Conn, Log, Talk};

/// Our end, and a plain socket as the peer.
fn ports() -> (Socket, UdpSocket) {
    (Socket::udp(support::loopback()).unwrap(), UdpSocket::bind(support::loopback()).unwrap())
}

fn told(buffer: &[u8], done: &Result<Datagram>) -> String {
    match done {
        Ok(done) => format!(":{}", String::from_utf8_lossy(&buffer[..done.bytes])),
        Err(error) => format!("!{}", error.code()),
    }
}

fn gathered<'a>(socket: &'a Socket, buffers: &'a [[u8; 1]], to: SocketAddr) -> Gather<'a> {
    buffers.iter().fold(Gather::new(socket), |gather, buffer| gather.buffer(buffer)).to(to)
}

fn scattered<'a>(socket: &'a Socket, buffers: &'a mut [[u8; 1]]) -> Scatter<'a> {
    buffers.iter_mut().fold(Scatter::new(socket), |scatter, buffer| scatter.buffer(buffer))
}

fn logged(talk: Overlapped<Talk>, done: Result<Datagram>) {
    talk.log.add(format!("{}{}", talk.name, told(&talk.buffer, &done)));
}

#[test]
fn by_routine_with_the_sender_and_back() {
    let _watch = support::driver();
    for ip in support::families() {
        let ours = Socket::udp((ip, 0)).unwrap();
        let peer = UdpSocket::bind((ip, 0)).unwrap();
        let log = Log::default();
        Talk::new("a", &ours, 100, &log).recv_from(|talk, done| {
            let datagram = done.unwrap();
            talk.log.add(format!("{} from {}", datagram.bytes, datagram.from));
            talk.send_to(..datagram.bytes, datagram.from, support::sent);
        });
        peer.send_to(b"hello", ours.local_addr().unwrap()).unwrap();
        assert_eq!(log.wait(2), [format!("5 from {}", peer.local_addr().unwrap()), "a+5".into()]);
        let mut buffer = [0; 100];
        let (bytes, from) = peer.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..bytes], from), (&b"hello"[..], ours.local_addr().unwrap()));
    }
}

#[test]
fn by_event_before_and_after_the_data() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let event = Event::manual();
    let pending = Conn::new(&ours, 100).recv_from_event(&event);
    assert!(!pending.poll());
    peer.send_to(b"later", ours.local_addr().unwrap()).unwrap();
    wait::one(&event, None).unwrap();
    let (conn, done) = pending.finish();
    assert_eq!(told(&conn.buffer, &done), ":later");
    assert_eq!(done.unwrap().from, peer.local_addr().unwrap());

    peer.send_to(b"before", ours.local_addr().unwrap()).unwrap();
    let (conn, done) = conn.recv_from_event(&event).finish();
    assert_eq!(told(&conn.buffer, &done), ":before");
    let (_, sent) = Conn::of(&ours, b"answer".to_vec()).send_to_event(.., done.unwrap().from, &event).finish();
    assert_eq!(sent.unwrap().bytes, 6);
    let mut buffer = [0; 100];
    assert_eq!(peer.recv(&mut buffer).unwrap(), 6);
}

#[test]
fn each_receive_takes_one_datagram_in_the_order_of_issue() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let log = Log::default();
    for name in ["a", "b", "c", "d"] {
        Talk::new(name, &ours, 100, &log).recv_from(logged);
    }
    for text in ["1", "", "333", "22"] {
        peer.send_to(text.as_bytes(), ours.local_addr().unwrap()).unwrap();
    }
    assert_eq!(log.wait(4), ["a:1", "b:", "c:333", "d:22"]);
}

#[test]
fn what_does_not_fit_fills_the_buffer_and_is_an_error() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let at = ours.local_addr().unwrap();
    let event = Event::manual();
    let pending = Overlapped::new((ours.clone(), *b"------"))
        .recv_from_event_with(&event, |(socket, buffer)| Scatter::new(socket).buffer(&mut buffer[..4]));
    peer.send_to(b"0123456789", at).unwrap();
    let (kept, done) = pending.finish();
    let error = done.unwrap_err();
    assert_eq!(error.code(), codes::WSAEMSGSIZE);
    assert!(error.to_string().contains(&peer.local_addr().unwrap().to_string()), "{error}");
    assert_eq!(&kept.1, b"0123--");

    // Without the address, and with the datagram there already.
    peer.send_to(b"0123456789", at).unwrap();
    peer.send_to(b"next", at).unwrap();
    let (conn, done) = Conn::new(&ours, 4).recv_event(&event).finish();
    assert_eq!((support::code(&done), &conn.buffer[..]), (codes::WSAEMSGSIZE, &b"0123"[..]));
    assert_eq!(support::outcome(Conn::new(&ours, 4).recv_event(&event).finish()), ":next");
}

#[test]
fn an_empty_datagram_and_an_empty_buffer() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let at = ours.local_addr().unwrap();
    let log = Log::default();
    for name in ["empty", "none of it", "nothing", "whole"] {
        let size = if name == "none of it" || name == "nothing" { 0 } else { 10 };
        Talk::new(name, &ours, size, &log).recv_from(logged);
    }
    for text in ["", "lost", "", "whole"] {
        peer.send_to(text.as_bytes(), at).unwrap();
    }
    assert_eq!(log.wait(4), ["empty:", "none of it!10040", "nothing:", "whole:whole"]);
}

#[test]
fn a_connected_socket_needs_no_address_and_hears_its_peer_only() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let log = Log::default();
    Talk::of("too early", &ours, b"x".to_vec(), &log).send(.., support::sent);
    // Wine gives the code for a bad state.
    assert_eq!(log.wait(1), [if support::is_wine() { "too early!10022" } else { "too early!10057" }]);

    let to = peer.local_addr().unwrap();
    let issued = Overlapped::new((ours.clone(), log.clone())).connect(
        to,
        |(socket, _)| socket,
        |session, done| session.1.add(format!("connected {}", done.is_ok())),
    );
    assert!(!issued.is_pending());
    assert_eq!(log.wait(1), ["connected true"]);
    assert_eq!(ours.peer_addr().unwrap(), to);
    Talk::of("a", &ours, b"conn".to_vec(), &log).send(.., support::sent);
    assert_eq!(log.wait(1), ["a+4"]);
    let mut buffer = [0; 10];
    assert_eq!(peer.recv(&mut buffer).unwrap(), 4);

    let stranger = UdpSocket::bind(support::loopback()).unwrap();
    Talk::new("a", &ours, 10, &log).recv(support::logged);
    stranger.send_to(b"stranger", ours.local_addr().unwrap()).unwrap();
    peer.send_to(b"peer", ours.local_addr().unwrap()).unwrap();
    assert_eq!(log.wait(1), ["a:peer"]);
}

#[test]
fn an_unbound_socket_sends_before_it_receives() {
    let _watch = support::driver();
    let (_, peer) = ports();
    let ours = Socket::udp_unbound(&support::loopback()).unwrap();
    let event = Event::manual();
    let (_, done) = Conn::new(&ours, 10).recv_from_event(&event).finish();
    assert_eq!(support::code(&done), codes::WSAEINVAL);

    let (conn, done) = Conn::of(&ours, b"me".to_vec()).send_to_event(.., peer.local_addr().unwrap(), &event).finish();
    assert_eq!(done.unwrap().bytes, 2);
    let pending = conn.recv_from_event(&event);
    let (_, from) = peer.recv_from(&mut [0; 10]).unwrap();
    peer.send_to(b"ok", from).unwrap();
    assert_eq!(pending.finish().1.unwrap().bytes, 2);
}

#[test]
fn a_connect_that_fails_leaves_it_unbound() {
    let _watch = support::driver();
    let ours = Socket::udp_unbound(&support::loopback()).unwrap();
    let event = Event::manual();
    let (_, done) = Overlapped::new(ours.clone()).connect_event(support::loopback(), &event, |socket| socket).finish();
    assert_eq!(support::code(&done), codes::WSAEADDRNOTAVAIL);
    assert_eq!(support::code(&Conn::new(&ours, 10).recv_event(&event).finish().1), codes::WSAEINVAL);
}

#[test]
fn more_buffers_than_a_datagram_may_have() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let to = peer.local_addr().unwrap();
    let event = Event::manual();
    let many = |count: usize| Overlapped::new((ours.clone(), vec![[b'x']; count]));
    let send = |count| {
        let pending = many(count).send_gather_event(&event, move |(socket, buffers)| gathered(socket, buffers, to));
        support::code(&pending.finish().1)
    };
    assert_eq!((send(1024), send(1025)), (0, codes::WSAENOBUFS));
    assert_eq!(peer.recv(&mut [0; 2000]).unwrap(), 1024);
    peer.send_to(b"all", ours.local_addr().unwrap()).unwrap();
    let receive = |count| {
        let pending = many(count).recv_from_event_with(&event, |(socket, buffers)| scattered(socket, buffers));
        support::code(&pending.finish().1)
    };
    assert_eq!((receive(1025), receive(1024)), (codes::WSAENOBUFS, 0));
}

#[test]
fn an_unbound_socket_is_bound_once() {
    let _watch = support::driver();
    let ours = Socket::udp_unbound(&support::loopback()).unwrap();
    ours.bind(support::loopback()).unwrap();
    assert_ne!(ours.local_addr().unwrap().port(), 0);
    assert_eq!(support::code(&ours.bind(support::loopback())), codes::WSAEINVAL);
    let taken = Socket::udp_unbound(&support::loopback()).unwrap();
    assert_eq!(support::code(&taken.bind(ours.local_addr().unwrap())), codes::WSAEADDRINUSE);
    assert_eq!(support::code(&Socket::udp(ours.local_addr().unwrap())), codes::WSAEADDRINUSE);
}

#[test]
fn sends_that_cannot_be() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let log = Log::default();
    let to = peer.local_addr().unwrap();
    let everybody = SocketAddr::from(([255, 255, 255, 255], to.port()));
    Talk::of("broadcast", &ours, b"x".to_vec(), &log).send_to(.., everybody, support::sent);
    Talk::of("too long", &ours, vec![0; 70_000], &log).send_to(.., to, support::sent);
    ours.close();
    Talk::of("closed", &ours, b"x".to_vec(), &log).send_to(.., to, support::sent);
    assert_eq!(log.wait(3), ["broadcast!10013", "too long!10040", "closed!10038"]);
}

#[test]
fn a_stream_has_no_sender() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let (_, done) = Conn::new(&socket, 10).recv_from_event(&Event::manual()).finish();
    assert_eq!(support::code(&done), codes::WSAEOPNOTSUPP);
}

#[test]
fn cancel_and_close_end_a_receive_and_lose_no_datagram() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let event = Event::manual();
    let pending = Conn::new(&ours, 10).recv_from_event(&event);
    pending.cancel().unwrap();
    assert_eq!(support::code(&pending.finish().1), codes::WSA_OPERATION_ABORTED);
    peer.send_to(b"kept", ours.local_addr().unwrap()).unwrap();
    let (conn, done) = Conn::new(&ours, 10).recv_from_event(&event).finish();
    assert_eq!(told(&conn.buffer, &done), ":kept");

    let log = Log::default();
    Talk::new("a", &ours, 10, &log).recv_from(logged);
    drop(Conn::new(&ours, 10).recv_from_event(&event));
    ours.close();
    assert_eq!(log.wait(1), ["a!995"]);
    assert_eq!(support::code(&ours.shutdown(Shutdown::Both)), codes::WSAENOTSOCK);
}

#[test]
fn a_datagram_that_nobody_takes_does_not_end_the_socket() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    // Not one that was free a moment ago: another test may have it by now.
    let gone = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let event = Event::manual();
    let connect = |to| {
        let connected = Event::manual();
        let pending = Overlapped::new(ours.clone()).connect_event(to, &connected, |socket| socket);
        pending.finish().1.unwrap();
    };
    connect(gone);
    for _ in 0..3 {
        let (_, sent) = Conn::of(&ours, b"anybody?".to_vec()).send_event(.., &event).finish();
        assert_eq!(sent.unwrap().bytes, 8);
    }
    // Whether and when the answer comes is the system's affair; it is one error, then things go on.
    connect(peer.local_addr().unwrap());
    peer.send_to(b"still here", ours.local_addr().unwrap()).unwrap();
    let mut received = support::outcome(Conn::new(&ours, 20).recv_event(&event).finish());
    while received == "!10054" {
        received = support::outcome(Conn::new(&ours, 20).recv_event(&event).finish());
    }
    assert_eq!(received, ":still here");
}

#[test]
fn given_datagrams_go_where_they_should() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let other = UdpSocket::bind(support::loopback()).unwrap();
    ours.give_to("one", peer.local_addr().unwrap()).unwrap();
    ours.give_to(b"two".to_vec(), other.local_addr().unwrap()).unwrap();
    let mut buffer = [0; 10];
    for (end, text) in [(&peer, "one"), (&other, "two")] {
        let (bytes, from) = end.recv_from(&mut buffer).unwrap();
        assert_eq!((&buffer[..bytes], from), (text.as_bytes(), ours.local_addr().unwrap()));
    }
    let error = ours.give_to(vec![0; 70_000], peer.local_addr().unwrap()).unwrap_err();
    assert_eq!(error.code(), codes::WSAEMSGSIZE);
}

/// A session that answers each datagram until it has seen enough.
fn echo(talk: Overlapped<Talk>, done: Result<Datagram>) {
    let datagram = done.unwrap();
    talk.log.add("");
    if talk.log.len() < 1000 {
        talk.send_to(..datagram.bytes, datagram.from, again);
    }
}

fn again(talk: Overlapped<Talk>, done: Result<Completion>) {
    assert_eq!(done.unwrap().bytes, 4);
    talk.recv_from(echo);
}

#[test]
fn back_and_forth_many_times() {
    let _watch = support::driver();
    let (left, right) = (Socket::udp(support::loopback()).unwrap(), Socket::udp(support::loopback()).unwrap());
    let log = Log::default();
    for socket in [&left, &right] {
        Talk::new("", socket, 4, &log).recv_from(echo);
    }
    left.give_to("ball", right.local_addr().unwrap()).unwrap();
    support::run_until(|| log.len() == 1000);
}

#[test]
fn conversions_keep_what_a_socket_is() {
    let _watch = support::driver();
    let (ours, peer) = ports();
    let at = ours.local_addr().unwrap();
    let plain = UdpSocket::try_from(ours).unwrap();
    peer.send_to(b"plain", at).unwrap();
    assert_eq!(plain.recv(&mut [0; 10]).unwrap(), 5);
    let ours = Socket::from(plain);
    let log = Log::default();
    Talk::new("a", &ours, 2, &log).recv_from(logged);
    peer.send_to(b"long", at).unwrap();
    alertable::sleep(None).unwrap();
    assert_eq!(log.take(), ["a!10040"]);
}
