//! `serve --mode echo`.

use crate::support::{On, echo, expect, expect_end, pattern};
use crate::system::on_all;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::thread;

on_all!(messages, long_messages, half_close_gets_the_rest, summary, ipv6_and_names);

fn messages(on: On) {
    let server = on.serve("echo", &[]);
    let mut clients: Vec<_> = (0..5).map(|_| server.connect()).collect();
    for round in 0..20 {
        for (number, client) in clients.iter_mut().enumerate() {
            echo(client, &pattern(number, round, 100));
        }
    }
    drop(clients);
    assert!(server.stop().summary().contains("served 5 clients: "));
}

/// Longer than the server's buffer, and than what the kernel takes at once from a client that does not read yet.
fn long_messages(on: On) {
    let server = on.serve("echo", &["--buffer", "777"]);
    let message = pattern(0, 0, 8 << 20);
    let mut client = server.connect();
    let mut writer = client.try_clone().expect("a second handle");
    let sent = message.clone();
    let sender = thread::spawn(move || writer.write_all(&sent).expect("the server reads"));
    expect(&mut client, &message);
    sender.join().expect("the sender");
    server.stop();
}

fn half_close_gets_the_rest(on: On) {
    let server = on.serve("echo", &["--buffer", "64K"]);
    let mut client = server.connect();
    let message = pattern(1, 2, 1 << 20);
    let mut writer = client.try_clone().expect("a second handle");
    let sent = message.clone();
    let sender = thread::spawn(move || {
        writer.write_all(&sent).expect("the server reads");
        writer.shutdown(Shutdown::Write).expect("still connected");
    });
    let mut got = Vec::new();
    client.read_to_end(&mut got).expect("everything, then the end");
    sender.join().expect("the sender");
    assert!(got == message, "{} bytes of {}", got.len(), message.len());
    expect_end(&mut client);
    let output = server.stop();
    assert!(output.summary().ends_with("errors: none"), "{}", output.said);
}

fn summary(on: On) {
    let server = on.serve("echo", &[]);
    for number in 0..3 {
        echo(&mut server.connect(), &pattern(number, 0, 100));
    }
    let output = server.stop();
    assert_eq!(
        output.summary(),
        "served 3 clients: 3 messages, 300 bytes received, 300 bytes sent; errors: none",
        "{}",
        output.errors
    );
}

fn ipv6_and_names(on: On) {
    use crate::support::{Run, Server};
    let mut places = vec!["localhost:0"];
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        places.push("[::1]:0");
    }
    for place in places {
        let arguments = ["serve", place, "--model", on.model, "--mode", "echo"];
        let server = Server::start(Run::new(&arguments).driver(on.driver));
        echo(&mut server.connect(), b"hello");
        server.stop();
    }
}
