//! `select`, `WSAPoll` and calls that do not block (`10_select_poll`).

use std::io::Write;
use std::net::TcpStream;

use overlapped::readiness::{Events, PollEntry, SocketSet, poll, select};
use overlapped::{Event, Overlapped, Socket};

use super::super::support::{self, Conn};
use super::{LONG, NOW, SHORT, arrived};

fn set(sockets: &[&Socket]) -> SocketSet {
    let mut set = SocketSet::classic();
    for socket in sockets {
        set.insert(socket);
    }
    set
}

/// A connection whose ends are both ours, by calls that do not block, and the listener.
fn connected() -> (Socket, Socket, Socket) {
    let (listener, at) = support::listener(support::loopback().ip());
    assert_eq!(support::code(&listener.try_accept()), 10035);
    let mut clients = set(&[&listener]);
    assert_eq!(select(Some(&mut clients), None, None, NOW).unwrap(), 0);
    let client = Socket::tcp(&at).unwrap();
    assert_eq!(support::code(&client.try_connect(at)), 10035);
    assert_eq!(select(None, Some(&mut set(&[&client])), None, LONG).unwrap(), 1);
    assert_eq!(support::code(&client.try_connect(at)), 10056);
    assert_eq!(client.take_error().unwrap(), None);
    assert_eq!(select(Some(&mut clients), None, None, LONG).unwrap(), 1);
    (client, listener.try_accept().unwrap(), listener)
}

#[test]
fn the_set() {
    let _watch = support::driver();
    let (one, two) = Socket::pair().unwrap();
    let mut set = set(&[&one, &one, &two]);
    let in_order = |set: &SocketSet, expected: &[&Socket]| {
        let addresses = |socket: &Socket| format!("{socket:?}");
        set.iter().map(addresses).eq(expected.iter().map(|socket| addresses(socket)))
    };
    assert_eq!(set.len(), 2);
    assert!(in_order(&set, &[&one, &two]));
    set.remove(&one);
    assert!(in_order(&set, &[&two]));
    set.clear();
    for _ in 0..70 {
        set.insert(&Socket::udp(support::loopback()).unwrap());
    }
    assert_eq!(set.len(), 64);
}

#[test]
fn what_select_refuses() {
    let _watch = support::driver();
    assert_eq!(support::code(&select(None, None, None, NOW)), 10022);
    assert_eq!(support::code(&select(Some(&mut SocketSet::classic()), None, None, NOW)), 10022);
    let socket = Socket::tcp(&support::loopback()).unwrap();
    socket.close();
    assert_eq!(support::code(&select(Some(&mut set(&[&socket])), None, None, NOW)), 10038);
}

#[test]
fn a_select_that_finds_something_or_nothing() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (other, _other_peer) = support::pair();
    let (mut read, mut write) = (set(&[&other, &socket]), set(&[&socket]));
    assert_eq!(select(Some(&mut read), None, None, SHORT).unwrap(), 0);
    assert_eq!(read.ready().count(), 0);
    peer.write_all(b"abc").unwrap();
    assert_eq!(select(Some(&mut read), None, None, LONG).unwrap(), 1);
    assert_eq!(select(Some(&mut read), Some(&mut write), None, LONG).unwrap(), 2);
    assert!(read.ready().count() == 1 && read.is_ready(&socket) && !read.is_ready(&other));
    assert!(write.ready().count() == 1 && write.is_ready(&socket));
    let mut buffer = [0; 64];
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 3);
    assert_eq!(support::code(&socket.try_recv(&mut buffer)), 10035);
    // Operations pend all the same.
    let receive = Conn::new(&socket, 64).recv_event(&Event::manual());
    assert!(!receive.is_done());
    peer.write_all(b"p").unwrap();
    assert_eq!(support::outcome(receive.finish()), ":p");
    drop(peer);
    assert_eq!(select(Some(&mut read), None, None, LONG).unwrap(), 1);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 0);
}

#[test]
fn a_connect_that_succeeds() {
    let _watch = support::driver();
    let (_client, accepted, _listener) = connected();
    assert_eq!(support::code(&accepted.try_recv(&mut [0; 64])), 10035);
}

#[test]
fn a_connect_that_is_refused() {
    let _watch = support::driver();
    let nobody = Socket::tcp(&support::loopback()).unwrap();
    nobody.bind(support::loopback()).unwrap();
    let at = nobody.local_addr().unwrap();
    let client = Socket::tcp(&at).unwrap();
    assert_eq!(support::code(&client.try_connect(at)), 10035);
    let (mut write, mut except) = (set(&[&client]), set(&[&client]));
    assert_eq!(select(None, Some(&mut write), Some(&mut except), LONG).unwrap(), 1);
    assert!(!write.is_ready(&client) && except.is_ready(&client));
    assert_eq!(client.take_error().unwrap().map(|error| error.code()), Some(10061));
    let connect = Overlapped::new(Socket::tcp(&at).unwrap()).connect_event(at, &Event::manual(), |socket| socket);
    assert_eq!(support::code(&connect.finish().1), 10061);
}

#[test]
fn a_poll_that_finds_something_or_nothing() {
    let _watch = support::driver();
    assert_eq!(support::code(&poll(&mut [], NOW)), 10022);
    let (socket, mut peer) = support::pair();
    let entry = |events| [PollEntry::new(&socket, events)];
    let mut read = entry(Events::READ);
    peer.write_all(b"x").unwrap();
    assert_eq!(poll(&mut read, LONG).unwrap(), 1);
    socket.try_recv(&mut [0; 64]).unwrap();
    assert_eq!((poll(&mut read, SHORT).unwrap(), read[0].found()), (0, Events::NONE));
    let mut both = entry(Events::READ | Events::WRITE);
    assert_eq!((poll(&mut both, NOW).unwrap(), both[0].found()), (1, Events::WRITE));
    peer.write_all(b"d").unwrap();
    assert_eq!((poll(&mut read, LONG).unwrap(), read[0].found()), (1, Events::READ));
    socket.try_recv(&mut [0; 64]).unwrap();
    let closed = Socket::tcp(&support::loopback()).unwrap();
    closed.close();
    let mut mixed = [PollEntry::new(&socket, Events::READ), PollEntry::new(&closed, Events::READ)];
    assert_eq!((poll(&mut mixed, NOW).unwrap(), mixed[1].found()), (0, Events::INVALID));
    assert_eq!(support::code(&poll(&mut mixed[1..], NOW)), 10038);
}

#[test]
fn a_poll_of_a_listener_and_of_a_peer_that_closes() {
    let _watch = support::driver();
    let (client, accepted, listener) = connected();
    let mut clients = [PollEntry::new(&listener, Events::READ)];
    assert_eq!(poll(&mut clients, NOW).unwrap(), 0);
    let _second = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    assert_eq!((poll(&mut clients, LONG).unwrap(), clients[0].found()), (1, Events::READ));
    drop(client);
    let mut unasked = [PollEntry::new(&accepted, Events::WRITE)];
    while !unasked[0].found().contains(Events::HUNG_UP) {
        assert_eq!(poll(&mut unasked, LONG).unwrap(), 1);
    }
}

/// `06_buffers`.
#[test]
fn urgent_data_is_an_exception() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let mut except = set(&[&socket]);
    assert_eq!(select(None, None, Some(&mut except), NOW).unwrap(), 0);
    assert_eq!(socket2::SockRef::from(&peer).send_out_of_band(b"!").unwrap(), 1);
    assert_eq!(select(None, None, Some(&mut except), LONG).unwrap(), 1);
    let mut urgent = [PollEntry::new(&socket, Events::URGENT)];
    assert_eq!((poll(&mut urgent, LONG).unwrap(), urgent[0].found()), (1, Events::URGENT));
}

/// `06_buffers`.
#[test]
fn a_gather_send_that_is_not_overlapped() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let buffers = [b"ab".as_slice(), b"c", b"def"].map(std::io::IoSlice::new);
    assert_eq!(socket.try_send_vectored(&buffers).unwrap(), 6);
    arrived(&peer, 6);
}
