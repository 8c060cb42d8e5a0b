//! Network events that are recorded and signal an event (`09_eventselect`).

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use overlapped::network::{NetworkEvents, Recorded};
use overlapped::{Event, Overlapped, Socket, Waited, codes, wait};

use super::super::support::{self, Conn, code};
use super::{LONG, NOW, SHORT};

const READING: NetworkEvents = NetworkEvents::READ.union(NetworkEvents::CLOSE);
const TALKING: NetworkEvents = READING.union(NetworkEvents::WRITE);

/// Waits for the event, then enumerates.
fn recorded(socket: &Socket, event: &Event, timeout: Option<Duration>) -> Recorded {
    let _ = wait::one(event, timeout).unwrap();
    socket.network_events(Some(event)).unwrap()
}

#[track_caller]
fn expect(socket: &Socket, event: &Event, events: NetworkEvents) -> Recorded {
    let recorded = recorded(socket, event, LONG);
    assert_eq!(recorded.events(), events);
    recorded
}

#[track_caller]
fn expect_nothing(socket: &Socket, event: &Event) {
    assert_eq!(recorded(socket, event, SHORT).events(), NetworkEvents::NONE);
}

/// A socket whose first `WRITE` was enumerated.
fn selected(events: NetworkEvents) -> (Socket, TcpStream, Event) {
    let (socket, peer) = support::pair();
    let event = Event::manual();
    socket.select_events(&event, events).unwrap();
    if events.contains(NetworkEvents::WRITE) {
        expect(&socket, &event, NetworkEvents::WRITE);
    }
    (socket, peer, event)
}

#[test]
fn an_accepted_socket() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    socket.select_events(&event, TALKING).unwrap();
    expect(&socket, &event, NetworkEvents::WRITE);
    assert!(!event.is_set(), "enumerating resets the event");
    assert!(recorded(&socket, &event, NOW).is_empty(), "enumerating clears the record");
    assert_eq!(code(&socket.try_recv(&mut [0; 64])), codes::WSAEWOULDBLOCK);
    socket.select_events(&event, TALKING).unwrap();
    expect_nothing(&socket, &event);
    assert_eq!(socket.try_send(b"out").unwrap(), 3);
    peer.read_exact(&mut [0; 3]).unwrap();
    expect_nothing(&socket, &event);
}

#[test]
fn data() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(TALKING);
    let mut buffer = [0; 64];
    peer.write_all(b"abcdef").unwrap();
    let data = expect(&socket, &event, NetworkEvents::READ);
    assert_eq!(data.code(NetworkEvents::READ), 0);
    assert!(data.error(NetworkEvents::READ).is_none());
    expect_nothing(&socket, &event);
    assert_eq!(socket.try_recv(&mut buffer[..2]).unwrap(), 2);
    expect(&socket, &event, NetworkEvents::READ);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 4);
    expect_nothing(&socket, &event);
    peer.write_all(b"x").unwrap();
    expect(&socket, &event, NetworkEvents::READ);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 1);

    peer.write_all(b"y").unwrap();
    assert_eq!(wait::one(&event, LONG).unwrap(), Waited::Object(0));
    assert_eq!(socket.network_events(None).unwrap().events(), NetworkEvents::READ);
    assert!(event.is_set(), "an enumeration without the event leaves it");
    event.reset();
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 1);
    // An overlapped receive that takes the data leaves nothing to record.
    let receive = Conn::new(&socket, 64).recv_event(&Event::manual());
    peer.write_all(b"o").unwrap();
    assert_eq!(receive.finish().1.unwrap().bytes, 1);
    expect_nothing(&socket, &event);
}

#[test]
fn selecting_nothing_and_something_else() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(TALKING);
    let mut buffer = [0; 64];
    socket.select_nothing().unwrap();
    peer.write_all(b"z").unwrap();
    assert_eq!(wait::one(&event, Some(Duration::from_millis(60))).unwrap(), Waited::TimedOut);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 1);

    peer.write_all(b"q").unwrap();
    support::delivered(&peer);
    socket.select_events(&event, READING).unwrap();
    expect(&socket, &event, NetworkEvents::READ);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 1);
    socket.select_events(&event, NetworkEvents::CLOSE).unwrap();
    peer.write_all(b"r").unwrap();
    support::delivered(&peer);
    expect_nothing(&socket, &event);
    assert_eq!(socket.try_recv(&mut buffer).unwrap(), 1);
}

#[test]
fn the_peer_closes() {
    let _watch = support::driver();
    let (socket, peer, event) = selected(READING);
    drop(peer);
    let closed = expect(&socket, &event, NetworkEvents::CLOSE);
    assert_eq!(closed.code(NetworkEvents::CLOSE), 0);
    expect_nothing(&socket, &event);
    assert_eq!(socket.try_recv(&mut [0; 64]).unwrap(), 0);
    expect_nothing(&socket, &event);

    let (socket, peer, event) = selected(READING);
    peer.shutdown(Shutdown::Write).unwrap();
    expect(&socket, &event, NetworkEvents::CLOSE);

    let (socket, peer, event) = selected(READING);
    support::reset(peer);
    let closed = expect(&socket, &event, NetworkEvents::CLOSE);
    if !support::is_wine() {
        assert_eq!(closed.code(NetworkEvents::CLOSE), codes::WSAECONNABORTED);
        assert_eq!(closed.error(NetworkEvents::CLOSE).unwrap().code(), codes::WSAECONNABORTED);
    }

    let (socket, peer) = support::pair();
    peer.shutdown(Shutdown::Write).unwrap();
    let event = Event::manual();
    socket.select_events(&event, READING).unwrap();
    expect(&socket, &event, NetworkEvents::CLOSE);
}

#[test]
fn a_listener() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let event = Event::manual();
    listener.select_events(&event, TALKING | NetworkEvents::ACCEPT).unwrap();
    assert!(recorded(&listener, &event, NOW).is_empty());
    assert_eq!(code(&listener.try_accept()), codes::WSAEWOULDBLOCK);
    let mut clients = [(); 2].map(|()| TcpStream::connect(at).unwrap());
    expect(&listener, &event, NetworkEvents::ACCEPT);
    expect_nothing(&listener, &event);
    let accepted = listener.try_accept().unwrap();
    // One event is for both sockets, so it may have been signalled by the other one.
    let mut both = NetworkEvents::NONE;
    while !both.contains(NetworkEvents::ACCEPT) {
        both |= recorded(&listener, &event, LONG).events();
    }
    assert_eq!(both, NetworkEvents::ACCEPT);
    // That may have been what reset the event.
    let inherited = loop {
        let recorded = recorded(&accepted, &event, SHORT);
        if !recorded.is_empty() {
            break recorded;
        }
    };
    assert_eq!(inherited.events(), NetworkEvents::WRITE, "event and mask are inherited");
    assert_eq!(code(&accepted.try_recv(&mut [0; 64])), codes::WSAEWOULDBLOCK);
    clients[0].write_all(b"in").unwrap();
    expect(&accepted, &event, NetworkEvents::READ);
    drop(accepted);
    drop(listener.try_accept().unwrap());
    event.reset();
    expect_nothing(&listener, &event);
}

#[test]
fn a_connect() {
    let _watch = support::driver();
    let connecting = TALKING | NetworkEvents::CONNECT;
    let (listener, at) = support::listener(support::loopback().ip());
    let (client, event) = (Socket::tcp(&at).unwrap(), Event::manual());
    client.select_events(&event, connecting).unwrap();
    event.reset();
    assert_eq!(code(&client.try_connect(at)), codes::WSAEWOULDBLOCK);
    let mut seen = NetworkEvents::NONE;
    while !seen.contains(NetworkEvents::WRITE) {
        let recorded = recorded(&client, &event, LONG);
        assert_eq!(recorded.code(NetworkEvents::CONNECT), 0);
        seen |= recorded.events();
    }
    assert_eq!(seen, NetworkEvents::CONNECT | NetworkEvents::WRITE);
    drop((listener, client));

    let (client, event) = (Socket::tcp(&at).unwrap(), Event::manual());
    client.select_events(&event, connecting).unwrap();
    event.reset();
    assert_eq!(code(&client.try_connect(at)), codes::WSAEWOULDBLOCK);
    let refused = recorded(&client, &event, LONG);
    assert!(refused.contains(NetworkEvents::CONNECT) && !refused.contains(NetworkEvents::WRITE));
    assert_eq!(refused.code(NetworkEvents::CONNECT), codes::WSAECONNREFUSED);
}

#[test]
fn a_send_that_would_block() {
    let _watch = support::driver();
    let (socket, mut peer, event) = selected(NetworkEvents::WRITE);
    let big = vec![b'w'; 65536];
    let mut sent = 0;
    let full = loop {
        match socket.try_send(&big) {
            Ok(bytes) => sent += bytes,
            Err(error) => break error,
        }
    };
    assert!(full.is_would_block());
    let mut arrived = Vec::new();
    let mut part = vec![0; 65536];
    // What the system moves on by itself may make room.
    let nothing = recorded(&socket, &event, SHORT);
    while arrived.len() < sent {
        let bytes = peer.read(&mut part).unwrap();
        arrived.extend_from_slice(&part[..bytes]);
    }
    if nothing.is_empty() {
        expect(&socket, &event, NetworkEvents::WRITE);
    }
    assert!(arrived.len() == sent && arrived.iter().all(|byte| *byte == b'w'));
}

/// An accept that is an operation takes the connection, too.
#[test]
fn an_operation_that_takes_the_connection() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let event = Event::manual();
    listener.select_events(&event, NetworkEvents::ACCEPT).unwrap();
    let accept = Overlapped::new(listener.clone()).accept_event(&Event::manual(), |listener| listener);
    let _client = TcpStream::connect(at).unwrap();
    accept.finish().1.unwrap();
    expect_nothing(&listener, &event);
}

#[test]
fn a_closed_socket() {
    let _watch = support::driver();
    let (socket, _peer, event) = selected(TALKING);
    socket.close();
    assert_eq!(code(&socket.select_events(&event, READING)), codes::WSAENOTSOCK);
    assert_eq!(code(&socket.network_events(Some(&event))), codes::WSAENOTSOCK);
}
