//! What is sent comes back, byte for byte.

use super::clients::{Reader, Seen, client, connect, echo, exchange, narrow_client, nothing, read_all, serve, until};
use overlapped::server::{Framing, Model, Overflow, Reason};
use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

on_every_model!(
    every_byte_comes_back,
    packets_come_back_however_they_were_split,
    what_a_client_sends_ahead_is_answered_together,
    who_sends_far_ahead_is_served,
    a_half_closed_client_gets_all_its_answers,
    a_client_that_reads_late_holds_up_only_itself,
    several_addresses_are_served
);

fn pattern(seed: usize, bytes: usize) -> Vec<u8> {
    (0..bytes).map(|place| (place * 31 + seed * 17 + place / 251) as u8).collect()
}

fn every_byte_comes_back(model: Model) {
    let (server, _told) = serve(model, echo, |server| server.acceptors(2));
    let address = server.address();
    let clients = (0..8).map(|seed| {
        thread::spawn(move || {
            let mut client = client(address);
            let sent = pattern(seed, 100_000);
            let mut answers = client.try_clone().unwrap();
            let reader = thread::spawn(move || {
                let mut read = vec![0; 100_000];
                answers.read_exact(&mut read).unwrap();
                read
            });
            for part in sent.chunks(100 + seed * 700) {
                client.write_all(part).unwrap();
            }
            assert!(reader.join().unwrap() == sent, "client {seed}");
        })
    });
    clients.collect::<Vec<_>>().into_iter().for_each(|client| client.join().unwrap());
    let counters = server.handle().counters();
    assert_eq!((counters.bytes_in, counters.accepted), (800_000, 8));
    server.drain(Duration::from_secs(60)).unwrap();
}

fn packets_come_back_however_they_were_split(model: Model) {
    for framing in [Framing::packets(), Framing::prefixed().wide().big_endian()] {
        let (server, told) = serve(model, echo, |server| server.framing(framing).buffer(64));
        let (mut client, _session) = connect(&server, &told);
        let mut reader = Reader::new(&client, framing);
        let messages: Vec<_> = (0..40).map(|number: usize| pattern(number, number * number * 5)).collect();
        let mut stream = Vec::new();
        for (id, message) in (0..).zip(&messages) {
            framing.encode(id, message, &mut stream).unwrap();
        }
        let writer = thread::spawn(move || {
            stream.chunks(611).for_each(|part| client.write_all(part).unwrap());
            client
        });
        for (id, message) in (0..).zip(&messages) {
            let id = if framing.has_id() { id } else { 0 };
            assert_eq!(reader.next(), Some((id, message.clone())));
        }
        drop(writer.join().unwrap());
        drop(server);
    }
}

/// It is more than the receive buffer holds, and there when the session is first heard. A thread of messages is told of each
/// receive that leaves something, so it makes one for each.
fn what_a_client_sends_ahead_is_answered_together(model: Model) {
    let (server, told) = serve(model, echo, |server| server.buffer(100));
    let (mut client, _session) = connect(&server, &told);
    let sent = pattern(5, 800);
    client.write_all(&sent).unwrap();
    let mut answer = vec![0; 800];
    client.read_exact(&mut answer).unwrap();
    assert!(answer == sent);
    let counters = until(&server.handle(), |counters| counters.bytes_out == 800);
    assert_eq!((counters.messages_in, counters.sends), (8, if model == Model::AsyncSelect { 8 } else { 1 }));
}

/// Answers that wait meanwhile must not come to their bound, which would end the session. The system has room for all of them.
fn who_sends_far_ahead_is_served(model: Model) {
    let (server, told) = serve(model, echo, |server| server.buffer(1000).queue_limit(8000, Overflow::Close));
    let (mut client, _session) = connect(&server, &told);
    let sent = pattern(6, 32_000);
    client.write_all(&sent).unwrap();
    let mut answer = vec![0; 32_000];
    client.read_exact(&mut answer).unwrap();
    assert!(answer == sent);
}

fn a_half_closed_client_gets_all_its_answers(model: Model) {
    let (server, told) = serve(model, echo, |server| server);
    let (mut client, session) = connect(&server, &told);
    let sent = pattern(3, 50_000);
    client.write_all(&sent).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert!(read_all(&mut client) == sent);
    let closed = told.iter().find(|seen| matches!(seen, Seen::Closed(..)));
    assert_eq!(closed, Some(Seen::Closed(session.id(), Reason::Ended)));
}

fn a_client_that_reads_late_holds_up_only_itself(model: Model) {
    let limit = 256 << 10;
    let (server, told) = serve(model, echo, |server| server.threads(1).pause_above(limit / 4));
    let (late, session) = narrow_client(&server, &told);
    let (mut other, _) = connect(&server, &told);
    let part = pattern(1, 10_000);
    let enough = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut parts = 0;
            while !enough.load(Ordering::SeqCst) {
                (&late).write_all(&part).unwrap();
                parts += 1;
            }
            late.shutdown(Shutdown::Write).unwrap();
            parts
        });
        while session.queued_bytes() <= limit / 4 {
            thread::yield_now();
        }
        enough.store(true, Ordering::SeqCst);
        exchange(&mut other, b"not held up");
        assert!(session.queued_bytes() <= limit);
        let mut read = Vec::new();
        (&late).read_to_end(&mut read).unwrap();
        assert!(read == part.repeat(writer.join().unwrap()));
    });
}

fn several_addresses_are_served(model: Model) {
    let (server, told) = serve(model, nothing, |server| server.also_at("127.0.0.1:0").acceptors(2));
    let [first, second] = server.addresses() else { panic!("two addresses") };
    assert_ne!(first, second);
    for address in [first, second] {
        let client = client(*address);
        let Seen::Connected(id) = told.recv().unwrap() else { panic!("something else happened") };
        assert_eq!(server.handle().session(id).unwrap().peer_addr(), client.local_addr().unwrap());
        drop(client);
        assert_eq!(told.recv().unwrap(), Seen::Closed(id, Reason::Ended));
    }
}
