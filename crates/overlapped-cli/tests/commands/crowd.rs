//! Many clients at once, with some among them that misbehave.

use crate::support::{On, Server, echo, expect, pattern, reset};
use crate::system::{CROWD, on_all, raise_descriptor_limit};
use std::io::{ErrorKind, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;

on_all!(on_one_thread, on_four_threads);

const ROUNDS: usize = 5;

/// One crowd at a time: each client needs a descriptor here.
static TURN: Mutex<()> = Mutex::new(());

fn on_one_thread(on: On) {
    crowd(on, "1");
}

fn on_four_threads(on: On) {
    crowd(on, "4");
}

fn crowd(on: On, threads: &str) {
    let _turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    raise_descriptor_limit();
    let server = on.serve("echo", &["--threads", threads]);
    let mut clients: Vec<_> = (0..CROWD).map(|_| server.connect()).collect();
    let bad = Misbehaving::join(&server);
    for round in 0..ROUNDS {
        // All messages are under way at once; lengths differ, and none is another's.
        for (number, client) in clients.iter_mut().enumerate() {
            client.write_all(&message(number, round)).expect("the server reads");
        }
        bad.misbehave(&server);
        for (number, client) in clients.iter_mut().enumerate() {
            expect(client, &message(number, round));
        }
    }
    bad.check();
    for client in &clients {
        client.shutdown(Shutdown::Both).expect("still connected");
    }
    drop(clients);
    let output = server.stop();
    let all = CROWD + 3 + 2 * ROUNDS;
    // Some of those that reset have gone before they are served; of one that goes while it is accepted Wine says that it is not
    // connected.
    let (served, gone) = (output.number("served "), output.number("WSAECONNABORTED ") + output.number("WSAENOTCONN "));
    assert!((all.saturating_sub(gone)..=all).contains(&served), "{}", output.summary());
    assert_eq!(output.errors, "");
}

fn message(client: usize, round: usize) -> Vec<u8> {
    pattern(client, round, 50 + (client * 37 + round * 11) % 900)
}

/// Clients that do what clients do.
struct Misbehaving {
    /// Sends, and never reads what comes back.
    deaf: TcpStream,
    /// Connects, and never sends.
    mute: TcpStream,
    /// Has ended its stream before it sent anything.
    _half_closed: TcpStream,
}

impl Misbehaving {
    fn join(server: &Server) -> Self {
        let (deaf, mute, half) = (server.connect(), server.connect(), server.connect());
        deaf.set_nonblocking(true).expect("an option");
        half.shutdown(Shutdown::Write).expect("still connected");
        Self { deaf, mute, _half_closed: half }
    }

    fn misbehave(&self, server: &Server) {
        // As much as the server takes, which is not for ever.
        let data = pattern(0, 0, 256 << 10);
        while (&self.deaf).write(&data).map_err(|error| assert_eq!(error.kind(), ErrorKind::WouldBlock)).is_ok() {}

        let mut half = server.connect();
        half.write_all(b"the last words").expect("the server reads");
        half.shutdown(Shutdown::Write).expect("still connected");
        expect(&mut half, b"the last words");

        let mut resets = server.connect();
        resets.write_all(&[7; 5000]).expect("the server reads");
        reset(resets);
    }

    fn check(mut self) {
        echo(&mut self.mute, b"it can speak after all");
    }
}
