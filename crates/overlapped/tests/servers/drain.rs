//! The end of a server.

use super::clients::{
    LONG, Seen, connect, echo, exchange, narrow_client, next_but_messages, nothing, read_all, serve, until,
};
use overlapped::server::{Model, Reason, Sent};
use std::io::Read;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

on_every_model!(
    what_is_queued_goes_out_before_the_end,
    the_deadline_cuts,
    a_handler_can_end_the_server,
    a_dropped_server_is_gone,
    a_server_without_sessions_ends_at_once
);

fn what_is_queued_goes_out_before_the_end(model: Model) {
    let (server, told) = serve(model, nothing, |server| server.queue_limit(1 << 20, Default::default()).linger(LONG));
    let (mut client, session) = narrow_client(&server, &told);
    assert!(session.send(vec![7; 600 << 10]).is_queued());
    assert!(session.send("the end").is_queued());
    let handle = server.handle();
    handle.drain(LONG);
    assert_eq!(session.send("too late"), Sent::Closed);
    let address = server.address();
    let ending = thread::spawn(move || server.join());
    let read = read_all(&mut client);
    assert!(read.len() == (600 << 10) + 7 && read.ends_with(b"the end"));
    drop(client);
    let drained = ending.join().unwrap().unwrap();
    assert_eq!((drained.sessions, drained.cut, drained.unsent), (1, 0, 0));
    assert_eq!(told.recv().unwrap(), Seen::Closed(session.id(), Reason::Drained));
    assert!(TcpStream::connect(address).is_err(), "nobody listens");
    assert_eq!((handle.counters().sessions, handle.sessions().len()), (0, 0));
}

fn the_deadline_cuts(model: Model) {
    let (server, told) = serve(model, nothing, |server| server.queue_limit(64 << 20, Default::default()).linger(LONG));
    let (mut stuck, session) = narrow_client(&server, &told);
    let (quick, _) = connect(&server, &told);
    assert!(session.send(vec![7; 32 << 20]).is_queued());
    let quick = thread::spawn(move || read_all(&mut { quick }));
    let drained = server.drain(Duration::from_millis(300)).unwrap();
    quick.join().unwrap();
    assert_eq!((drained.sessions, drained.cut), (2, 1));
    assert!(drained.unsent > 0);
    while !matches!(stuck.read(&mut [0; 65536]), Ok(0) | Err(_)) {}
}

fn a_handler_can_end_the_server(model: Model) {
    let end = |session: &overlapped::server::Session, message: overlapped::server::Message<'_>| {
        echo(session, message);
        session.server().drain(LONG);
    };
    let (server, told) = serve(model, end, |server| server.threads(3).acceptors(3));
    let (mut client, session) = connect(&server, &told);
    let (other, _) = connect(&server, &told);
    exchange(&mut client, b"end");
    drop((client, other));
    assert_eq!(server.join().unwrap().sessions, 2);
    assert_eq!(session.queued_bytes(), 0);
}

fn a_dropped_server_is_gone(model: Model) {
    let (server, told) = serve(model, nothing, |server| server);
    let (mut client, session) = narrow_client(&server, &told);
    session.send(vec![7; 500 << 10]);
    drop(server);
    assert!(matches!(next_but_messages(&told), Seen::Closed(_, Reason::Drained)));
    while !matches!(client.read(&mut [0; 65536]), Ok(0) | Err(_)) {}
}

fn a_server_without_sessions_ends_at_once(model: Model) {
    let (server, told) = serve(model, echo, |server| server.threads(3).acceptors(2));
    assert_eq!(server.drain(LONG).unwrap().sessions, 0);
    assert!(told.recv().is_err());
    let (server, told) = serve(model, echo, |server| server);
    let handle = server.handle();
    let (mut client, _) = connect(&server, &told);
    exchange(&mut client, b"hello");
    drop(client);
    until(&handle, |counters| counters.sessions == 0);
    assert_eq!(server.drain(LONG).unwrap().sessions, 0);
}
