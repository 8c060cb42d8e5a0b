//! `client`.

use crate::support::On;
use crate::system::{may_hide_resets, on_all};
use overlapped::server::Model;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

on_all!(
    counts,
    message_and_size,
    silent_server,
    every_model_against_every_model,
    server_that_closes,
    server_that_resets,
    refused,
);

fn counts(on: On) {
    let server = on.serve("echo", &[]);
    let output = on.client(server.address, &["--count", "3", "--every", "10ms"]);
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    let lines: Vec<_> = output.said.lines().collect();
    assert_eq!(lines[0], format!("connected to {}", server.address));
    assert_eq!(lines.iter().filter(|line| **line == "sent 100 bytes: \"Hello World\"").count(), 3, "{}", output.said);
    assert!(output.said.contains("received "), "{}", output.said);
    assert_eq!(output.summary(), "sent 3 messages: 300 bytes sent, 300 bytes received");
    assert_eq!(server.stop().summary().split(':').next(), Some("served 1 client"));
}

fn message_and_size(on: On) {
    for (arguments, length, text) in [
        (&["--message", "안녕"][..], 6, "안녕"),
        (&["--message", "abc", "--size", "10"], 10, "abc"),
        (&["--size", "5"], 5, "Hello"),
        (&["--size", "64K"], 65_536, "Hello World"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let to = listener.local_addr().expect("an address");
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("the client");
            let mut got = vec![0; 2 * length];
            stream.read_exact(&mut got).expect("the client sends");
            // So much comes back, so the client does not wait for more, and sends no more.
            stream.write_all(&got).expect("the client reads");
            stream.read_to_end(&mut got).expect("the client ends");
            got
        });
        let output = on.client(to, &[&["--count", "2", "--every", "0"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{}", output.errors);
        let mut message = text.as_bytes().to_vec();
        message.resize(length, 0);
        assert!(server.join().expect("the server") == message.repeat(2));
        assert!(output.said.contains(&format!("sent {length} bytes: \"{text}\"")), "{}", output.said);
    }
}

/// A server that only prints sends nothing back: the client waits a moment, and ends.
fn silent_server(on: On) {
    let server = on.serve("print", &[]);
    let output = on.client(server.address, &["--count", "2", "--every", "0"]);
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert_eq!(output.summary(), "sent 2 messages: 200 bytes sent, 0 bytes received");
    server.running.said.wait_for("client 1 left: end of stream");
    server.stop();
}

fn every_model_against_every_model(on: On) {
    let server = on.serve("echo", &[]);
    for model in Model::ALL.map(Model::name) {
        let output = On { model, ..on }.client(server.address, &["--count", "200", "--every", "0", "--size", "3000"]);
        assert_eq!(
            output.summary(),
            "sent 200 messages: 600000 bytes sent, 600000 bytes received",
            "{}",
            output.errors
        );
    }
    server.stop();
}

/// A server that takes one client and does something to it.
fn with_server(on: On, serve: impl FnOnce(TcpStream) + Send + 'static) -> crate::support::Output {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let to = listener.local_addr().expect("an address");
    let server = thread::spawn(move || serve(listener.accept().expect("the client").0));
    let output = on.client(to, &["--every", "10ms"]);
    server.join().expect("the server");
    output
}

fn server_that_closes(on: On) {
    let output = with_server(on, |mut stream| {
        stream.read_exact(&mut [0; 100]).expect("a message");
        stream.write_all(b"good bye").expect("the client reads");
        stream.shutdown(std::net::Shutdown::Write).expect("still connected");
        // Until the client has gone, so that nothing is reset.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    assert_eq!(output.status.code(), Some(0), "{}", output.errors);
    assert!(output.said.contains("received 8 bytes: \"good bye\"\n"), "{}", output.said);
    assert!(output.said.contains("the server has closed the connection\nsent "), "{}", output.said);
}

fn server_that_resets(on: On) {
    let output = with_server(on, |mut stream| {
        stream.read_exact(&mut [0; 100]).expect("a message");
        crate::support::reset(stream);
    });
    if output.said.contains("the server has closed the connection\n") {
        return assert!(may_hide_resets(on.model), "a reset is no end");
    }
    let line = output.failure(1);
    assert!(line.contains("WSAECONNRESET") || line.contains("WSAECONNABORTED"), "{line}");
    assert!(output.summary().starts_with("sent "), "{}", output.said);
}

fn refused(on: On) {
    // Bound, so that nobody else gets the port, and not listening.
    let bound = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    bound.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    let free = bound.local_addr().ok().and_then(|at| at.as_socket()).expect("an address");
    let output = on.client(free, &[]);
    let line = output.failure(1);
    assert!(line.contains(&format!("cannot connect to {free}: ")), "{line}");
    assert!(line.contains("WSAECONNREFUSED"), "{line}");
    assert!(line.contains("start the server"), "the way out: {line}");
    assert_eq!(output.said, "");
}
