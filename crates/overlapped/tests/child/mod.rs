//! Tests that need a process of their own: the choice of the driver is made once a process.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waited, alertable, wait};

const ROLE: &str = "OVERLAPPED_TEST_ROLE";

/// This test binary once more, to run `test` alone in the part that `role` names.
pub(crate) fn command(test: &str, role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture"]).env(ROLE, role);
    command.env_remove("OVERLAPPED_DRIVER").env_remove("OVERLAPPED_MASK");
    command
}

/// What this process is to do, if it is such a child. A child that hangs ends itself.
pub(crate) fn role() -> Option<String> {
    let role = std::env::var(ROLE).ok()?;
    // On an emulator anything may take longer.
    let limit = std::env::var("OVERLAPPED_TEST_LIMIT").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(60);
    thread::spawn(move || {
        thread::sleep(Duration::from_secs(limit));
        let _ = std::io::stderr().write_all(b"the child process hangs\n");
        std::process::abort();
    });
    Some(role)
}

/// Runs a child, which must end well.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{}\n{out}\n{err}", output.status);
    assert!(out.contains("1 passed"), "the child ran something else:\n{out}");
}

struct Conn {
    socket: Socket,
    buffer: [u8; 64],
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn accepted(listener: Overlapped<Socket>, client: Result<Socket>) {
    match client {
        Ok(socket) => {
            Overlapped::new(Conn { socket, buffer: [0; 64] }).recv(received);
            listener.accept(|listener| listener, accepted);
        }
        Err(error) => assert!(error.is_aborted(), "{error}"),
    }
}

fn received(conn: Overlapped<Conn>, done: Result<Completion>) {
    let bytes = done.expect("data").bytes;
    if bytes > 0 {
        conn.send(..bytes, |conn, done| {
            done.expect("sent");
            conn.recv(received);
        });
    }
}

fn converse(at: std::net::SocketAddr) {
    let mut stream = TcpStream::connect(at).unwrap();
    for message in [b"first".as_slice(), b"second", &[7; 5000]] {
        stream.write_all(message).unwrap();
        let mut echo = vec![0; message.len()];
        stream.read_exact(&mut echo).unwrap();
        assert_eq!(echo, message);
    }
}

/// A little of everything: echo with routines and events, wake-ups, a long send, cancel and close.
pub(crate) fn exercise() {
    let listener = Socket::listen("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    Overlapped::new(listener.clone()).accept(|listener| listener, accepted);
    let me = alertable::current();
    let served = Arc::new(AtomicBool::new(false));
    let done = Arc::clone(&served);
    let client = thread::spawn(move || {
        converse(at);
        // Ends the wait below from another thread.
        me.queue(move || done.store(true, Ordering::SeqCst)).unwrap();
    });
    while !served.load(Ordering::SeqCst) {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
    client.join().unwrap();
    listener.close();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);

    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    let socket = Socket::from(door.accept().unwrap().0);
    let (event, never) = (Event::auto(), Event::manual());
    let conn = Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 64] });
    let receive = conn.recv_event(&event);
    let writer = thread::spawn(move || {
        peer.write_all(b"hello").unwrap();
        peer
    });
    assert_eq!(wait::any(&[&never, &event], None).unwrap(), Waited::Object(1));
    let (conn, done) = receive.finish();
    assert_eq!(&conn.buffer[..done.unwrap().bytes], b"hello");
    let mut peer = writer.join().unwrap();

    let receive = conn.recv_event(&event);
    receive.cancel().unwrap();
    assert!(receive.finish().1.unwrap_err().is_aborted());
    assert_eq!(wait::one(&event, Some(Duration::ZERO)).unwrap(), Waited::Object(0));
    // The end of the client's connection may be told as late as here.
    while alertable::one(&never, Some(Duration::from_millis(5))).unwrap() != Waited::TimedOut {}

    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        all.len()
    });
    socket.give(vec![1; 4 << 20]).unwrap();
    socket.shutdown(overlapped::Shutdown::Send).unwrap();
    assert_eq!(reader.join().unwrap(), 4 << 20);
}
