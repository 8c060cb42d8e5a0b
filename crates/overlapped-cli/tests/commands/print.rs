//! `serve --mode print`.

use crate::support::{On, on_all, reset};
use std::io::Write;

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
    assert!(line.contains("WSAECONNRESET"), "{line}");

    let three = server.connect();
    said.wait_for("client 3 connected from ");
    let output = server.stop();
    drop(three);
    assert!(output.said.contains("client 3 closed: the server stops\n"), "{}", output.said);
    assert_eq!(output.said.lines().filter(|line| line.starts_with("listening on ")).count(), 1);
    assert_eq!(
        output.summary(),
        "served 3 clients: 2 messages, 108 bytes received, 0 bytes sent; errors: WSAECONNRESET 1"
    );
}

/// `overlapped serve | head -1` ends well when there is more to say.
fn a_reader_that_has_gone(on: On) {
    use crate::support::Run;
    let script = r#"{ "$0" serve 127.0.0.1:0 --model "$1"; echo "code $?" >&2; } | head -n 1"#;
    let run = Run::of("sh", &["-c", script, env!("CARGO_BIN_EXE_overlapped"), on.model]).driver(on.driver).start();
    let line = run.said.wait_for("listening on ");
    let address = line.trim_start_matches("listening on ");
    // `head` has ended or is about to: the server finds out as it speaks.
    let begin = std::time::Instant::now();
    while !run.errors.so_far().contains("code ") && begin.elapsed() < crate::support::WATCHDOG {
        if let Ok(mut client) = std::net::TcpStream::connect(address) {
            let _ = client.write_all(b"hello");
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let output = run.output();
    assert_eq!(output.errors.trim(), "code 0");
}
