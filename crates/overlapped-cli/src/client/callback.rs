//! The client on completion routines: they run while it waits for its next message to be due.

use super::BUFFER;
use super::talk::{Next, Talk};
use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waited, alertable};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

type Outcome = Rc<Cell<Option<Result<()>>>>;

/// Connects; None if the user stops it first.
pub(super) fn connect(socket: Socket, place: SocketAddr, stop: &Event) -> Result<Option<Socket>> {
    let outcome = Outcome::default();
    let dial = Overlapped::new((socket.clone(), Rc::clone(&outcome)));
    dial.connect(place, |(socket, _)| socket, |dial, done| dial.1.set(Some(done)));
    loop {
        if let Waited::Object(_) = alertable::one(stop, None)? {
            return Ok(None);
        }
        if let Some(done) = outcome.take() {
            return done.map(|()| Some(socket));
        }
    }
}

/// One direction of the connection, with its buffer.
struct Half {
    socket: Socket,
    bytes: Vec<u8>,
    talk: Rc<RefCell<Talk>>,
    /// Where a sender waits until its next message is due.
    idle: Rc<Cell<Option<Overlapped<Half>>>>,
}

impl Session for Half {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.bytes)
    }
}

fn sent(half: Overlapped<Half>, done: Result<Completion>) {
    half.talk.borrow_mut().sent(&half.bytes, done);
    let idle = Rc::clone(&half.idle);
    idle.set(Some(half));
}

fn received(half: Overlapped<Half>, done: Result<Completion>) {
    let again = half.talk.borrow_mut().received(&half.bytes, done);
    if again {
        half.recv(received);
    }
}

/// Talks until it is over or the user stops it.
pub(super) fn talk(socket: &Socket, message: Vec<u8>, talk: Talk, stop: &Event) -> Result<Talk> {
    let talk = Rc::new(RefCell::new(talk));
    let idle = Rc::new(Cell::new(None));
    let half =
        |bytes| Overlapped::new(Half { socket: socket.clone(), bytes, talk: Rc::clone(&talk), idle: Rc::clone(&idle) });
    idle.set(Some(half(message)));
    half(vec![0; BUFFER]).recv(received);
    loop {
        let next = talk.borrow_mut().next();
        let pause = match next {
            Next::Leave => break,
            Next::Wait(pause) => pause,
            Next::Send => {
                if let Some(sender) = idle.take() {
                    sender.send(.., sent);
                }
                None
            }
        };
        if let Waited::Object(_) = alertable::one(stop, pause)? {
            break;
        }
    }
    // What is in flight is cancelled when this thread ends.
    idle.take();
    let talk = talk.borrow().clone();
    Ok(talk)
}
