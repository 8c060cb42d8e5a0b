//! The client on completion routines: they run while it waits for its next message to be due.

use super::halves::{Receiver, Sender, halves};
use super::talk::{Next, Talk};
use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waited, alertable};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

pub(super) struct Way {
    stop: Event,
}

/// A direction, and what its routines share with the thread, on which they run.
struct Local<H> {
    half: H,
    shared: Rc<Shared>,
}

struct Shared {
    talk: RefCell<Talk>,
    /// Where the sender waits until its next message is due.
    idle: Cell<Option<Overlapped<Local<Sender>>>>,
}

impl<H: Session> Session for Local<H> {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        self.half.parts()
    }
}

fn sent(sender: Overlapped<Local<Sender>>, done: Result<Completion>) {
    let shared = Rc::clone(&sender.shared);
    shared.talk.borrow_mut().sent(done.map(drop));
    shared.idle.set(Some(sender));
}

fn received(mut receiver: Overlapped<Local<Receiver>>, done: Result<Completion>) {
    let Local { half, shared } = &mut *receiver;
    let again = shared.talk.borrow_mut().received(&mut half.decoder, done.map(|done| done.bytes));
    if again {
        receiver.recv(received);
    }
}

impl super::Way for Way {
    fn new() -> Result<Self> {
        Ok(Self { stop: Event::manual() })
    }

    fn stopper(&self) -> impl FnOnce() + Send + 'static {
        let stop = self.stop.clone();
        move || stop.set()
    }

    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>> {
        let outcome = Rc::<Cell<Option<Result<()>>>>::default();
        let dial = Overlapped::new((socket.clone(), Rc::clone(&outcome)));
        dial.connect(place, |(socket, _)| socket, |dial, done| dial.1.set(Some(done)));
        loop {
            if let Waited::Object(_) = alertable::one(&self.stop, None)? {
                return Ok(None);
            }
            if let Some(done) = outcome.take() {
                return done.map(|()| Some(socket));
            }
        }
    }

    fn talk(&mut self, socket: &Socket, talk: Talk) -> Result<Talk> {
        let (sender, receiver) = halves(socket, &talk);
        let shared = Rc::new(Shared { talk: RefCell::new(talk), idle: Cell::default() });
        shared.idle.set(Some(Overlapped::new(Local { half: sender, shared: Rc::clone(&shared) })));
        Overlapped::new(Local { half: receiver, shared: Rc::clone(&shared) }).recv(received);
        loop {
            let next = shared.talk.borrow_mut().next();
            let pause = match next {
                Next::Leave => break,
                Next::Wait(pause) => pause,
                Next::Send => {
                    if let Some(sender) = shared.idle.take() {
                        sender.send(.., sent);
                    }
                    None
                }
            };
            if let Waited::Object(_) = alertable::one(&self.stop, pause)? {
                break;
            }
        }
        // What is in flight is cancelled when this thread ends.
        shared.idle.take();
        let talk = shared.talk.borrow().clone();
        Ok(talk)
    }
}
