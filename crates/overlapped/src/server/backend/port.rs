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
    socket: Socket,
    idle: Mutex<Idle>,
}

/// What of a session is not in flight.
struct Idle {
    input: Input,
    receiver: Option<Overlapped<Receiver>>,
    /// A send is in flight.
    sends: bool,
    /// The session is over: whoever comes still finds nothing to do.
    over: bool,
}

struct Receiver {
    seat: Arc<Seat>,
    buffer: Decoder,
}

struct Sender {
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
            let mut left = packets.len();
            for packet in packets.drain(..) {
                left -= 1;
                // Of several threads none knows.
                self.open(worker, packet, left == 0 && worker.is_alone());
            }
        }
    }

    fn open(&self, worker: &Worker, packet: Packet, last: bool) {
        match packet {
            Packet::Accepted(listener, client) => match worker.accepted(client) {
                Accept::Now => self.accept(listener),
                Accept::At(until) => lock(&self.shut).push((listener, until)),
                Accept::Never => {}
            },
            Packet::Received(receiver, done) => self.received(worker, receiver, done, last),
            Packet::Sent(sender, done) => self.sent(worker, sender, done),
            Packet::Mail => {}
        }
    }

    fn accept(&self, listener: Overlapped<Socket>) {
        queued(listener.accept_port(&self.port, |listener| listener, Packet::Accepted));
    }

    /// Opens the doors that have been shut long enough; says when the next will be.
    fn reopen(&self) -> Option<Instant> {
        let mut shut = lock(&self.shut);
        if shut.is_empty() {
            return None;
        }
        let now = Instant::now();
        while let Some(due) = shut.iter().position(|(_, until)| *until <= now) {
            self.accept(shut.swap_remove(due).0);
        }
        shut.iter().map(|(_, until)| *until).min()
    }

    fn welcome(&self, worker: &Worker, socket: Socket) {
        let Some((session, buffer)) = worker.welcome(socket.clone()) else { return };
        let idle = Mutex::new(Idle { input: Input::Pending, receiver: None, sends: false, over: false });
        let seat = Arc::new(Seat { session: session.clone(), socket: socket.clone(), idle });
        // What the system takes at once needs no packet.
        socket.skip_packets_on_success(true);
        {
            let mut seats = lock(&self.seats);
            session.set_place(seats.insert(Arc::clone(&seat)));
        }
        self.receive(Overlapped::new(Receiver { seat: Arc::clone(&seat), buffer }));
        self.look(worker, &seat);
    }

    fn receive(&self, receiver: Overlapped<Receiver>) {
        queued(receiver.recv_port_with(
            &self.port,
            |receiver| (&receiver.seat.socket, receiver.buffer.place()),
            Packet::Received,
        ));
    }

    fn received(&self, worker: &Worker, mut receiver: Overlapped<Receiver>, done: Result<Completion>, last: bool) {
        let Receiver { seat, buffer } = &mut *receiver;
        let input = worker.received(&seat.session, &seat.socket, buffer, done.map(|done| done.bytes), last);
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
            |sender| sender.batch.slices().fold(Gather::new(&sender.seat.socket), Gather::buffer),
            Packet::Sent,
        );
        match sent {
            IssuedTo::Skipped(Packet::Sent(sender, done)) => Some((sender, done)),
            _ => None,
        }
    }

    fn sent(&self, worker: &Worker, mut sender: Overlapped<Sender>, done: Result<Completion>) {
        let Sender { seat, batch } = &mut *sender;
        worker.sent(&seat.session, batch, done.map(|done| done.bytes));
        let seat = Arc::clone(seat);
        let mut idle = lock(&seat.idle);
        idle.sends = false;
        self.look_at(worker, &seat, idle);
    }

    /// What a session does next.
    fn look(&self, worker: &Worker, seat: &Arc<Seat>) {
        self.look_at(worker, seat, lock(&seat.idle));
    }

    fn look_at<'a>(&self, worker: &Worker, seat: &'a Arc<Seat>, mut idle: MutexGuard<'a, Idle>) {
        if idle.over {
            return;
        }
        let turn = loop {
            let (turn, rest) = worker.next(&seat.session, &seat.socket, idle.sends, idle.input);
            let Some(batch) = rest else { break turn };
            idle.sends = true;
            let sent = self.send(Overlapped::new(Sender { seat: Arc::clone(seat), batch }));
            let Some((mut sender, done)) = sent else { break turn };
            // There was room again.
            worker.sent(&seat.session, &mut sender.batch, done.map(|done| done.bytes));
            idle.sends = false;
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
                idle.over = true;
                let gone = idle.receiver.take();
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
