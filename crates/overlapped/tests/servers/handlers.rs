//! What a handler may count on.

use super::clients::{LONG, Seen, client, connect, echo, exchange, next_but_messages, nothing, read_all, serve, until};
use overlapped::codes;
use overlapped::server::{Framing, Handler, Message, Model, Packet, Reason, Sent, Server, Session};
use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

on_every_model!(
    a_panic_ends_its_session_alone,
    any_thread_can_send,
    calls_of_a_session_do_not_overlap,
    a_session_is_closed_with_the_reason_that_was_given,
    a_reset_is_told,
    counters_count,
    a_panic_of_the_factory_costs_the_connection
);

fn a_panic_ends_its_session_alone(model: Model) {
    let act = |session: &Session, message: Message<'_>| {
        echo(session, message);
        assert!(!message.starts_with(b"panic"), "a handler that panics");
    };
    let (server, told) = serve(model, act, |server| server.threads(1));
    let (mut other, _) = connect(&server, &told);
    let (mut client, session) = connect(&server, &told);
    client.write_all(b"panic").unwrap();
    assert_eq!(read_all(&mut client), b"panic");
    drop(client);
    assert_eq!(next_but_messages(&told), Seen::Closed(session.id(), Reason::Panicked));
    exchange(&mut other, b"still here");
    let counters = server.handle().counters();
    assert_eq!((counters.panics, counters.ended["panicked"], counters.sessions), (1, 1, 1));
}

fn any_thread_can_send(model: Model) {
    let (server, told) = serve(model, nothing, |server| server);
    let (mut client, session) = connect(&server, &told);
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let (session, handle) = (session.clone(), server.handle());
            thread::spawn(move || {
                for number in 0..500 {
                    let letter = vec![b'a' + thread];
                    let sent = if number % 2 == 0 {
                        session.send(letter)
                    } else {
                        handle.send(session.id(), Packet::new(0, letter))
                    };
                    assert_eq!(sent, Sent::Queued);
                }
            })
        })
        .collect();
    let mut read = vec![0; 2000];
    client.read_exact(&mut read).unwrap();
    for letter in b'a'..b'e' {
        assert_eq!(read.iter().filter(|read| **read == letter).count(), 500);
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(server.handle().send(session.id() + 1, "nobody"), Sent::Closed);
}

/// Notes whether it is called while it is.
struct Alone {
    inside: Arc<AtomicBool>,
    overlaps: Arc<AtomicUsize>,
    over: mpsc::Sender<u64>,
    seen: u64,
}

impl Alone {
    fn call(&self) {
        if self.inside.swap(true, Ordering::SeqCst) {
            self.overlaps.fetch_add(1, Ordering::SeqCst);
        }
        thread::yield_now();
        self.inside.store(false, Ordering::SeqCst);
    }
}

impl Handler for Alone {
    fn connected(&mut self, _session: &Session) {
        self.call();
    }

    fn received(&mut self, session: &Session, message: Message<'_>) {
        self.call();
        self.seen += message.len() as u64;
        session.send_copy(0, &message);
    }

    fn closed(&mut self, _session: &Session, _reason: &Reason) {
        self.call();
        let _ = self.over.send(self.seen);
    }
}

fn calls_of_a_session_do_not_overlap(model: Model) {
    let overlaps = Arc::new(AtomicUsize::new(0));
    let (over, ends) = mpsc::channel();
    let server = Server::builder("127.0.0.1:0").model(model).threads(3).acceptors(2);
    let server = server
        .start({
            let overlaps = Arc::clone(&overlaps);
            move || Alone { inside: Arc::default(), overlaps: Arc::clone(&overlaps), over: over.clone(), seen: 0 }
        })
        .unwrap();
    let address = server.address();
    let clients: Vec<_> = (0..6)
        .map(|_| {
            let handle = server.handle();
            thread::spawn(move || {
                let mut client = client(address);
                let mut answers = client.try_clone().unwrap();
                let reader = thread::spawn(move || answers.read_exact(&mut [0; 200]).unwrap());
                for _ in 0..200 {
                    client.write_all(b"x").unwrap();
                    handle.sessions();
                }
                reader.join().unwrap();
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    assert_eq!(ends.iter().take(6).collect::<Vec<_>>(), [200; 6]);
    assert_eq!(overlaps.load(Ordering::SeqCst), 0);
}

fn a_session_is_closed_with_the_reason_that_was_given(model: Model) {
    let (server, told) = serve(model, nothing, |server| server.linger(LONG));
    let (mut client, session) = connect(&server, &told);
    session.send("last words");
    assert!(server.handle().close(session.id(), "for the test"));
    session.close("too late");
    assert_eq!(session.send("nothing more"), Sent::Closed);
    assert_eq!(read_all(&mut client), b"last words");
    drop(client);
    assert_eq!(told.recv().unwrap(), Seen::Closed(session.id(), Reason::from("for the test")));
    assert!(!server.handle().close(session.id(), "again"));

    let (mut client, session) = connect(&server, &told);
    session.abort("at once");
    assert_eq!(told.recv().unwrap(), Seen::Closed(session.id(), Reason::from("at once")));
    assert!(matches!(client.read(&mut [0; 8]), Ok(0) | Err(_)));
}

fn a_reset_is_told(model: Model) {
    let (server, told) = serve(model, echo, |server| server);
    let (mut client, session) = connect(&server, &told);
    exchange(&mut client, b"hello");
    super::support::reset(client);
    let seen = next_but_messages(&told);
    if seen == Seen::Closed(session.id(), Reason::Ended) {
        // Wine takes a reset for the end of the stream, unless a receive is pending: the answer comes before the next.
        return assert!(super::support::is_wine(), "a reset is no end");
    }
    let Seen::Closed(id, Reason::Failed(error)) = seen else { panic!("{seen:?} is no failure") };
    assert_eq!((id, error.code()), (session.id(), codes::WSAECONNRESET));
    assert_eq!(server.handle().counters().ended["WSAECONNRESET"], 1);
}

fn counters_count(model: Model) {
    let framing = Framing::packets();
    let (server, told) = serve(model, echo, |server| server.framing(framing));
    let handle = server.handle();
    let (mut client, session) = connect(&server, &told);
    for _ in 0..10 {
        exchange(&mut client, b"\x06\0\x01\0hi");
    }
    // Ten receives and the accept, which are counted when the wait is over in which they ran. What the system takes at once
    // of a send needs no operation.
    let routines = if model == Model::Callback { 11 } else { 0 };
    let counters = until(&handle, |counters| counters.messages_out == 10 && counters.routines >= routines);
    assert_eq!((counters.sessions, counters.accepted, counters.messages_in), (1, 1, 10));
    assert_eq!((counters.bytes_in, counters.bytes_out, counters.queued), (60, 60, 0));
    assert!(counters.waits > 0);
    assert!(model == Model::Callback || counters.routines == 0, "{counters:?}");
    drop(client);
    assert_eq!(next_but_messages(&told), Seen::Closed(session.id(), Reason::Ended));
    assert_eq!(until(&handle, |counters| counters.sessions == 0).ended["ended"], 1);
}

fn a_panic_of_the_factory_costs_the_connection(model: Model) {
    struct Picky;
    impl Handler for Picky {
        fn received(&mut self, session: &Session, message: Message<'_>) {
            echo(session, message);
        }
    }
    let first = AtomicBool::new(true);
    let server = Server::builder("127.0.0.1:0").model(model);
    let server = server
        .start(move || {
            assert!(!first.swap(false, Ordering::SeqCst), "a factory that panics");
            Picky
        })
        .unwrap();
    assert!(matches!(client(server.address()).read(&mut [0; 8]), Ok(0) | Err(_)));
    exchange(&mut client(server.address()), b"the next");
    assert_eq!(server.drain(LONG).unwrap().cut, 0);
}
