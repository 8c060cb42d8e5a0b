//! More at once than the rings of the kernel hold (256 submissions, 4096 completions): nothing is lost, and it ends.
#![cfg(target_os = "linux")]

mod child;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Pending, Result, Session, Socket, Waited, alertable};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const MANY: usize = 9000;

struct Member {
    socket: Socket,
    buffer: [u8; 1],
    /// Those that completed with data, at the end of the stream, and cancelled; and those that were dropped.
    seen: Arc<[AtomicUsize; 4]>,
}

impl Session for Member {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.seen[3].fetch_add(1, SeqCst);
    }
}

fn ended(member: Overlapped<Member>, done: Result<Completion>) {
    let which = match &done {
        Ok(Completion { bytes: 1, .. }) => 0,
        Ok(_) => 1,
        Err(error) if error.is_aborted() => 2,
        Err(error) => panic!("{error}"),
    };
    member.seen[which].fetch_add(1, SeqCst);
}

/// Many sockets of one connection, so that what its peer does completes all at once.
struct Crowd {
    sockets: Vec<Socket>,
    peer: TcpStream,
    seen: Arc<[AtomicUsize; 4]>,
}

impl Crowd {
    fn new() -> Self {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
        let many = maximum.map_or(MANY, |maximum| (maximum as usize).saturating_sub(200).min(MANY));
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        let ours = door.accept().unwrap().0;
        let sockets = (0..many).map(|_| Socket::from(ours.as_fd().try_clone_to_owned().unwrap())).collect();
        Self { sockets, peer, seen: Arc::default() }
    }

    fn members(&self) -> impl Iterator<Item = Overlapped<Member>> {
        self.sockets
            .iter()
            .map(|socket| Overlapped::new(Member { socket: socket.clone(), buffer: [0], seen: Arc::clone(&self.seen) }))
    }

    fn receive(&self) {
        for member in self.members() {
            assert!(member.recv(ended).is_pending());
        }
    }

    fn receive_on(&self, event: &Event) -> Vec<Pending<Member>> {
        self.members().map(|member| member.recv_event(event)).collect()
    }

    fn seen(&self) -> [usize; 4] {
        [0, 1, 2, 3].map(|which| self.seen[which].load(SeqCst))
    }

    /// Reads to the end of the stream; how many bytes there were.
    fn rest(&self) -> usize {
        let mut stream = TcpStream::from(self.sockets[0].as_fd().try_clone_to_owned().unwrap());
        stream.read_to_end(&mut Vec::new()).unwrap()
    }

    /// Waits alertably until so many have run.
    fn run(&self, count: usize) {
        while self.seen()[..3].iter().sum::<usize>() < count {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
    }
}

/// Runs a test in a process of its own on each driver; after it all the rest works as ever.
fn on_each_driver(name: &str, test: impl FnOnce()) {
    if child::role().is_some() {
        test();
        return child::exercise();
    }
    for driver in ["auto", "epoll"] {
        child::run(child::command(name, "child").env("OVERLAPPED_DRIVER", driver));
    }
}

/// All with the kernel, which a wait does.
fn submit() {
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
}

#[test]
fn routines_that_complete_at_once_are_all_called() {
    on_each_driver("routines_that_complete_at_once_are_all_called", || {
        let mut crowd = Crowd::new();
        let many = crowd.sockets.len();
        crowd.receive();
        submit();
        crowd.peer.write_all(&vec![1; many]).unwrap();
        crowd.run(many);
        assert_eq!(crowd.seen(), [many, 0, 0, many]);
        crowd.receive();
        submit();
        crowd.peer.shutdown(Shutdown::Write).unwrap();
        crowd.run(2 * many);
        assert_eq!(crowd.seen(), [many, many, 0, 2 * many]);
    });
}

#[test]
fn events_that_are_set_at_once_are_all_set() {
    on_each_driver("events_that_are_set_at_once_are_all_set", || {
        let mut crowd = Crowd::new();
        let many = crowd.sockets.len();
        let event = Event::manual();
        let pending = crowd.receive_on(&event);
        crowd.peer.write_all(&vec![1; many]).unwrap();
        assert!(pending.into_iter().all(|pending| pending.finish().1.unwrap().bytes == 1));
        let pending = crowd.receive_on(&event);
        crowd.peer.shutdown(Shutdown::Write).unwrap();
        assert!(pending.into_iter().all(|pending| pending.finish().1.unwrap().bytes == 0));
        assert_eq!(crowd.seen()[3], 2 * many);
    });
}

/// A cancel is an operation of its own, whose completion needs room too.
#[test]
fn thousands_are_cancelled_at_once_and_no_byte_with_them() {
    on_each_driver("thousands_are_cancelled_at_once_and_no_byte_with_them", || {
        let mut crowd = Crowd::new();
        let many = crowd.sockets.len();
        crowd.receive();
        let pending = crowd.receive_on(&Event::manual());
        submit();
        assert!(crowd.sockets.iter().all(|socket| socket.cancel().is_ok()));
        crowd.run(many);
        assert!(pending.into_iter().all(|pending| pending.finish().1.unwrap_err().is_aborted()));
        assert_eq!(crowd.seen(), [0, 0, many, 2 * many]);
        // Each either has its byte or is cancelled, and what nobody has is still there.
        crowd.receive();
        submit();
        crowd.peer.write_all(&vec![1; many]).unwrap();
        assert!(crowd.sockets.iter().all(|socket| socket.cancel().is_ok()));
        crowd.run(2 * many);
        crowd.peer.shutdown(Shutdown::Write).unwrap();
        let [data, ended, ..] = crowd.seen();
        let rest = crowd.rest();
        assert_eq!((data + rest, ended), (many, 0));
    });
}

#[test]
fn a_thread_with_thousands_in_flight_ends() {
    on_each_driver("a_thread_with_thousands_in_flight_ends", || {
        let mut crowd = Crowd::new();
        let many = crowd.sockets.len();
        let event = Event::manual();
        let pending = thread::scope(|scope| {
            let issuer = scope.spawn(|| {
                crowd.receive();
                submit();
                crowd.receive_on(&event)
            });
            issuer.join().unwrap()
        });
        assert_eq!(crowd.seen(), [0, 0, 0, many]);
        assert!(pending.into_iter().all(|pending| pending.finish().1.unwrap_err().is_aborted()));
        // Nothing has been taken out of the socket.
        crowd.peer.write_all(b"x").unwrap();
        crowd.sockets.truncate(1);
        assert_eq!(crowd.receive_on(&event).remove(0).finish().1.unwrap().bytes, 1);
    });
}
