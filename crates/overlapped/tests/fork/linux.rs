//! A forked child gets errors, not a hang, and leaves its parent's operations alone.
//!
//! Without the test harness: a child of a process with other threads may do next to nothing.

use overlapped::driver::{self, Choice};
use overlapped::{Event, Overlapped, Result, Session, Socket, Waited, alertable, codes};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::time::Duration;

struct Client {
    socket: Socket,
    buffer: [u8; 16],
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

static RECEIVED: AtomicI32 = AtomicI32::new(-1);

fn received(_: Overlapped<Client>, done: Result<overlapped::Completion>) {
    RECEIVED.store(done.map_or_else(|error| error.code(), |done| done.bytes as i32), Relaxed);
}

fn pair(listener: &TcpListener) -> (Socket, TcpStream) {
    let peer = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
    (Socket::from(listener.accept().expect("a connection").0), peer)
}

pub(crate) fn main() {
    match std::env::var("FORK_ON") {
        Ok(name) => on(name.parse().expect("a driver")),
        Err(_) => {
            for name in ["uring", "epoll"] {
                let this = std::env::current_exe().expect("this program");
                let status = std::process::Command::new(this)
                    .env("FORK_ON", name)
                    // The child leaves the parent's operations to the parent: to a leak checker they are lost.
                    .env("ASAN_OPTIONS", "detect_leaks=0")
                    .status()
                    .expect("it runs again");
                assert!(status.success(), "on {name}: {status}");
                println!("a forked child on {name}: ok");
            }
        }
    }
}

fn on(choice: Choice) {
    if let Err(error) = driver::choose(choice) {
        assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
        return println!("passed by: {error}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let (socket, mut peer) = pair(&listener);
    let (other, mut other_peer) = pair(&listener);
    let _ = Overlapped::new(Client { socket: socket.clone(), buffer: [0; 16] }).recv(received);
    let event = Event::manual();
    let pending = Overlapped::new(Client { socket: other, buffer: [0; 16] }).recv_event(&event);
    assert_eq!(alertable::sleep(Some(Duration::from_millis(1))).expect("an alertable wait"), Waited::TimedOut);
    assert!(!pending.poll());

    // SAFETY: this process has no other thread, so the child may do what it likes.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork");
    if child == 0 {
        assert!(alertable::sleep(None).is_err(), "nothing could end this wait");
        assert!(!pending.poll());
        assert_eq!(Socket::listen("127.0.0.1:0").expect_err("in a child").code(), codes::WSASYSNOTREADY);
        assert_eq!(socket.give(b"x").expect_err("in a child").code(), codes::WSASYSNOTREADY);
        drop(pending);
        // Ends like any process: thread-local destructors run.
        std::process::exit(0);
    }
    let mut status = 0;
    // SAFETY: waits for the child made above; the status is ours.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child failed");

    peer.write_all(b"hello").expect("the parent reads");
    assert_eq!(alertable::sleep(None).expect("an alertable wait"), Waited::Routines);
    assert_eq!(RECEIVED.load(Relaxed), 5);
    other_peer.write_all(b"events too").expect("the parent reads");
    assert_eq!(pending.finish().1.expect("data").bytes, 10);
    crate::busy::run();
}
