//! `serve --mode broadcast`.

use crate::support::{On, Server, expect, expect_end, pattern};
use crate::system::on_all;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

on_all!(
    to_all_others,
    on_several_threads,
    who_does_not_read_is_closed,
    half_close_gets_what_is_queued,
    half_close_on_several_threads,
    a_stop_delivers_what_is_queued,
);

fn to_all_others(on: On) {
    let server = on.serve("broadcast", &[]);
    everyone_hears_everyone(&server.address, 5);
    let output = server.stop();
    assert!(output.summary().starts_with("served 5 clients: "), "{}", output.said);
    assert!(output.summary().ends_with("errors: none"), "{}", output.said);
}

fn on_several_threads(on: On) {
    let server = on.serve("broadcast", &["--threads", "3"]);
    everyone_hears_everyone(&server.address, 10);
    server.stop();
}

fn everyone_hears_everyone(address: &std::net::SocketAddr, count: usize) {
    let mut clients: Vec<TcpStream> = Vec::new();
    for _ in 0..count {
        let client = TcpStream::connect(address).expect("the server accepts");
        client.set_read_timeout(Some(crate::support::WATCHDOG)).expect("a timeout");
        clients.push(client);
    }
    meet(&mut clients);
    for sender in 0..count {
        let message = pattern(sender, 3, 100);
        clients[sender].write_all(&message).expect("the server reads");
        for (number, client) in clients.iter_mut().enumerate() {
            if number != sender {
                expect(client, &message);
            }
        }
    }
    // Nobody hears itself, and nobody hears anything twice.
    for client in &mut clients {
        client.set_read_timeout(Some(Duration::from_millis(1))).expect("a timeout");
        let error = client.read(&mut [0; 1]).expect_err("silence");
        assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    }
}

/// A client hears what is sent once the server has welcomed it: the first one calls until every other answers.
pub(crate) fn meet(clients: &mut [TcpStream]) {
    meet_with(clients, b"call", b"done");
}

pub(crate) fn meet_with(clients: &mut [TcpStream], call: &[u8; 4], done: &[u8; 4]) {
    let (first, others) = clients.split_first_mut().expect("a client");
    let mut calls = vec![0_usize; others.len()];
    let mut sent = 0;
    while calls.contains(&0) {
        first.write_all(call).expect("the server reads");
        sent += 1;
        for (other, calls) in others.iter_mut().zip(&mut calls) {
            other.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout");
            let mut heard = [0; 4];
            *calls += usize::from(other.read_exact(&mut heard).is_ok());
        }
    }
    // Once welcomed, each call is heard: how many are still to come follows from a last one that is marked.
    first.write_all(done).expect("the server reads");
    for other in others {
        other.set_read_timeout(Some(crate::support::WATCHDOG)).expect("a timeout");
        let mut heard = [0; 4];
        for _ in 0..=sent {
            other.read_exact(&mut heard).expect("a call");
            if &heard == done {
                break;
            }
        }
        assert_eq!(&heard, done);
    }
}

fn who_does_not_read_is_closed(on: On) {
    let server = on.serve("broadcast", &["--queue", "256K"]);
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    meet(&mut clients);
    let [mut sender, mut reader, mut sleeper] = <[TcpStream; 3]>::try_from(clients).expect("three");
    let address = sleeper.local_addr().expect("an address");
    // The reader keeps pace, the sleeper does not read at all.
    let chunk = pattern(9, 9, 64 << 10);
    let mut chunks = 0;
    while !server.running.errors.so_far().contains("does not read") {
        sender.write_all(&chunk).expect("the server reads");
        expect(&mut reader, &chunk);
        chunks += 1;
        assert!(chunks < 4000, "the client that does not read is still there");
    }
    let line = server.running.errors.wait_for("does not read");
    assert!(line.contains(&format!("client 3 ({address}) closed")), "{line}");
    // The others go on.
    sender.write_all(b"still here").expect("the server reads");
    expect(&mut reader, b"still here");
    // It gets what the kernel had taken for it, then the end.
    let mut got = Vec::new();
    let _ = sleeper.read_to_end(&mut got);
    expect_end(&mut sleeper);
    let output = server.stop();
    assert!(output.summary().contains("; 1 closed because they did not read; errors: none"), "{}", output.said);
}

/// More than the kernel takes for a client that does not read yet.
const MUCH: usize = 12 << 20;

/// A server that has much queued for a client: the server, the client, and what it is to get.
pub(crate) fn with_much_queued(on: On, more: &[&str]) -> (Server, TcpStream, Vec<u8>) {
    let server = on.serve("broadcast", &[&["--buffer", "64K", "--queue", "64M"], more].concat());
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    meet(&mut clients);
    let [mut sender, mut reader, sleeper] = <[TcpStream; 3]>::try_from(clients).expect("three");
    let data = pattern(4, 2, MUCH);
    for chunk in data.chunks(64 << 10) {
        sender.write_all(chunk).expect("the server reads");
        expect(&mut reader, chunk);
    }
    // Both get each piece before the next is read: after one more, the sleeper has been given all
    // (but perhaps not that one).
    sender.write_all(b"!").expect("the server reads");
    expect(&mut reader, b"!");
    (server, sleeper, data)
}

fn half_close_gets_what_is_queued(on: On) {
    half_close(on, "1");
}

fn half_close_on_several_threads(on: On) {
    half_close(on, "3");
}

fn half_close(on: On, threads: &str) {
    let (server, mut sleeper, data) = with_much_queued(on, &["--threads", threads]);
    sleeper.shutdown(Shutdown::Write).expect("still connected");
    let mut got = Vec::new();
    sleeper.read_to_end(&mut got).expect("the rest, then the end");
    assert!(got.starts_with(&data), "{} bytes of {}", got.len(), data.len());
    let output = server.stop();
    assert!(output.summary().ends_with("errors: none"), "{}", output.summary());
}

fn a_stop_delivers_what_is_queued(on: On) {
    let (server, mut sleeper, data) = with_much_queued(on, &[]);
    let reader = thread::spawn(move || {
        expect(&mut sleeper, &data);
        sleeper
    });
    let output = server.stop();
    reader.join().expect("everything has arrived");
    assert!(output.summary().ends_with("errors: none"), "{}", output.summary());
}
