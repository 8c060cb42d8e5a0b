//! Echo: clients of both kinds, and servers of both kinds.

use super::{Conn, bytes, conn, connect, listen, persist, receive, refused, send};
use overlapped::{Completion, Event, Overlapped, Pending, Result, Session, Socket, Waited, alertable, wait};
use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread;

const CLIENTS: usize = 3;
const MESSAGES: usize = 12;

/// Clients on a thread each, of both kinds, and a server.
pub(super) fn run(serve: fn(Socket, Event)) {
    let (listener, at) = listen();
    let end = Event::manual();
    thread::scope(|scope| {
        let (server, over) = (listener.clone(), end.clone());
        scope.spawn(move || serve(server, over));
        let clients = (0..CLIENTS).map(|client| {
            let talk = if client % 2 == 0 { talk_with_events } else { talk_with_routines };
            scope.spawn(move || talk(at, client))
        });
        for client in clients.collect::<Vec<_>>() {
            client.join().expect("a client");
        }
        end.set();
    });
}

/// How long a message is.
fn length(client: usize, number: usize) -> usize {
    1 + (client * 1009 + number * 3001) % 9000
}

fn talk_with_events(at: SocketAddr, client: usize) {
    let socket = connect(at);
    for number in 0..MESSAGES {
        let message = bytes(client, number, length(client, number));
        send(&socket, message.clone());
        let mut echo = Vec::new();
        while echo.len() < message.len() {
            let part = receive(&socket, message.len() - echo.len());
            assert!(!part.is_empty(), "the end of the stream in message {number}");
            echo.extend(part);
        }
        assert!(echo == message, "client {client}, message {number}");
    }
}

struct Talk {
    conn: Conn,
    client: usize,
    number: usize,
    got: usize,
    over: Rc<Cell<bool>>,
}

impl Session for Talk {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.conn.socket, &mut self.conn.buffer[self.got..])
    }
}

fn talk_with_routines(at: SocketAddr, client: usize) {
    let over = Rc::new(Cell::new(false));
    let socket = connect_with_routine(at);
    say(Overlapped::new(Talk {
        conn: Conn { socket, buffer: Vec::new() },
        client,
        number: 0,
        got: 0,
        over: Rc::clone(&over),
    }));
    while !over.get() {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
}

fn connect_with_routine(at: SocketAddr) -> Socket {
    type Place = (Socket, Rc<Cell<Option<Result<()>>>>);
    loop {
        let outcome = Rc::new(Cell::new(None));
        let socket = persist(|| Socket::tcp(&at));
        let place: Place = (socket.clone(), Rc::clone(&outcome));
        Overlapped::new(place).connect(at, |place| &place.0, |place, done| place.1.set(Some(done)));
        let done = loop {
            if let Some(done) = outcome.take() {
                break done;
            }
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        };
        match done {
            Ok(()) => return socket,
            Err(error) => refused(&error),
        }
    }
}

fn say(mut talk: Overlapped<Talk>) {
    talk.got = 0;
    talk.conn.buffer = bytes(talk.client, talk.number, length(talk.client, talk.number));
    talk.send(.., said);
}

fn said(mut talk: Overlapped<Talk>, done: Result<Completion>) {
    match done {
        Ok(done) => {
            assert_eq!(done.bytes, talk.conn.buffer.len());
            talk.conn.buffer.fill(0);
            talk.recv(heard);
        }
        Err(error) => {
            refused(&error);
            say(talk);
        }
    }
}

fn heard(mut talk: Overlapped<Talk>, done: Result<Completion>) {
    match done {
        Ok(done) => {
            assert!(done.bytes > 0, "the end of the stream in message {}", talk.number);
            talk.got += done.bytes;
        }
        Err(error) => refused(&error),
    }
    if talk.got < talk.conn.buffer.len() {
        talk.recv(heard);
        return;
    }
    assert!(talk.conn.buffer == bytes(talk.client, talk.number, talk.got), "message {}", talk.number);
    talk.number += 1;
    if talk.number < MESSAGES {
        say(talk);
    } else {
        talk.over.set(true);
    }
}

pub(super) fn with_routines(listener: Socket, end: Event) {
    Overlapped::new(listener).accept(|listener| listener, accepted);
    while alertable::one(&end, None).unwrap() == Waited::Routines {}
}

fn accepted(listener: Overlapped<Socket>, client: Result<Socket>) {
    match client {
        Ok(socket) => drop(conn(&socket, vec![0; SIZE]).recv(received)),
        Err(error) => refused(&error),
    }
    listener.accept(|listener| listener, accepted);
}

const SIZE: usize = 2000;

fn received(mut conn: Overlapped<Conn>, done: Result<Completion>) {
    match done {
        Ok(done) if done.bytes > 0 => {
            conn.buffer.truncate(done.bytes);
            conn.send(.., echoed);
        }
        Ok(_) => {}
        Err(error) => {
            refused(&error);
            conn.recv(received);
        }
    }
}

fn echoed(mut conn: Overlapped<Conn>, done: Result<Completion>) {
    match done {
        Ok(_) => {
            conn.buffer.resize(SIZE, 0);
            conn.recv(received);
        }
        Err(error) => {
            refused(&error);
            conn.send(.., echoed);
        }
    }
}

pub(super) fn with_events(listener: Socket, end: Event) {
    let accepting = Event::auto();
    let mut accept = Some(Overlapped::new(listener).accept_event(&accepting, |listener| listener));
    let mut sessions: Vec<(Event, Option<Pending<Conn>>)> = Vec::new();
    loop {
        let mut objects: Vec<&dyn overlapped::Waitable> = vec![&end, &accepting];
        objects.extend(sessions.iter().map(|(event, _)| event as &dyn overlapped::Waitable));
        match wait::any(&objects, None).unwrap() {
            Waited::Object(0) => return,
            Waited::Object(1) => {
                let (listener, client) = accept.take().expect("issued").finish();
                match client {
                    Ok(socket) => {
                        let event = Event::auto();
                        let pending = conn(&socket, vec![0; SIZE]).recv_event(&event);
                        sessions.push((event, Some(pending)));
                    }
                    Err(error) => refused(&error),
                }
                accept = Some(listener.accept_event(&accepting, |listener| listener));
            }
            Waited::Object(index) => {
                let (event, pending) = &mut sessions[index - 2];
                let (conn, done) = pending.take().expect("issued").finish();
                let bytes = done.inspect_err(refused).map(|done| done.bytes);
                match bytes {
                    Ok(0) => {
                        sessions.remove(index - 2);
                    }
                    Ok(bytes) => {
                        send(&conn.socket, conn.buffer[..bytes].to_vec());
                        *pending = Some(conn.recv_event(event));
                    }
                    Err(_) => *pending = Some(conn.recv_event(event)),
                }
            }
            other => panic!("{other:?}"),
        }
    }
}
