//! Servers that send back what they receive, with routines, with events or on a [port](super::port). Each ends now and then, with everything in
//! flight, and another thread takes over its listener.

use std::net::SocketAddr;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use overlapped::alertable::{self, Thread};
use overlapped::{Completion, Event, Overlapped, Pending, Result, Session, Socket, Waitable, Waited};

use super::dice::Dice;
use super::model::{THREADS, Ticket, count, thread_ends};
use super::plain::Plain;
use super::waits::{How, Running, begin_thread};
use super::watchdog;

pub(super) struct Server {
    listener: Listener,
    pub(super) address: SocketAddr,
    /// Odd while a thread ends.
    ends: AtomicU64,
    running: Mutex<Option<(Thread, Event)>>,
}

enum Listener {
    Ours(Socket),
    Plain { _server: Plain },
}

impl Server {
    /// A narrow one makes its clients wait with what they send.
    pub(super) fn new(plain: bool, narrow: bool) -> Self {
        let (listener, address) = if plain {
            let server = Plain::start(narrow);
            let address = server.address();
            (Listener::Plain { _server: server }, address)
        } else {
            let listener = Socket::listen("127.0.0.1:0").expect("a free port");
            let address = listener.local_addr().unwrap();
            if narrow {
                listener.set_receive_buffer(16 << 10).unwrap();
            }
            (Listener::Ours(listener), address)
        };
        Self { listener, address, ends: AtomicU64::new(0), running: Mutex::new(None) }
    }

    /// Starts a thread, but for a plain one.
    pub(super) fn start(&self, name: String, mut dice: Dice) -> Option<Thread> {
        let Listener::Ours(listener) = &self.listener else { return None };
        let stop = if dice.percent(50) { Event::manual() } else { Event::auto() };
        let (listener, stopped) = (listener.clone(), stop.clone());
        let (thread, _) = alertable::spawn(move || {
            let models = ["with routines", "with events", "on a port"];
            let model = models[dice.below(models.len())];
            begin_thread(format!("{name} {model}"));
            watchdog::at(|| "serves".into());
            match model {
                "with routines" => with_routines(listener, &stopped),
                "with events" => with_events(listener, &stopped, dice),
                _ => super::port::serve(listener, &stopped, dice),
            }
            thread_ends();
            watchdog::at(|| "has ended".into());
        })
        .expect("a thread");
        count(&THREADS);
        *self.running.lock().unwrap() = Some((thread.clone(), stop));
        Some(thread)
    }

    /// The past ends of threads, to compare with.
    pub(super) fn ends(&self) -> u64 {
        self.ends.load(SeqCst)
    }

    /// Whether a thread has ended since, or was about to: connections of that time may break.
    pub(super) fn has_ended_since(&self, before: u64) -> bool {
        before % 2 == 1 || self.ends() != before
    }

    /// Ends the thread, and returns when it has ended.
    pub(super) fn stop(&self, how: How) {
        let Some((thread, stop)) = self.running.lock().unwrap().take() else { return };
        self.ends.fetch_add(1, SeqCst);
        while how.signal_and_wait(&stop, &thread) == Waited::Routines {}
        self.ends.fetch_add(1, SeqCst);
    }
}

pub(super) struct Client {
    pub(super) socket: Socket,
    pub(super) buffer: [u8; 3000],
    pub(super) ticket: Ticket,
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

pub(super) struct Door {
    pub(super) listener: Socket,
    pub(super) ticket: Ticket,
}

pub(super) fn code<T>(done: &Result<T>) -> i32 {
    done.as_ref().map_or_else(|error| error.code(), |_| 0)
}

fn with_routines(listener: Socket, stop: &Event) {
    Overlapped::new(Door { listener, ticket: Ticket::with_routine() }).accept(|door| &door.listener, accepted);
    let how = How { alertable: true, timeout: None };
    while how.one(stop) == Waited::Routines {}
}

fn accepted(mut door: Overlapped<Door>, client: Result<Socket>) {
    let _running = Running::enter();
    door.ticket.complete(code(&client));
    let socket = client.expect("nobody cancels it");
    Overlapped::new(Client { socket, buffer: [0; 3000], ticket: Ticket::with_routine() }).recv(received);
    door.ticket.issue();
    door.accept(|door| &door.listener, accepted);
}

fn received(mut client: Overlapped<Client>, done: Result<Completion>) {
    let _running = Running::enter();
    client.ticket.complete(code(&done));
    let Ok(Completion { bytes: bytes @ 1.., .. }) = done else { return };
    client.ticket.issue();
    // One way or the other, but always the same for what came with so many bytes.
    match bytes % 3 {
        0 => drop(client.send(..bytes, sent)),
        1 => {
            let _ = client.socket.give_copy(&client.buffer[..bytes]);
            client.recv(received);
        }
        _ => {
            let _ = client.socket.give(client.buffer[..bytes].to_vec());
            client.recv(received);
        }
    }
}

fn sent(mut client: Overlapped<Client>, done: Result<Completion>) {
    let _running = Running::enter();
    client.ticket.complete(code(&done));
    if done.is_ok() {
        client.ticket.issue();
        client.recv(received);
    }
}

/// Told to a value whose `Pending` is dropped.
type Orphan = Arc<AtomicBool>;

enum Turn {
    Accept(Orphan, Pending<Door, Socket>),
    Receive(Orphan, Pending<Client>),
    Send(Orphan, Pending<Client>),
}

fn with_events(listener: Socket, stop: &Event, mut dice: Dice) {
    let made = |dice: &mut Dice| if dice.percent(50) { Event::auto() } else { Event::manual() };
    let mut turns: Vec<(Event, Turn)> = Vec::new();
    let event = made(&mut dice);
    let door = Overlapped::new(Door { listener, ticket: Ticket::on_event() });
    turns.push((event.clone(), accept(door, &event)));
    loop {
        let mut objects: Vec<&dyn Waitable> = turns.iter().map(|(event, _)| event as &dyn Waitable).collect();
        objects.push(stop);
        let how = How { alertable: dice.percent(50), timeout: None };
        let index = match how.any(&objects) {
            Waited::Object(index) if index < turns.len() => index,
            Waited::Object(_) => break,
            _ => continue,
        };
        let (event, turn) = turns.swap_remove(index);
        let next = match turn {
            Turn::Accept(_, pending) => {
                assert!(pending.is_done(), "the event is set before its accept is done");
                let (mut door, client) = pending.finish();
                door.ticket.complete(code(&client));
                let socket = client.expect("nobody cancels it");
                let client = Overlapped::new(Client { socket, buffer: [0; 3000], ticket: Ticket::on_event() });
                let received = made(&mut dice);
                turns.push((received.clone(), receive(client, &received)));
                door.ticket.issue();
                accept(door, &event)
            }
            Turn::Receive(_, pending) => {
                assert!(pending.is_done(), "the event is set before its receive is done");
                let (mut client, done) = pending.finish();
                client.ticket.complete(code(&done));
                let Ok(Completion { bytes: bytes @ 1.., .. }) = done else { continue };
                client.ticket.issue();
                if bytes % 2 == 0 {
                    let _ = client.socket.give_copy(&client.buffer[..bytes]);
                    receive(client, &event)
                } else {
                    let orphan = Arc::clone(&client.ticket.orphan);
                    Turn::Send(orphan, client.send_event(..bytes, &event))
                }
            }
            Turn::Send(_, pending) => {
                assert!(pending.is_done(), "the event is set before its send is done");
                let (mut client, done) = pending.finish();
                client.ticket.complete(code(&done));
                if done.is_err() {
                    continue;
                }
                client.ticket.issue();
                receive(client, &event)
            }
        };
        turns.push((event, next));
    }
    leave(turns, &mut dice);
}

fn accept(door: Overlapped<Door>, event: &Event) -> Turn {
    let orphan = Arc::clone(&door.ticket.orphan);
    Turn::Accept(orphan, door.accept_event(event, |door| &door.listener))
}

fn receive(client: Overlapped<Client>, event: &Event) -> Turn {
    let orphan = Arc::clone(&client.ticket.orphan);
    Turn::Receive(orphan, client.recv_event(event))
}

/// The thread ends: its operations are dropped, or cancelled and finished.
fn leave(turns: Vec<(Event, Turn)>, dice: &mut Dice) {
    for (_, turn) in turns {
        match turn {
            Turn::Accept(orphan, pending) => {
                if let Some((mut door, done)) = give_up(&orphan, pending, dice) {
                    door.ticket.complete(code(&done));
                }
            }
            Turn::Receive(orphan, pending) | Turn::Send(orphan, pending) => {
                if let Some((mut client, done)) = give_up(&orphan, pending, dice) {
                    client.ticket.complete(code(&done));
                }
            }
        }
    }
}

fn give_up<T, R>(orphan: &Orphan, pending: Pending<T, R>, dice: &mut Dice) -> Option<(Overlapped<T>, Result<R>)> {
    if dice.percent(50) {
        // Nothing follows if it has completed already.
        let _ = pending.cancel();
        return Some(pending.finish());
    }
    orphan.store(true, SeqCst);
    None
}
