//! The model of completion ports: the threads take packets from one port, and each serves whichever session has one.
//!
//! No session has a thread. What is to be done with one lies in the mail of all threads, and a packet says that there is some. Two
//! threads can have to do with a session at once, one with what it has received and one with what it has sent, so what a session has
//! that is not in flight lies under a lock; no handler runs under it.

use super::Work;
use crate::buffers::Gather;
use crate::error::Result;
use crate::operation::Completion;
use crate::overlapped::Overlapped;
use crate::port::{IssuedTo, Port};
use crate::server::batch::Batch;
use crate::server::decoder::Decoder;
use crate::server::desk::Mail;
use crate::server::queue::{Input, Next};
use crate::server::session::Session;
use crate::server::worker::{Accept, Worker};
use crate::socket::Socket;
use slab::Slab;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What the threads of a server share.
struct Pool {
    port: Port<Packet>,
    seats: Mutex<Slab<Arc<Seat>>>,
    shut: Mutex<Vec<(Overlapped<Socket>, Instant)>>,
}

enum Packet {
    Accepted(Overlapped<Socket>, Result<Socket>),
    Received(Overlapped<Receiver>, Result<Completion>),
    Sent(Overlapped<Sender>, Result<Completion>),
    /// There is mail.
    Mail,
}

/// A session, wherever its operations are.
struct Seat {
    session: Session,
    idle: Mutex<Idle>,
}

/// What of a session is not in flight.
struct Idle {
    input: Input,
    receiver: Option<Overlapped<Receiver>>,
    sender: Option<Overlapped<Sender>>,
}

struct Receiver {
    socket: Socket,
    seat: Arc<Seat>,
    buffer: Decoder,
}

struct Sender {
    socket: Socket,
    seat: Arc<Seat>,
    batch: Batch,
}

/// How many packets a thread takes before it looks at its mail again.
const MOST: usize = 64;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn pool(concurrency: usize) -> Work {
    let pool = Pool { port: Port::new(concurrency), seats: Mutex::default(), shut: Mutex::default() };
    Arc::new(move |worker| pool.work(&worker))
}

impl Pool {
    fn work(&self, worker: &Worker) -> Result<()> {
        let port = self.port.clone();
        worker.open(Box::new(move || drop(port.post(Packet::Mail))));
        let mut mail = Mail::default();
        let mut packets = Vec::new();
        // One that is in the hands of a thread waits for what comes before it, though another thread may be free.
        let most = if worker.is_alone() { MOST } else { 1 };
        loop {
            worker.begin_turn(&mut mail);
            mail.sockets.drain(..).for_each(|socket| self.welcome(worker, socket));
            mail.listeners.drain(..).for_each(|listener| self.accept(Overlapped::new(listener)));
            for session in mail.sessions.drain(..) {
                let seat = lock(&self.seats).get(session.place()).map(Arc::clone);
                if let Some(seat) = seat.filter(|seat| seat.session.id() == session.id()) {
                    self.look(worker, &seat);
                }
            }
            if worker.is_done() {
                // The others wait for nothing else.
                self.port.close();
                return Ok(());
            }
            match self.port.get_many(&mut packets, most, worker.patience(self.reopen())) {
                Err(_) if worker.is_done() => return Ok(()),
                taken => taken?,
            };
            worker.waited(0);
            packets.drain(..).for_each(|packet| self.open(worker, packet));
        }
    }

    fn open(&self, worker: &Worker, packet: Packet) {
        match packet {
            Packet::Accepted(listener, client) => match worker.accepted(client) {
                Accept::Now => self.accept(listener),
                Accept::At(until) => lock(&self.shut).push((listener, until)),
                Accept::Never => {}
            },
            Packet::Received(receiver, done) => self.received(worker, receiver, done),
            Packet::Sent(sender, done) => self.sent(worker, sender, done),
            Packet::Mail => {}
        }
    }

    fn accept(&self, listener: Overlapped<Socket>) {
        queued(listener.accept_port(&self.port, |listener| listener, Packet::Accepted));
    }

    /// Opens the doors that have been shut long enough; says when the next will be.
    fn reopen(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut shut = lock(&self.shut);
        while let Some(due) = shut.iter().position(|(_, until)| *until <= now) {
            self.accept(shut.swap_remove(due).0);
        }
        shut.iter().map(|(_, until)| *until).min()
    }

    fn welcome(&self, worker: &Worker, socket: Socket) {
        let Some((session, buffer)) = worker.welcome(socket.clone()) else { return };
        let idle = Mutex::new(Idle { input: Input::Pending, receiver: None, sender: None });
        let seat = Arc::new(Seat { session: session.clone(), idle });
        // What the system takes at once needs no packet.
        socket.skip_packets_on_success(true);
        let sender = Sender { socket: socket.clone(), seat: Arc::clone(&seat), batch: Batch::default() };
        lock(&seat.idle).sender = Some(Overlapped::new(sender));
        {
            let mut seats = lock(&self.seats);
            session.set_place(seats.insert(Arc::clone(&seat)));
        }
        self.receive(Overlapped::new(Receiver { socket, seat: Arc::clone(&seat), buffer }));
        self.look(worker, &seat);
    }

    fn receive(&self, receiver: Overlapped<Receiver>) {
        queued(receiver.recv_port_with(
            &self.port,
            |receiver| (&receiver.socket, receiver.buffer.space()),
            Packet::Received,
        ));
    }

    fn received(&self, worker: &Worker, mut receiver: Overlapped<Receiver>, done: Result<Completion>) {
        let Receiver { seat, buffer, .. } = &mut *receiver;
        let input = worker.received(&seat.session, buffer, done.map(|done| done.bytes));
        let seat = Arc::clone(seat);
        let mut idle = lock(&seat.idle);
        idle.input = input;
        idle.receiver = Some(receiver);
        self.look_at(worker, &seat, idle);
    }

    /// Sends the batch; what came of it, if it has gone at once.
    fn send(&self, sender: Overlapped<Sender>) -> Option<(Overlapped<Sender>, Result<Completion>)> {
        let sent = sender.send_gather_port(
            &self.port,
            |sender| sender.batch.slices().fold(Gather::new(&sender.socket), Gather::buffer),
            Packet::Sent,
        );
        match sent {
            IssuedTo::Skipped(Packet::Sent(sender, done)) => Some((sender, done)),
            _ => None,
        }
    }

    fn sent(&self, worker: &Worker, mut sender: Overlapped<Sender>, done: Result<Completion>) {
        let Sender { seat, batch, .. } = &mut *sender;
        worker.sent(&seat.session, batch, done.map(|done| done.bytes));
        let seat = Arc::clone(seat);
        let mut idle = lock(&seat.idle);
        idle.sender = Some(sender);
        self.look_at(worker, &seat, idle);
    }

    /// What a session does next.
    fn look(&self, worker: &Worker, seat: &Seat) {
        self.look_at(worker, seat, lock(&seat.idle));
    }

    fn look_at<'a>(&self, worker: &Worker, seat: &'a Seat, mut idle: MutexGuard<'a, Idle>) {
        let turn = loop {
            let Idle { input, sender, .. } = &mut *idle;
            let sender = sender.as_deref_mut().map(|sender| (&sender.socket, &mut sender.batch));
            let turn = worker.next(&seat.session, sender, *input);
            if turn.next != Next::Send {
                break turn;
            }
            let sent = idle.sender.take().and_then(|sender| self.send(sender));
            let Some((mut sender, done)) = sent else { break turn };
            // There was room again.
            worker.sent(&seat.session, &mut sender.batch, done.map(|done| done.bytes));
            idle.sender = Some(sender);
        };
        let receiver = if turn.receives { idle.receiver.take() } else { None };
        if receiver.is_some() {
            idle.input = Input::Pending;
        }
        match turn.next {
            Next::Full => {
                drop(idle);
                worker.tell_full(&seat.session);
            }
            Next::Over => {
                // Whoever comes now finds nothing to do.
                let gone = (idle.sender.take(), idle.receiver.take());
                drop(idle);
                lock(&self.seats).try_remove(seat.session.place());
                drop(gone);
                worker.over(&seat.session);
            }
            Next::Nothing | Next::Shut | Next::Send => drop(idle),
        }
        // Not under the lock: another thread may have what comes of it at once.
        if let Some(receiver) = receiver {
            self.receive(receiver);
        }
    }
}

/// Of a receive or an accept, which never succeeds at once.
fn queued(issued: IssuedTo<Packet>) {
    drop(issued);
}
