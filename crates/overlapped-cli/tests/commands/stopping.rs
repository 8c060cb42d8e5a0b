//! The end that the user asks for, in each way there is.

use crate::support::{On, Run, echo, expect_end};
use crate::system::{WAYS, Way, on_all};
use std::net::TcpStream;

on_all!(server, server_asked_twice, server_without_clients, client);

fn server(on: On) {
    WAYS.iter().for_each(|&way| server_by(on, way));
}

fn server_by(on: On, way: Way) {
    for threads in ["1", "3"] {
        let server = on.serve("echo", &["--threads", threads]);
        let address = server.address;
        let mut clients: Vec<_> = (0..4).map(|_| server.connect()).collect();
        for client in &mut clients {
            echo(client, b"hello");
        }
        let output = server.stop_by(way);
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
fn server_asked_twice(on: On) {
    let mut server = on.serve("echo", &[]);
    let mut client = server.connect();
    echo(&mut client, b"hello");
    server.running.ask(WAYS[WAYS.len() - 1]);
    server.running.ask(WAYS[0]);
    let output = server.running.output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert!(output.summary().starts_with("served 1 client: 1 message, "), "{}", output.said);
}

fn server_without_clients(on: On) {
    let output = on.serve("print", &["--threads", "2"]).stop();
    assert_eq!(output.summary(), "served 0 clients: 0 messages, 0 bytes received, 0 bytes sent; errors: none");
}

fn client(on: On) {
    WAYS.iter().for_each(|&way| client_by(on, way));
}

fn client_by(on: On, way: Way) {
    let server = on.serve("echo", &[]);
    let to = server.address.to_string();
    let mut client = Run::new(&["client", &to, "--model", on.model, "--every", "1h"]).driver(on.driver).start();
    client.said.wait_for("received 100 bytes: \"Hello World\"");
    client.ask(way);
    let output = client.output();
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert_eq!(output.summary(), "sent 1 message: 100 bytes sent, 100 bytes received");
    server.stop();
}
