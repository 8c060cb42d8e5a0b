//! Where no route leads, and where nobody answers.

use crate::support::{On, Run};
use crate::system::on_all;
use rustix::process::Signal;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

on_all!(unreachable, stopped_while_it_connects);

fn unreachable(on: On) {
    // A connection cannot lead to everyone: Linux has no route for it.
    let output = on.client("255.255.255.255:9".parse().expect("an address"), &[]);
    let line = output.failure(1);
    assert!(line.contains("WSAENETUNREACH"), "{line}");
    assert!(line.contains("check the address"), "the way out: {line}");
}

/// The user need not wait for a server that does not answer.
fn stopped_while_it_connects(on: On) {
    // One that does not accept, and has nowhere to put another client.
    let listener = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).expect("a socket");
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).expect("a free port");
    listener.listen(0).expect("it listens");
    let to = listener.local_addr().ok().and_then(|at| at.as_socket()).expect("an address");
    let mut waiting = Vec::new();
    while let Ok(client) = TcpStream::connect_timeout(&to, Duration::from_millis(100)) {
        waiting.push(client);
    }
    let mut client = Run::new(&["client", &to.to_string(), "--model", on.model]).driver(on.driver).start();
    while !connects(to.port()) {
        thread::sleep(Duration::from_millis(5));
    }
    client.ask(Signal::TERM);
    let output = client.output();
    assert_eq!((output.status.code(), &*output.said, &*output.errors), (Some(0), "", ""));
}

/// Whether somebody waits for an answer of that port.
fn connects(port: u16) -> bool {
    const SYN_SENT: &str = "02";
    let table = fs::read_to_string("/proc/net/tcp").expect("the connections of this system");
    let port = format!(":{port:04X}");
    table.lines().any(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields.len() > 3 && fields[2].ends_with(&port) && fields[3] == SYN_SENT
    })
}
