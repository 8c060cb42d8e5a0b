//! The limit on open descriptors, which is one of the process: met with an error that says so, and nothing leaks.
#![cfg(target_os = "linux")]

mod child;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waited, alertable};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

struct Conn {
    socket: Socket,
    buffer: [u8; 64],
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn pair() -> (Socket, TcpStream) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    (Socket::from(door.accept().unwrap().0), peer)
}

/// Takes all the descriptors that are left.
fn fill() -> Vec<File> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(256), maximum }).unwrap();
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

fn on_each_driver(test: &str) {
    for driver in ["auto", "epoll"] {
        child::run(child::command(test, "child").env("OVERLAPPED_DRIVER", driver));
    }
}

#[test]
fn a_full_table_is_10024_and_loses_no_connection() {
    if child::role().is_none() {
        return on_each_driver("a_full_table_is_10024_and_loses_no_connection");
    }
    let listener = Socket::listen("127.0.0.1:0").unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    // What a driver opens for itself is there before the table is full.
    let accept = Overlapped::new(Socket::listen("127.0.0.1:0").unwrap()).accept_event(&Event::manual(), |l| l);
    accept.cancel().unwrap();
    assert!(accept.finish().1.unwrap_err().is_aborted());

    let filled = fill();
    let (listener, accepted) = Overlapped::new(listener).accept_event(&Event::manual(), |l| l).finish();
    let error = accepted.unwrap_err();
    assert_eq!(error.code(), 10024);
    assert!(error.hint().unwrap().contains("ulimit -n"), "{error}");
    assert_eq!(Socket::tcp(&listener.local_addr().unwrap()).unwrap_err().code(), 10024);
    assert_eq!(Socket::listen("127.0.0.1:0").unwrap_err().code(), 10024);

    drop(filled);
    let (_, accepted) = listener.accept_event(&Event::manual(), |l| l).finish();
    accepted.unwrap().give(b"welcome").unwrap();
    let mut got = [0; 7];
    client.read_exact(&mut got).unwrap();
}

static SEEN: Mutex<Vec<i32>> = Mutex::new(Vec::new());

fn see(_: Overlapped<Conn>, done: Result<Completion>) {
    SEEN.lock().unwrap().push(done.map_or_else(|error| error.code(), |_| 0));
}

#[test]
fn a_thread_that_can_open_nothing_is_told_by_its_routine() {
    if child::role().is_none() {
        return on_each_driver("a_thread_that_can_open_nothing_is_told_by_its_routine");
    }
    let (socket, mut peer) = pair();
    peer.write_all(b"data").unwrap();
    let filled = fill();
    // A thread's first operation needs descriptors of the driver's own.
    Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 64] }).recv(see);
    assert_eq!(*SEEN.lock().unwrap(), []);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(*SEEN.lock().unwrap(), [10024]);
    // Sends are tried at once and need none.
    socket.give(b"out").unwrap();
    peer.read_exact(&mut [0; 3]).unwrap();
    drop(filled);
    Overlapped::new(Conn { socket, buffer: [0; 64] }).recv(see);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(*SEEN.lock().unwrap(), [10024, 0]);
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn threads_and_connections_that_end_leave_no_descriptor() {
    if child::role().is_none() {
        return on_each_driver("threads_and_connections_that_end_leave_no_descriptor");
    }
    let once = || {
        thread::spawn(|| {
            let (socket, peer) = pair();
            (&peer).write_all(b"data").unwrap();
            let conn = Overlapped::new(Conn { socket, buffer: [0; 64] });
            let (conn, done) = conn.recv_event(&Event::manual()).finish();
            assert_eq!(done.unwrap().bytes, 4);
            let socket = conn.socket.clone();
            conn.recv(|_, _| panic!("nothing comes"));
            let _ = alertable::sleep(Some(std::time::Duration::ZERO)).unwrap();
            // Left behind in flight: a receive by routine, one by event, a long send, an accept.
            let (other, other_peer) = pair();
            let receive = Overlapped::new(Conn { socket: other.clone(), buffer: [0; 64] }).recv_event(&Event::manual());
            other.give(vec![1; 8 << 20]).unwrap();
            let listener = Socket::listen("127.0.0.1:0").unwrap();
            Overlapped::new(listener).accept(|l| l, |_, _| panic!("nobody comes"));
            other.close();
            drop((receive, other_peer, socket));
        })
        .join()
        .unwrap();
    };
    once();
    let settled = open_descriptors();
    for _ in 0..100 {
        once();
    }
    // What the kernel still held when a thread ended goes a moment later.
    while open_descriptors() > settled {
        thread::yield_now();
    }
}

#[test]
fn descriptors_are_not_inherited_by_programs_that_are_started() {
    if child::role().is_none() {
        return on_each_driver("descriptors_are_not_inherited_by_programs_that_are_started");
    }
    child::exercise();
    let (socket, _peer) = pair();
    let listener = Socket::listen("127.0.0.1:0").unwrap();
    let event = Event::manual();
    let client = Socket::tcp(&listener.local_addr().unwrap()).unwrap();
    let accept = Overlapped::new(listener.clone()).accept_event(&event, |l| l);
    let at = listener.local_addr().unwrap();
    let (_client, done) = Overlapped::new(client).connect_event(at, &Event::manual(), |s| s).finish();
    done.unwrap();
    let accepted = accept.finish().1.unwrap();
    Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 64] }).recv(|_, _| {});
    for entry in std::fs::read_dir("/proc/self/fdinfo").unwrap() {
        let path = entry.unwrap().path();
        let Ok(info) = std::fs::read_to_string(&path) else { continue };
        let number: i32 = path.file_name().unwrap().to_str().unwrap().parse().unwrap();
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim();
        let flags = u32::from_str_radix(flags, 8).unwrap();
        let name = std::fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
        let ours = ["socket:", "anon_inode:"].iter().any(|kind| name.to_string_lossy().starts_with(kind));
        // Standard streams are the parent's; they may be sockets.
        assert!(!ours || number < 3 || flags & 0o2_000_000 != 0, "{number} is {}", name.display());
    }
    drop((accepted, socket));
}
