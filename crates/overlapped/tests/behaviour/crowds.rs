//! More operations at once than the kernel's rings hold: none is lost, each completes once.

use std::io::{Read, Write};
use std::net::TcpStream;

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waitable, Waited, wait};

use super::support::{self, Conn};

/// Handles of one connection, each a socket of its own to the library: many, for one peer and its bytes.
fn crowd() -> (Vec<Socket>, TcpStream) {
    let (socket, peer) = support::pair();
    ((0..support::crowd()).map(|_| support::duplicate(&socket)).collect(), peer)
}

struct Member {
    socket: Socket,
    buffer: [u8; 1],
    seen: std::rc::Rc<std::cell::Cell<usize>>,
}

impl Session for Member {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn ended(member: Overlapped<Member>, done: Result<Completion>) {
    assert_eq!(done.unwrap().bytes, 0);
    member.seen.set(member.seen.get() + 1);
}

fn cancelled(member: Overlapped<Member>, done: Result<Completion>) {
    assert!(done.unwrap_err().is_aborted());
    member.seen.set(member.seen.get() + 1);
}

fn receive(
    sockets: &[Socket],
    routine: fn(Overlapped<Member>, Result<Completion>),
) -> std::rc::Rc<std::cell::Cell<usize>> {
    let seen = std::rc::Rc::default();
    for socket in sockets {
        let member = Member { socket: socket.clone(), buffer: [0], seen: std::rc::Rc::clone(&seen) };
        Overlapped::new(member).recv(routine);
    }
    seen
}

#[test]
fn with_routines() {
    let _watch = support::driver();
    let (sockets, peer) = crowd();
    let seen = receive(&sockets, cancelled);
    assert!(sockets.iter().all(|socket| socket.cancel().is_ok()));
    support::run_until(|| seen.get() == sockets.len());

    let seen = receive(&sockets, ended);
    assert_eq!(overlapped::alertable::sleep(Some(std::time::Duration::ZERO)).unwrap(), Waited::TimedOut);
    drop(peer);
    support::run_until(|| seen.get() == sockets.len());
}

#[test]
fn with_events() {
    let _watch = support::driver();
    let (sockets, peer) = crowd();
    let events: Vec<_> = sockets.iter().map(|_| Event::manual()).collect();
    let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
    let issue = || sockets.iter().zip(&events).map(|(socket, event)| Conn::new(socket, 1).recv_event(event));
    let pending: Vec<_> = issue().collect();
    assert!(pending.iter().all(|pending| pending.cancel().is_ok()));
    assert_eq!(wait::all(&objects, None).unwrap(), Waited::Object(0));
    assert!(pending.into_iter().all(|pending| support::outcome(pending.finish()) == "!995"));

    let pending: Vec<_> = issue().collect();
    drop(peer);
    assert_eq!(wait::all(&objects, None).unwrap(), Waited::Object(0));
    assert!(pending.into_iter().all(|pending| support::outcome(pending.finish()) == ":"));
}

#[test]
fn a_crowd_dropped_at_once() {
    let _watch = support::driver();
    let (sockets, mut peer) = crowd();
    let event = Event::manual();
    let pending: Vec<_> = sockets.iter().map(|socket| Conn::new(socket, 1).recv_event(&event)).collect();
    drop(pending);
    peer.write_all(b"x").unwrap();
    assert_eq!(support::outcome(Conn::new(&sockets[0], 8).recv_event(&event).finish()), ":x");
    drop(sockets);
    assert!(matches!(peer.read(&mut [0]), Ok(0)));
}
