//! A client that does not read has a bounded queue, and nobody else is held up.

use super::clients::{Reader, Seen, connect, echo, exchange, narrow_client, next_but_messages, nothing, serve};
use overlapped::server::{Framing, Handler, Message, Model, Overflow, Reason, Sent, Server, Session};
use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;

on_every_model!(
    at_the_bound_the_session_ends,
    at_the_bound_the_newest_is_dropped,
    at_the_bound_the_handler_is_told,
    a_handler_that_is_told_may_send_again,
    what_the_system_has_of_a_message_waits_no_more
);

const LIMIT: usize = 64 << 10;

/// Sends numbered packets until the bound is hit; how many were queued.
fn fill(session: &Session) -> u32 {
    let mut queued = 0;
    loop {
        let mut packet = vec![7; 1000];
        packet[..4].copy_from_slice(&u32::to_le_bytes(queued));
        match session.send(packet) {
            Sent::Queued => queued += 1,
            full => {
                assert_eq!(full, Sent::Full);
                return queued;
            }
        }
        assert!(session.queued_bytes() <= LIMIT);
    }
}

fn at_the_bound_the_session_ends(model: Model) {
    let (server, told) = serve(model, echo, |server| server.queue_limit(LIMIT, Overflow::Close));
    let (mut client, session) = narrow_client(&server, &told);
    let (mut other, _) = connect(&server, &told);
    fill(&session);
    let Seen::Closed(id, Reason::Full { queued }) = next_but_messages(&told) else { panic!("not closed for that") };
    assert!(id == session.id() && queued <= LIMIT && queued > LIMIT - 1000, "{queued}");
    assert_eq!(session.send("more"), Sent::Closed);
    exchange(&mut other, b"still here");
    // It gets what the system had taken, and then an end or a reset.
    while !matches!(client.read(&mut [0; 4096]), Ok(0) | Err(_)) {}
    let counters = server.handle().counters();
    assert_eq!((counters.ended.get("full"), counters.dropped, counters.sessions), (Some(&1), 1, 1));
    assert!(counters.unsent > 0);
}

fn at_the_bound_the_newest_is_dropped(model: Model) {
    let framing = Framing::packets();
    let build = |server: overlapped::server::Builder| server.framing(framing).queue_limit(LIMIT, Overflow::DropNewest);
    let (server, told) = serve(model, nothing, build);
    let (client, session) = narrow_client(&server, &told);
    let queued = fill(&session);
    let mut reader = Reader::new(&client, framing);
    for number in 0..queued {
        assert_eq!(reader.next().unwrap().1[..4], u32::to_le_bytes(number));
    }
    while session.queued_bytes() > 0 {
        thread::yield_now();
    }
    assert!(session.send((5, "room again")).is_queued());
    assert_eq!(reader.next(), Some((5, b"room again".to_vec())));
    assert_eq!(server.handle().counters().dropped, 1);
}

fn at_the_bound_the_handler_is_told(model: Model) {
    let (server, told) = serve(model, echo, |server| server.queue_limit(LIMIT, Overflow::Tell));
    let (client, session) = narrow_client(&server, &told);
    for _ in 0..2 {
        fill(&session);
        assert_eq!(next_but_messages(&told), Seen::Full(session.id()), "while a send is in flight");
    }
    let (mut other, _) = connect(&server, &told);
    exchange(&mut other, b"still here");
    drop(client);
    assert!(matches!(next_but_messages(&told), Seen::Closed(id, _) if id == session.id()));
}

/// Answers that it is full with a message for which there is no room either.
struct Stubborn(mpsc::Sender<Sent>);

impl Handler for Stubborn {
    fn received(&mut self, session: &Session, message: Message<'_>) {
        echo(session, message);
    }

    fn full(&mut self, session: &Session) {
        let _ = self.0.send(session.send(vec![0; LIMIT]));
    }
}

fn a_handler_that_is_told_may_send_again(model: Model) {
    let (told, tells) = mpsc::channel();
    let server = Server::builder("127.0.0.1:0").model(model).queue_limit(LIMIT, Overflow::Tell);
    let server = server.start(move || Stubborn(told.clone())).unwrap();
    let _client = super::clients::client(server.address());
    let session = loop {
        if let [session] = &server.handle().sessions()[..] {
            break session.clone();
        }
    };
    let mut full = 0;
    while full < 3 {
        fill(&session);
        full += u32::from(tells.recv().unwrap() == Sent::Full);
    }
    // The thread that is told again and again serves others all the same.
    exchange(&mut super::clients::client(server.address()), b"hello");
}

/// More than the system takes for a client that does not read.
const MUCH: usize = 16 << 20;

/// Answers with much, which goes out at once as far as the system takes it.
fn say_much(session: &Session, _message: Message<'_>) {
    assert_eq!(session.send_copy(0, &vec![7; MUCH]), Sent::Queued);
    // Before anybody looks at the session.
    let queued = session.queued_bytes();
    assert!(0 < queued && queued < MUCH, "{queued}");
}

fn what_the_system_has_of_a_message_waits_no_more(model: Model) {
    let (server, told) = serve(model, say_much, |server| server.queue_limit(usize::MAX, Overflow::Close));
    let (handle, much) = (server.handle(), MUCH as u64);
    let mut clients = Vec::new();
    // From the handler, and from a thread that does not send itself.
    for asked in [true, false] {
        let (mut client, session) = narrow_client(&server, &told);
        if asked {
            client.write_all(b"?").unwrap();
        } else {
            assert!(session.send(vec![7; MUCH]).is_queued());
        }
        let part = |queued| 0 < queued && queued < MUCH;
        while !part(session.queued_bytes()) {
            thread::yield_now();
        }
        let counters = super::clients::until(&handle, |counters| counters.bytes_out % much > 0);
        assert!(counters.bytes_out / much == u64::from(!asked) && counters.messages_out == u64::from(!asked));
        let mut heard = vec![0; MUCH];
        client.read_exact(&mut heard).unwrap();
        assert!(heard.iter().all(|byte| *byte == 7));
        super::clients::until(&handle, |counters| counters.bytes_out == much * (1 + u64::from(!asked)));
        assert_eq!(session.queued_bytes(), 0);
        clients.push(client);
    }
    // What has gone of a message whose rest is dropped was sent.
    let (_client, session) = narrow_client(&server, &told);
    assert!(session.send(vec![7; MUCH]).is_queued());
    super::clients::until(&handle, |counters| counters.bytes_out > 2 * much);
    session.abort("enough");
    assert!(matches!(next_but_messages(&told), Seen::Closed(..)));
    let counters = super::clients::until(&handle, |counters| counters.sessions == 2);
    assert_eq!((counters.bytes_out + counters.unsent, counters.messages_out), (3 * much, 2));
}
