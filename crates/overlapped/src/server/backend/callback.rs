//! The callback model: completion routines, which run in the alertable waits of the thread that issued the operation.
//!
//! A session stays on its thread. What another thread has for it lies in the mail, and an APC ends the wait.

use crate::buffers::Gather;
use crate::error::Result;
use crate::operation::Completion;
use crate::overlapped::Overlapped;
use crate::server::batch::Batch;
use crate::server::decoder::Decoder;
use crate::server::desk::Mail;
use crate::server::queue::{Input, Next};
use crate::server::session::Session;
use crate::server::worker::{Accept, Worker};
use crate::socket::Socket;
use crate::{alertable, codes, thread};
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Instant;

/// What the routines of a thread share.
struct Local {
    worker: Worker,
    places: RefCell<Slab<Place>>,
    doors: RefCell<Vec<Shut>>,
    routines: Cell<u64>,
}

/// A listener that is not accepted on for a while.
struct Shut {
    door: Overlapped<Door>,
    until: Instant,
}

struct Door {
    listener: Socket,
    local: Rc<Local>,
}

/// A session, with what of it is not in flight.
struct Place {
    session: Session,
    socket: Socket,
    input: Input,
    receiver: Option<Overlapped<Receiver>>,
    /// A send is in flight.
    sends: bool,
}

struct Receiver {
    socket: Socket,
    session: Session,
    buffer: Decoder,
    local: Rc<Local>,
}

struct Sender {
    socket: Socket,
    session: Session,
    batch: Batch,
    local: Rc<Local>,
}

pub(super) fn work(worker: Worker) -> Result<()> {
    prepare()?;
    let thread = alertable::current();
    worker.open(Box::new(move || drop(thread.queue(|| {}))));
    let local =
        Rc::new(Local { worker, places: RefCell::default(), doors: RefCell::default(), routines: Cell::new(0) });
    let mut mail = Mail::default();
    loop {
        local.worker.begin_turn(&mut mail);
        for socket in mail.sockets.drain(..) {
            welcome(&local, socket);
        }
        for listener in mail.listeners.drain(..) {
            // Accepts of two threads on one socket would be refused.
            let listener = listener.duplicate()?;
            if local.worker.keep(&listener) {
                open(Overlapped::new(Door { listener, local: Rc::clone(&local) }));
            }
        }
        for session in mail.sessions.drain(..) {
            local.look(session.place(), session.id());
        }
        if local.worker.is_done() {
            local.doors.take();
            return Ok(());
        }
        alertable::sleep(local.worker.patience(local.reopen()))?;
        local.worker.waited(local.routines.take());
    }
}

/// A thread gets its driver with its first operation. This one cannot succeed, and is there so that the driver is made now:
/// with the first session there may be no descriptor left for it.
fn prepare() -> Result<()> {
    let socket = Socket::tcp(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
    let outcome = Rc::new(Cell::new(Ok(())));
    let probe = Overlapped::new((socket, [0], Rc::clone(&outcome)));
    probe.recv_with(|(socket, buffer, _)| (socket, buffer), |probe, done| probe.2.set(done.map(drop)));
    alertable::sleep(None)?;
    outcome.replace(Ok(())).or_else(|error| if error.code() == codes::WSAENOTCONN { Ok(()) } else { Err(error) })
}

fn welcome(local: &Rc<Local>, socket: Socket) {
    let Some((session, buffer)) = local.worker.welcome(socket.clone()) else { return };
    let receiver = Receiver { socket: socket.clone(), session: session.clone(), buffer, local: Rc::clone(local) };
    let place = Place { session: session.clone(), socket, input: Input::Pending, receiver: None, sends: false };
    session.set_place(local.places.borrow_mut().insert(place));
    receive(Overlapped::new(receiver));
    local.look(session.place(), session.id());
}

fn receive(receiver: Overlapped<Receiver>) {
    receiver.recv_with(|receiver| (&receiver.socket, receiver.buffer.place()), received);
}

fn received(mut receiver: Overlapped<Receiver>, done: Result<Completion>) {
    let Receiver { socket, session, buffer, local } = &mut *receiver;
    let local = Rc::clone(local);
    local.count();
    let last = !thread::has_more_routines();
    let input = local.worker.received(session, socket, buffer, done.map(|done| done.bytes), last);
    let (key, id) = (session.place(), session.id());
    local.with(key, id, |place| {
        place.input = input;
        place.receiver = Some(receiver);
    });
    local.look(key, id);
}

fn send(sender: Overlapped<Sender>) {
    sender.send_gather(|sender| sender.batch.slices().fold(Gather::new(&sender.socket), Gather::buffer), sent);
}

fn sent(mut sender: Overlapped<Sender>, done: Result<Completion>) {
    let Sender { session, batch, local, .. } = &mut *sender;
    local.count();
    local.worker.sent(session, batch, done.map(|done| done.bytes));
    let (key, id) = (session.place(), session.id());
    local.with(key, id, |place| place.sends = false);
    local.look(key, id);
}

impl Local {
    /// Does something with the place of a session, if it has one still. No code of the program runs meanwhile.
    fn with(&self, key: usize, id: u64, act: impl FnOnce(&mut Place)) {
        if let Some(place) = self.places.borrow_mut().get_mut(key).filter(|place| place.session.id() == id) {
            act(place);
        }
    }

    /// What a session does next.
    fn look(self: &Rc<Self>, key: usize, id: u64) {
        let mut places = self.places.borrow_mut();
        let Some(place) = places.get_mut(key).filter(|place| place.session.id() == id) else { return };
        let (turn, rest) = self.worker.next(&place.session, &place.socket, place.sends, place.input);
        if let Some(batch) = rest {
            place.sends = true;
            let (socket, session) = (place.socket.clone(), place.session.clone());
            send(Overlapped::new(Sender { socket, session, batch, local: Rc::clone(self) }));
        }
        if turn.receives {
            place.input = Input::Pending;
            place.receiver.take().into_iter().for_each(receive);
        }
        match turn.next {
            Next::Full => {
                let session = place.session.clone();
                drop(places);
                self.worker.tell_full(&session);
            }
            Next::Over => {
                let gone = places.remove(key);
                drop(places);
                self.worker.over(&gone.session);
            }
            Next::Nothing | Next::Send | Next::Shut => {}
        }
    }

    fn count(&self) {
        if self.routines.get() == 0 {
            self.worker.wakes_up();
        }
        self.routines.set(self.routines.get() + 1);
    }

    /// Opens the doors that have been shut long enough; says when the next will be.
    fn reopen(&self) -> Option<Instant> {
        if self.doors.borrow().is_empty() {
            return None;
        }
        let now = Instant::now();
        loop {
            let shut = {
                let mut doors = self.doors.borrow_mut();
                let due = doors.iter().position(|shut| shut.until <= now);
                due.map(|due| doors.swap_remove(due))
            };
            match shut {
                Some(shut) => open(shut.door),
                None => return self.doors.borrow().iter().map(|shut| shut.until).min(),
            }
        }
    }
}

fn open(door: Overlapped<Door>) {
    door.accept(|door| &door.listener, accepted);
}

fn accepted(door: Overlapped<Door>, client: Result<Socket>) {
    let local = Rc::clone(&door.local);
    local.count();
    match local.worker.accepted(client) {
        Accept::Now => open(door),
        Accept::At(until) => local.doors.borrow_mut().push(Shut { door, until }),
        Accept::Never => {}
    }
}
