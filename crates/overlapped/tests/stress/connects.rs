//! One connect, with a routine or on an event.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;

use overlapped::{Event, Overlapped, Pending, Result, Socket};

use super::deed::{Awaited, Hand};
use super::model::Ticket;
use super::waits::Running;

pub(super) struct Caller {
    socket: Socket,
    ticket: Ticket,
}

struct OwnCaller {
    caller: Caller,
    done: Rc<Cell<bool>>,
}

pub(super) enum Connect {
    Routine(Rc<Cell<bool>>),
    Event { pending: Option<Box<Pending<Caller, ()>>>, event: Event, orphan: Arc<AtomicBool> },
}

impl Connect {
    pub(super) fn begin(hand: &mut Hand, socket: &Socket, to: SocketAddr) -> Self {
        let socket = socket.clone();
        if hand.with_routine() {
            let done = Rc::new(Cell::new(false));
            let caller = Caller { socket, ticket: Ticket::with_routine() };
            let own = OwnCaller { caller, done: Rc::clone(&done) };
            Overlapped::new(own).connect(to, |own| &own.caller.socket, connected);
            return Self::Routine(done);
        }
        let (ticket, event) = (Ticket::on_event(), Event::auto());
        let orphan = Arc::clone(&ticket.orphan);
        let pending = Overlapped::new(Caller { socket, ticket }).connect_event(to, &event, |caller| &caller.socket);
        Self::Event { pending: Some(Box::new(pending)), event, orphan }
    }

    pub(super) fn is_over(&mut self) -> bool {
        match self {
            Self::Routine(done) => done.get(),
            Self::Event { pending, .. } => {
                let Some(connecting) = pending.take() else { return true };
                match connecting.try_finish() {
                    Ok((mut caller, done)) => {
                        caller.ticket.complete(0);
                        done.expect("the listener stays");
                        true
                    }
                    Err(connecting) => {
                        *pending = Some(Box::new(connecting));
                        false
                    }
                }
            }
        }
    }

    pub(super) fn awaited(&self) -> Awaited {
        match self {
            Self::Routine(_) => Awaited::Routine,
            Self::Event { event, .. } => Awaited::Object(Box::new(event.clone())),
        }
    }

    pub(super) fn came(&self) {
        if let Self::Event { pending: Some(pending), .. } = self {
            assert!(pending.is_done(), "the event is set before its connect is done");
        }
    }

    pub(super) fn abandon(self) {
        if let Self::Event { orphan, pending, .. } = self {
            orphan.store(true, SeqCst);
            drop(pending);
        }
    }
}

fn connected(mut own: Overlapped<OwnCaller>, done: Result<()>) {
    let _running = Running::enter();
    own.caller.ticket.complete(0);
    done.expect("the listener stays");
    own.done.set(true);
}
