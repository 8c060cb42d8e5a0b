//! One message to many.

use super::clients::{LONG, Reader, Seen, connect, nothing, serve};
use overlapped::server::{Framing, Model};
use std::io::Write;
use std::sync::Arc;
use std::thread;

on_every_model!(each_client_gets_the_messages_of_a_sender_in_order, groups_get_what_is_sent_to_them);

fn each_client_gets_the_messages_of_a_sender_in_order(model: Model) {
    const SENDERS: u16 = 3;
    const EACH: u32 = 300;
    let (server, told) = serve(model, nothing, |server| server.framing(Framing::packets()));
    let clients: Vec<_> = (0..10).map(|_| connect(&server, &told).0).collect();
    let senders = (0..SENDERS).map(|sender| {
        let handle = server.handle();
        thread::spawn(move || {
            for number in 0..EACH {
                let shared: Arc<[u8]> = Arc::from(number.to_le_bytes());
                assert_eq!(handle.broadcast((sender, shared)), 10);
            }
        })
    });
    let senders: Vec<_> = senders.collect();
    for client in &clients {
        let mut reader = Reader::new(client, Framing::packets());
        let mut next = [0; SENDERS as usize];
        for _ in 0..u32::from(SENDERS) * EACH {
            let (sender, number) = reader.next().expect("all messages");
            let next = &mut next[usize::from(sender)];
            assert_eq!(number, u32::to_le_bytes(*next));
            *next += 1;
        }
    }
    senders.into_iter().for_each(|sender| sender.join().unwrap());
    let counters = super::clients::until(&server.handle(), |counters| counters.messages_out == 9000);
    assert!(counters.sends < counters.messages_out, "what waits goes out together: {counters:?}");
    assert_eq!((counters.bytes_out, counters.queued), (9000 * 8, 0));
}

fn groups_get_what_is_sent_to_them(model: Model) {
    let act = |session: &overlapped::server::Session, message: overlapped::server::Message<'_>| match message.id() {
        1 => session.join(std::str::from_utf8(&message).unwrap()),
        2 => session.leave(std::str::from_utf8(&message).unwrap()),
        _ => {
            session.server().send_to_group_except("red", session.id(), (9, message.to_vec()));
        }
    };
    let (server, told) = serve(model, act, |server| server.framing(Framing::packets()));
    let handle = server.handle();
    let mut clients: Vec<_> = (0..3).map(|_| connect(&server, &told)).collect();
    let mut readers: Vec<_> = clients.iter().map(|(client, _)| Reader::new(client, Framing::packets())).collect();
    let mut say = |client: usize, id: u16, text: &[u8]| {
        let (stream, session) = &mut clients[client];
        let mut bytes = Vec::new();
        Framing::packets().encode(id, text, &mut bytes).unwrap();
        stream.write_all(&bytes).unwrap();
        assert_eq!(told.recv().unwrap(), Seen::Received(session.id(), id, text.to_vec()));
        while (id == 1) != session.groups().iter().any(|group| group.as_bytes() == text) && id < 3 {
            thread::yield_now();
        }
    };
    say(0, 1, b"red");
    say(1, 1, b"red");
    say(1, 1, b"blue");
    say(0, 3, b"hello"); // to all in red but itself
    assert_eq!(readers[1].next(), Some((9, b"hello".to_vec())));
    assert_eq!(handle.send_to_group("red", (4, "r")), 2);
    assert_eq!(handle.send_to_group("blue", (5, "b")), 1);
    assert_eq!(handle.send_to_group("green", (6, "g")), 0);
    assert_eq!(handle.group("red").len(), 2);
    say(1, 2, b"red");
    assert_eq!(handle.send_to_group("red", (7, "r")), 1);
    assert_eq!(handle.broadcast_except(clients[2].1.id(), (8, "x")), 2);
    let mut ids = |client: usize| [(); 3].map(|()| readers[client].next().unwrap().0);
    assert_eq!(ids(0), [4, 7, 8]);
    assert_eq!(ids(1), [4, 5, 8]);
    drop(readers);
    let gone = clients.remove(0).1;
    gone.close("bye");
    loop {
        if let Seen::Closed(id, _) = told.recv().unwrap() {
            assert_eq!(id, gone.id());
            break;
        }
    }
    assert_eq!(handle.send_to_group("red", "nobody"), 0);
    gone.join("red");
    assert_eq!((handle.group("red").len(), gone.groups().len()), (0, 0), "who has gone joins nothing");
    server.drain(LONG).unwrap();
}
