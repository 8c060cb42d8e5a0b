//! `serve --mode print`.

use crate::support::{On, Run, WATCHDOG, reset};
use crate::system::{may_hide_resets, on_all};
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

on_all!(who_comes_what_arrives_who_leaves, a_reader_that_has_gone);

fn who_comes_what_arrives_who_leaves(on: On) {
    let server = on.serve("print", &[]);
    let said = &server.running.said;

    let mut one = server.connect();
    let address = one.local_addr().expect("an address");
    said.wait_for(&format!("client 1 connected from {address}"));
    let mut message = [0; 100];
    message[..11].copy_from_slice(b"Hello World");
    one.write_all(&message).expect("the server reads");
    said.wait_for("client 1 received 100 bytes: \"Hello World\"");

    let mut two = server.connect();
    said.wait_for("client 2 connected from ");
    two.write_all(b"one\nline").expect("the server reads");
    said.wait_for("client 2 received 8 bytes: \"one\\nline\"");

    drop(one);
    said.wait_for("client 1 left: end of stream");
    reset(two);
    let line = said.wait_for("client 2 left: ");
    let hidden = may_hide_resets(on.model) && line.contains("end of stream");
    assert!(hidden || line.contains("WSAECONNRESET"), "{line}");
    let errors = if hidden { "none" } else { "WSAECONNRESET 1" };

    let three = server.connect();
    said.wait_for("client 3 connected from ");
    let output = server.stop();
    drop(three);
    assert!(output.said.contains("client 3 closed: the server stops\n"), "{}", output.said);
    assert_eq!(output.said.lines().filter(|line| line.starts_with("listening on ")).count(), 1);
    assert_eq!(
        output.summary(),
        format!("served 3 clients: 2 messages, 108 bytes received, 0 bytes sent; errors: {errors}")
    );
}

/// `overlapped serve | head -1` ends well when there is more to say.
fn a_reader_that_has_gone(on: On) {
    let mut run = Run::new(&["serve", "127.0.0.1:0", "--model", on.model]).driver(on.driver).start_and_read(1);
    let line = run.said.wait_for("listening on ");
    let address = line.trim_start_matches("listening on ");
    // The server finds out as it speaks.
    let begin = Instant::now();
    while !run.has_ended() && begin.elapsed() < WATCHDOG {
        if let Ok(mut client) = TcpStream::connect(address) {
            let _ = client.write_all(b"hello");
        }
        thread::sleep(Duration::from_millis(10));
    }
    let output = run.output();
    assert_eq!((output.status.code(), &*output.errors), (Some(0), ""));
}
