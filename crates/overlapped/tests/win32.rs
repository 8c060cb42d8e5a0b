//! What only Windows has: its own waits beside the library's, its rules for ports, its one driver.
#![cfg(windows)]

use overlapped::driver::{self, Choice, Kind};
use overlapped::{Completion, Event, Overlapped, Result, Session, Shutdown, Socket, Waited, alertable, wait};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::windows::io::{AsRawSocket, AsSocket};
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use windows_sys::Win32::System::Threading::SleepEx;

struct Conn {
    socket: Socket,
    buffer: [u8; 8],
    ran: Rc<Cell<bool>>,
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

fn receive(socket: &Socket) -> Rc<Cell<bool>> {
    let ran = Rc::new(Cell::new(false));
    let received = |conn: Overlapped<Conn>, done: Result<Completion>| conn.ran.set(done.unwrap().bytes > 0);
    Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 8], ran: Rc::clone(&ran) }).recv(received);
    ran
}

#[test]
fn there_is_one_driver() {
    let report = driver::report().unwrap();
    assert_eq!(report.kind, Kind::Winsock);
    assert!(report.refused.is_none() && report.features.is_empty());
    assert_eq!(report.kernel.split('.').filter(|number| number.parse::<u32>().is_ok()).count(), 3, "{}", report.kernel);
    assert!(driver::choose(Choice::Winsock).is_ok());
    assert!(driver::choose(Choice::Uring).is_err());
}

#[test]
fn a_wait_of_win32_takes_the_completion_and_runs_no_routine() {
    let (socket, mut peer) = pair();
    let ran = receive(&socket);
    peer.write_all(b"x").unwrap();
    // SAFETY: waits; what it runs is the library's.
    while unsafe { SleepEx(1000, 1) } == 0 {}
    assert!(!ran.get(), "a wait that is not the library's");
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::Routines);
    assert!(ran.get());
}

#[test]
fn a_blocking_call_takes_the_completion_and_runs_no_routine() {
    let (socket, mut peer) = pair();
    let (mut blocking, mut other) = {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let other = TcpStream::connect(door.local_addr().unwrap()).unwrap();
        (door.accept().unwrap().0, other)
    };
    let ran = receive(&socket);
    let writer = thread::spawn(move || {
        peer.write_all(b"x").unwrap();
        thread::sleep(Duration::from_millis(30));
        other.write_all(b"y").unwrap();
    });
    blocking.read_exact(&mut [0]).unwrap();
    writer.join().unwrap();
    assert!(!ran.get());
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert!(ran.get());
}

#[test]
fn a_server_takes_its_port_again_at_once_and_nobody_else_does() {
    let listener = Socket::listen("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let accept = Overlapped::new(listener).accept_event(&Event::manual(), |listener| listener);
    let mut peer = TcpStream::connect(at).unwrap();
    let (listener, accepted) = accept.finish();
    let accepted = accepted.unwrap();
    assert!(Socket::listen(at).is_err());
    let thief = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    thief.set_reuse_address(true).unwrap();
    assert!(thief.bind(&at.into()).is_err(), "the port is this server's alone");
    // The server closes first, so the end of the connection lingers on its side.
    accepted.shutdown(Shutdown::Send).unwrap();
    assert_eq!(peer.read(&mut [0; 8]).unwrap(), 0);
    drop(peer);
    drop((accepted, listener));
    Socket::listen(at).unwrap();
}

#[test]
fn the_handle_can_be_borrowed() {
    let (socket, peer) = pair();
    let borrowed = socket.as_socket();
    assert_ne!(borrowed.as_raw_socket(), peer.as_raw_socket());
    assert_eq!(socket2::SockRef::from(&borrowed).peer_addr().unwrap().as_socket(), peer.local_addr().ok());
}

#[test]
fn a_send_outlives_the_thread_that_gave_it() {
    const BYTES: usize = 8 << 20;
    let (socket, mut peer) = pair();
    thread::spawn(move || socket.give(vec![7; BYTES]).map(drop).unwrap()).join().unwrap();
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), BYTES);
    assert!(all.iter().all(|byte| *byte == 7));
}

#[test]
fn receives_on_events_outlive_the_threads_that_issued_them() {
    struct Plain(Socket, [u8; 8]);
    impl Session for Plain {
        fn parts(&mut self) -> (&Socket, &mut [u8]) {
            (&self.0, &mut self.1)
        }
    }
    let event = Event::manual();
    // The one that is the head of the lane was issued here; its next is started by whoever drives.
    let (socket, mut peer) = pair();
    let first = Overlapped::new(Plain(socket.clone(), [0; 8])).recv_event(&event);
    let second = Overlapped::new(Plain(socket, [0; 8])).recv_event(&Event::manual());
    let driver = thread::spawn(move || wait::one(&event, None).unwrap());
    peer.write_all(b"1").unwrap();
    assert_eq!(driver.join().unwrap(), Waited::Object(0));
    // The thread that started the second receive is gone, and Windows has cancelled it.
    assert_eq!(first.finish().1.unwrap().bytes, 1);
    assert!(!second.poll());
    peer.write_all(b"2").unwrap();
    let (plain, done) = second.finish();
    assert_eq!((done.unwrap().bytes, plain.1[0]), (1, b'2'));
}

#[test]
fn a_socket_that_lingers_is_closed_all_the_same() {
    let (socket, mut peer) = pair();
    socket.set_linger(Some(Duration::from_secs(5))).unwrap();
    socket.give("bye").unwrap();
    drop(socket);
    let mut all = String::new();
    peer.read_to_string(&mut all).unwrap();
    assert_eq!(all, "bye");
}
