//! Accept, connect, receive and send, each by routine and by event, over both families.

use std::io::{Read, Write};
use std::net::TcpStream;

use overlapped::{Completion, Event, Overlapped, Result, Socket, Waited, wait};

use super::support::{self, Conn, Log, Talk};

struct Door {
    listener: Socket,
    log: Log,
}

fn accepted(door: Overlapped<Door>, client: Result<Socket>) {
    door.log.add("accepted");
    Talk::new("server", &client.expect("a connection"), 64, &door.log).recv(echo);
}

fn echo(talk: Overlapped<Talk>, done: Result<Completion>) {
    let bytes = done.expect("the message").bytes;
    talk.send(..bytes, support::sent);
}

fn connected(talk: Overlapped<Talk>, done: Result<()>) {
    done.expect("a connection");
    talk.log.add("connected");
    talk.send(.., greeted);
}

fn greeted(talk: Overlapped<Talk>, done: Result<Completion>) {
    assert_eq!(done.expect("sent").bytes, 5);
    talk.recv(support::logged);
}

#[test]
fn by_routine() {
    let _watch = support::driver();
    for ip in support::families() {
        let log = Log::default();
        let (listener, at) = support::listener(ip);
        Overlapped::new(Door { listener, log: log.clone() }).accept(|door| &door.listener, accepted);
        let client = Socket::tcp(&at).unwrap();
        Talk::of("client", &client, b"hello".to_vec(), &log).connect(at, |talk| &talk.socket, connected);
        let mut entries = log.wait(4);
        entries.sort();
        assert_eq!(entries, ["accepted", "client:hello", "connected", "server+5"]);
    }
}

#[test]
fn by_event() {
    let _watch = support::driver();
    for ip in support::families() {
        let (listener, at) = support::listener(ip);
        let (accepted, connected, event) = (Event::manual(), Event::manual(), Event::manual());
        let accept = Overlapped::new(listener).accept_event(&accepted, |listener| listener);
        let client = Socket::tcp(&at).unwrap();
        let connect = Conn::of(&client, b"hello".to_vec()).connect_event(at, &connected, |conn| &conn.socket);
        assert_eq!(wait::all(&[&accepted, &connected], None).unwrap(), Waited::Object(0));

        let (_listener, server) = accept.finish();
        let server = server.unwrap();
        let (conn, done) = connect.finish();
        done.unwrap();
        assert_eq!(client.peer_addr().unwrap(), at);
        assert_eq!(server.local_addr().unwrap(), at);
        assert_eq!(server.peer_addr().unwrap(), client.local_addr().unwrap());

        let send = conn.send_event(.., &event);
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert_eq!(send.finish().1.unwrap().bytes, 5);
        let receive = Conn::new(&server, 64).recv_event(&event);
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert_eq!(support::outcome(receive.finish()), ":hello");
    }
}

#[test]
fn any_part_of_the_buffer_can_be_sent_and_filled() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let (conn, done) = Conn::of(&socket, b"0123456789".to_vec()).send_event(2..5, &event).finish();
    assert_eq!(done.unwrap().bytes, 3);
    let (conn, done) = conn.send_event(8.., &event).finish();
    assert_eq!(done.unwrap().bytes, 2);
    let (conn, done) = conn.send_event_with(&event, |conn| (&conn.socket, &conn.buffer[..1])).finish();
    assert_eq!(done.unwrap().bytes, 1);
    let mut got = [0; 6];
    peer.read_exact(&mut got).unwrap();
    assert_eq!(&got, b"234890");

    peer.write_all(b"abc").unwrap();
    let receive = conn.recv_event_with(&event, |conn| (&conn.socket, &mut conn.buffer[4..7]));
    assert_eq!(receive.finish().0.buffer, b"0123abc789");
}

#[test]
fn routines_can_take_parts_too() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let talk = Talk::of("t", &socket, b"0123456789".to_vec(), &log);
    talk.send_with(|talk| (&talk.socket, &talk.buffer[3..6]), support::sent);
    assert_eq!(log.wait(1), ["t+3"]);
    peer.write_all(b"abcdef").unwrap();
    support::delivered(&peer);
    Talk::of("t", &socket, b"0123456789".to_vec(), &log).recv_with(
        |talk| (&talk.socket, &mut talk.buffer[8..]),
        |talk, done| {
            assert_eq!(done.unwrap().bytes, 2);
            talk.log.add(String::from_utf8_lossy(&talk.buffer));
        },
    );
    assert_eq!(log.wait(1), ["01234567ab"]);
}

#[test]
fn receives_of_one_thread_and_sends_of_another_share_a_socket() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let log = Log::default();
            Talk::of("s", &socket, b"ping".to_vec(), &log).send(.., support::sent);
            assert_eq!(log.wait(1), ["s+4"]);
        });
    });
    let mut got = [0; 4];
    peer.read_exact(&mut got).unwrap();
    peer.write_all(&got).unwrap();
    assert_eq!(log.wait(1), ["r:ping"]);
}

#[test]
fn several_accepts_complete_in_the_order_of_issue_each_with_its_own_connection() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let events = [Event::manual(), Event::manual(), Event::manual()];
    let accepts = events.each_ref().map(|event| Overlapped::new(listener.clone()).accept_event(event, |l| l));
    let mut peers = Vec::new();
    for (accept, event) in accepts.into_iter().zip(&events) {
        let mut peer = TcpStream::connect(at).unwrap();
        assert_eq!(wait::one(event, None).unwrap(), Waited::Object(0));
        let socket = accept.finish().1.unwrap();
        assert_eq!(socket.peer_addr().unwrap(), peer.local_addr().unwrap());
        socket.give(b"welcome").unwrap();
        let mut got = [0; 7];
        peer.read_exact(&mut got).unwrap();
        peers.push(peer);
    }
}
