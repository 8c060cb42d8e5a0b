//! What a server is asked to allow and to tell.

use crate::broadcast::{meet, with_much_queued};
use crate::support::{On, Server, echo, expect, expect_end, pattern};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// A client that is turned away.
fn refused(server: &Server) {
    expect_end(&mut server.connect());
}

#[test]
fn clients() {
    for flag in ["--max-clients", "--max-per-address"] {
        let server = On::ANY.serve("echo", &[flag, "2"]);
        let (mut one, mut two) = (server.connect(), server.connect());
        echo(&mut one, b"one");
        echo(&mut two, b"two");
        refused(&server);
        echo(&mut two, b"still here");
        drop((one, two));
        let output = server.stop();
        assert!(output.summary().starts_with("served 2 clients: "), "{}", output.summary());
        assert!(output.summary().ends_with("; 1 refused; errors: none"), "{}", output.summary());
    }
}

#[test]
fn silence() {
    let server = On::ANY.serve("print", &["--idle", "50ms"]);
    expect_end(&mut server.connect());
    server.running.said.wait_for("client 1 closed: the peer was silent for too long");
    let output = server.stop();
    assert!(output.summary().ends_with("; 1 closed because they were silent; errors: none"), "{}", output.summary());
}

#[test]
fn heartbeat() {
    let server = On::ANY.serve("echo", &["--framing", "packet", "--heartbeat", "20ms"]);
    expect(&mut server.connect(), b"\x04\0\0\0\x04\0\0\0");
    server.stop();
}

#[test]
fn who_does_not_read_misses_messages() {
    let server = On::ANY.serve("broadcast", &["--queue", "256K", "--overflow", "drop"]);
    let mut clients: Vec<_> = (0..3).map(|_| server.connect()).collect();
    meet(&mut clients);
    let [mut sender, mut reader, mut sleeper] = <[TcpStream; 3]>::try_from(clients).expect("three");
    let address = sleeper.local_addr().expect("an address");
    let chunk = pattern(9, 9, 64 << 10);
    while !server.running.errors.so_far().contains("does not read") {
        sender.write_all(&chunk).expect("the server reads");
        expect(&mut reader, &chunk);
    }
    let line = server.running.errors.wait_for("does not read");
    assert!(line.contains(&format!("client 3 ({address}) does not get everything")), "{line}");
    // It is still there, and hears again what is said when it has read what waits for it.
    let reads = thread::spawn(move || {
        let (mut heard, mut calls) = ([0; 64 << 10], 0);
        while calls < 8 {
            let bytes = sleeper.read(&mut heard).expect("it is not closed");
            assert!(bytes > 0, "it is not closed");
            calls = heard[..bytes].iter().fold(calls, |calls, &byte| if byte == b'!' { calls + 1 } else { 0 });
        }
        sleeper
    });
    while !reads.is_finished() {
        sender.write_all(b"!").expect("the server reads");
        expect(&mut reader, b"!");
        thread::sleep(Duration::from_millis(1));
    }
    let _sleeper = reads.join().expect("it has heard");
    let output = server.stop();
    assert!(output.number("bytes sent; ") > 0, "{}", output.summary());
    assert!(output.summary().ends_with(" dropped; errors: none"), "{}", output.summary());
    assert_eq!(output.errors.lines().count(), 1, "said once:\n{}", output.errors);
}

#[test]
fn a_drain_that_is_over_cuts() {
    let (server, _sleeper, _) = with_much_queued(On::ANY, &["--drain", "10ms"]);
    let output = server.stop();
    assert!(output.summary().contains("; 1 client cut off at the end, with "), "{}", output.summary());
}

#[test]
fn counters_while_it_runs() {
    let server = On::ANY.serve("echo", &["--stats", "10ms"]);
    let mut client = server.connect();
    echo(&mut client, b"hello");
    let line = server.running.errors.wait_for(" messages_out=1 ");
    for says in ["stats: sessions=1 accepted=1 ", " messages_in=1 ", " bytes_in=5 bytes_out=5 sends=1 queued=0 "] {
        assert!(line.contains(says), "{line}");
    }
    drop(client);
    server.running.errors.wait_for(" ended.ended=1");
    server.stop();
}

#[test]
fn threads_of_a_port_that_run_at_a_time() {
    let server = On { model: "port", ..On::ANY }.serve("echo", &["--threads", "4", "--concurrency", "1"]);
    echo(&mut server.connect(), b"hello");
    server.stop();
}
