//! Receives and sends that are told by completion routines (`02_routine`, `02_routine_reuse`).

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::{self, ThreadId};
use std::time::Duration;

use overlapped::{Completion, Event, Issued, Overlapped, Result, Socket, Waited, alertable, wait};

use super::super::support::{self, Conn, Log, Talk};
use super::{LONG, NOW, SHORT, arrived};

/// Issues a receive and has its data in the socket, so that it ends without any wait of ours.
fn received(name: &'static str, (socket, peer): &mut (Socket, TcpStream), text: &str, log: &Log) {
    Talk::new(name, socket, 32, log).recv(support::logged);
    peer.write_all(text.as_bytes()).unwrap();
    support::delivered(peer);
}

#[test]
fn an_empty_queue() {
    let _watch = support::driver();
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    assert_eq!(alertable::sleep(SHORT).unwrap(), Waited::TimedOut);
}

/// What a routine was called with, and where.
struct Call {
    place: usize,
    thread: ThreadId,
    done: Result<Completion>,
    buffer: Vec<u8>,
}

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

fn calls() -> usize {
    CALLS.with_borrow(Vec::len)
}

fn place(conn: &Conn) -> usize {
    std::ptr::from_ref(conn).addr()
}

fn called(conn: Overlapped<Conn>, done: Result<Completion>) {
    let call = Call { place: place(&conn), thread: thread::current().id(), done, buffer: conn.buffer.clone() };
    CALLS.with_borrow_mut(|calls| calls.push(call));
}

#[test]
fn a_receive() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let conn = Conn::new(&socket, 32);
    let passed = place(&conn);
    assert!(conn.recv(called).is_pending());
    assert_eq!(alertable::sleep(SHORT).unwrap(), Waited::TimedOut);
    peer.write_all(b"hello").unwrap();
    support::delivered(&peer);

    // Nothing but an alertable wait runs the routine.
    assert_eq!(calls(), 0);
    thread::sleep(Duration::from_millis(30));
    assert_eq!(calls(), 0);
    assert_eq!(wait::one(&Event::manual(), SHORT).unwrap(), Waited::TimedOut);
    assert_eq!(calls(), 0);
    let (mut end, mut other) = std_pair();
    other.write_all(b"Z").unwrap();
    end.read_exact(&mut [0]).unwrap();
    assert_eq!(calls(), 0);

    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(calls(), 1);
    let call = CALLS.with_borrow_mut(Vec::pop).unwrap();
    let done = call.done.unwrap();
    assert_eq!((done.bytes, done.flags), (5, 0));
    assert_eq!(&call.buffer[..5], b"hello");
    assert_eq!(call.place, passed, "it gets the very block that was passed");
    assert_eq!(call.thread, thread::current().id());
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    assert_eq!(calls(), 0, "no call but that one");
}

/// Sockets the library knows nothing of.
fn std_pair() -> (TcpStream, TcpStream) {
    let door = std::net::TcpListener::bind(support::loopback()).unwrap();
    let connected = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    (door.accept().unwrap().0, connected)
}

#[test]
fn a_receive_whose_data_is_there() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    peer.write_all(b"now").unwrap();
    support::delivered(&peer);
    // Completed or pending: either way the routine waits for an alertable wait.
    Talk::new("r", &socket, 32, &log).recv(support::logged);
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:now"]);
}

#[test]
fn a_send() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::of("s", &socket, b"abcd".to_vec(), &log).send(.., support::sent);
    arrived(&peer, 4);
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["s+4"]);
    assert_eq!(peer.read(&mut [0; 32]).unwrap(), 4);
}

#[test]
fn one_wait_drains_what_has_completed() {
    let _watch = support::driver();
    let log = Log::default();
    let mut ends: Vec<_> = (0..3).map(|_| support::pair()).collect();
    for (name, end) in ["1", "2", "3"].into_iter().zip(&mut ends) {
        received(name, end, "x", &log);
    }
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["1:x", "2:x", "3:x"]);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
}

/// Logs the call, and whether the next receive is pending; "fin" is the last.
fn received_again(talk: Overlapped<Talk>, done: Result<Completion>) {
    let (log, bytes) = (talk.log.clone(), done.unwrap().bytes);
    let again = (&talk.buffer[..bytes] != b"fin").then(|| talk.recv(received_again).is_pending());
    log.add(format!("{bytes} bytes, pending again: {again:?}"));
}

#[test]
fn a_routine_that_issues_the_next_receive() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 32, &log).recv(received_again);
    for _ in 0..3 {
        peer.write_all(b"more").unwrap();
        assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    }
    assert_eq!(log.take(), ["4 bytes, pending again: Some(true)"; 3]);
    peer.write_all(b"fin").unwrap();
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["3 bytes, pending again: None"], "the fourth call");
}

/// Logs the call, waits alertably inside it, and logs how that ended.
fn nested(talk: Overlapped<Talk>, done: Result<Completion>) {
    let log = talk.log.clone();
    support::logged(talk, done);
    let inner = alertable::sleep(NOW).unwrap();
    log.add(format!("resumes: {inner:?}"));
}

#[test]
fn an_alertable_wait_inside_a_routine() {
    let _watch = support::driver();
    let log = Log::default();
    let mut ends: Vec<_> = (0..3).map(|_| support::pair()).collect();
    let routines = [nested, support::logged, support::logged];
    for ((name, (socket, peer)), routine) in ["1", "2", "3"].into_iter().zip(&mut ends).zip(routines) {
        Talk::new(name, socket, 32, &log).recv(routine);
        peer.write_all(b"n").unwrap();
        support::delivered(peer);
    }
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["1:n", "2:n", "3:n", "resumes: Routines"]);
}

#[test]
fn which_waits_run_routines() {
    let _watch = support::driver();
    let (log, never) = (Log::default(), Event::manual());
    let mut pair = support::pair();
    received("r", &mut pair, "w", &log);
    assert_eq!(wait::any(&[&never], NOW).unwrap(), Waited::TimedOut);
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::any(&[&never], NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:w"]);
}

#[test]
fn another_threads_alertable_wait() {
    let _watch = support::driver();
    let log = Log::default();
    let mut pair = support::pair();
    received("r", &mut pair, "t", &log);
    let other = thread::spawn(|| alertable::sleep(Some(Duration::from_millis(50))).unwrap());
    assert_eq!(other.join().unwrap(), Waited::TimedOut);
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:t"]);
}

#[test]
fn the_peer_closes() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 32, &log).recv(support::logged);
    drop(peer);
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:"], "0 bytes and no error");
}

/// Where a C program takes one `OVERLAPPED` again and again there are several here.
#[test]
fn sends_in_a_loop_without_any_wait() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    for (name, length) in [("1", 10), ("2", 20), ("3", 30)] {
        let issued = Talk::of(name, &socket, vec![b'x'; length], &log).send(.., support::sent);
        assert!(matches!(issued, Issued::Completed | Issued::Pending(_)));
    }
    arrived(&peer, 60);
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["1+10", "2+20", "3+30"]);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    assert_eq!(peer.read(&mut [0; 128]).unwrap(), 60);
}

/// Logs the call and receives again with the header as that operation left it.
fn again(talk: Overlapped<Talk>, done: Result<Completion>) {
    let log = talk.log.clone();
    log.add(format!("first!{}", support::code(&done)));
    talk.recv(support::logged);
}

#[test]
fn a_header_with_the_remains_of_another_operation_and_a_routine() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 32, &log).recv(again);
    socket.cancel().unwrap();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["first!995"]);
    peer.write_all(b"hello").unwrap();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:hello"]);
}

#[test]
fn a_header_with_the_remains_of_another_operation_and_an_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let receive = Conn::new(&socket, 32).recv_event(&event);
    receive.cancel().unwrap();
    let (conn, done) = receive.finish();
    assert_eq!(support::code(&done), 995);
    let receive = conn.recv_event(&event);
    peer.write_all(b"event").unwrap();
    assert_eq!(wait::any(&[&event], LONG).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(receive.try_finish().expect("its event says so")), ":event");
}
