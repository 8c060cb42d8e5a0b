//! SIGINT and SIGTERM.

use crate::support::{On, Run, echo, expect_end, on_all};
use rustix::process::Signal;
use std::net::TcpStream;

on_all!(server_by_int, server_by_term, server_by_both, server_without_clients, client_by_int, client_by_term);

fn server_by_int(on: On) {
    server_by(on, Signal::INT);
}

fn server_by_term(on: On) {
    server_by(on, Signal::TERM);
}

fn server_by(on: On, signal: Signal) {
    for threads in ["1", "3"] {
        let server = on.serve("echo", &["--threads", threads]);
        let address = server.address;
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        for client in &mut clients {
            echo(client, b"hello");
        }
        let output = server.stop_by(signal);
        assert_eq!(
            output.summary(),
            "served 4 clients: 4 messages, 20 bytes received, 20 bytes sent; errors: none",
            "{}",
            output.errors
        );
        assert_eq!(output.errors, "");
        for mut client in clients {
            expect_end(&mut client);
        }
        assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
    }
}

/// A signal to a process group may come more than once.
fn server_by_both(on: On) {
    let server = on.serve("echo", &[]);
    let mut client = server.connect();
    echo(&mut client, b"hello");
    server.running.signal(Signal::INT);
    server.running.signal(Signal::TERM);
    let output = server.running.output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert!(output.summary().starts_with("served 1 client: 1 message, "), "{}", output.said);
}

fn server_without_clients(on: On) {
    let output = on.serve("print", &["--threads", "2"]).stop();
    assert_eq!(output.summary(), "served 0 clients: 0 messages, 0 bytes received, 0 bytes sent; errors: none");
}

fn client_by_int(on: On) {
    client_by(on, Signal::INT);
}

fn client_by_term(on: On) {
    client_by(on, Signal::TERM);
}

fn client_by(on: On, signal: Signal) {
    let server = on.serve("echo", &[]);
    let to = server.address.to_string();
    let client = Run::new(&["client", &to, "--model", on.model, "--every", "1h"]).driver(on.driver).start();
    client.said.wait_for("received 100 bytes: \"Hello World\"");
    client.signal(signal);
    let output = client.output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert_eq!(output.summary(), "sent 1 message: 100 bytes sent, 100 bytes received");
    server.stop();
}
