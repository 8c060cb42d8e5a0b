//! A process whose standard streams are closed gives their numbers to what it opens next: rings, sockets, connections.
#![cfg(target_os = "linux")]

mod child;

use std::io::Read;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};

use overlapped::{Event, Overlapped, Result, Socket, Waited, alertable};

/// Closes standard streams, as long as it lives.
struct Closed(Vec<(i32, i32)>);

impl Closed {
    fn new(numbers: &[i32]) -> Self {
        Self(
            numbers
                .iter()
                .map(|&number| {
                    // SAFETY: takes numbers; nobody in this process uses the streams meanwhile.
                    let kept = unsafe { libc::fcntl(number, libc::F_DUPFD_CLOEXEC, 100) };
                    assert!(kept >= 100);
                    // SAFETY: as above.
                    assert_eq!(unsafe { libc::close(number) }, 0);
                    (number, kept)
                })
                .collect(),
        )
    }
}

impl Closed {
    /// Ends the process without giving them back, which the library has now, and tells what the harness cannot.
    fn end(self) -> ! {
        let kept = self.0.iter().find(|(number, _)| *number == 1).map_or(1, |(_, kept)| *kept);
        let words = b"1 passed\n";
        // SAFETY: the bytes are there as long as the call takes.
        unsafe { libc::write(kept, words.as_ptr().cast(), words.len()) };
        std::process::exit(0);
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        for (number, kept) in self.0.drain(..) {
            // SAFETY: takes numbers.
            unsafe { libc::dup2(kept, number) };
        }
    }
}

fn is_open(number: i32) -> bool {
    // SAFETY: takes numbers.
    unsafe { libc::fcntl(number, libc::F_GETFD) >= 0 }
}

fn on_each_driver(test: &str) {
    for driver in ["auto", "epoll"] {
        for closed in ["0", "1", "2", "01", "12", "02", "012"] {
            child::run(child::command(test, closed).env("OVERLAPPED_DRIVER", driver));
        }
    }
}

fn numbers(role: &str) -> Vec<i32> {
    role.bytes().map(|digit| i32::from(digit - b'0')).collect()
}

#[test]
fn rings_and_sockets_have_them() {
    let Some(role) = child::role() else { return on_each_driver("rings_and_sockets_have_them") };
    let closed = Closed::new(&numbers(&role));
    child::exercise();
    closed.end();
}

fn accepted(listener: Overlapped<Socket>, client: Result<Socket>) {
    drop(listener);
    let client = client.unwrap();
    assert!(client.as_fd().as_raw_fd() < 3);
    client.give_copy(b"routine").unwrap();
}

fn hears(mut client: &TcpStream, words: &str) {
    let mut heard = String::new();
    client.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, words);
}

/// By event and by routine, left and cancelled; none is lost, and none stays open.
#[test]
fn connections_have_them() {
    let Some(role) = child::role() else { return on_each_driver("connections_have_them") };
    // All that the library opens for itself is there.
    child::exercise();
    let listener = Socket::listen("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let connect = || TcpStream::connect(at).unwrap();
    let accept = || Overlapped::new(listener.clone()).accept_event(&Event::manual(), |listener| listener);
    let clients = [(); 3].map(|()| connect());
    let late = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();

    let numbers = numbers(&role);
    let closed = Closed::new(&numbers);
    let [by_event, by_routine, unfinished] = &clients;
    let client = accept().finish().1.unwrap();
    assert_eq!(client.as_fd().as_raw_fd(), numbers[0]);
    client.give_copy(b"event").unwrap();
    drop(client);
    hears(by_event, "event");
    Overlapped::new(listener.clone()).accept(|listener| listener, accepted);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    hears(by_routine, "routine");
    // Accepted, and the owner has gone without looking.
    let pending = accept();
    while !pending.poll() {}
    drop(pending);
    hears(unfinished, "");

    // It comes while the accept is cancelled, and the listener closed.
    for round in 0..50 {
        let pending = accept();
        let _client = connect();
        if round % 2 == 0 {
            let _ = pending.cancel();
        }
        // One that was not taken is still there for the next.
        if round % 3 == 0 {
            drop(pending);
        } else {
            drop(pending.finish());
        }
    }
    // It has come when the listener is closed, and nobody has looked.
    let mut pending = accept();
    while pending.poll() {
        drop(pending.finish());
        pending = accept();
    }
    late.connect(&at.into()).unwrap();
    listener.close();
    match pending.finish().1 {
        Ok(client) => assert_eq!(client.as_fd().as_raw_fd(), numbers[0]),
        Err(error) => assert!(error.is_aborted(), "{error}"),
    }
    drop(listener);
    while numbers.iter().any(|&number| is_open(number)) {
        // What was abandoned in flight goes with the next look at it.
        let _ = alertable::one(&Event::manual(), Some(std::time::Duration::from_millis(1))).unwrap();
    }
    drop(closed);
}
