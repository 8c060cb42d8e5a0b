//! The port model, told: one queue of packets, and workers that take them.

mod client;
mod worker;

use super::script::CONNECTIONS;
use super::stage::Stage;
pub(super) use client::play;
use overlapped::{Completion, Error, Event, Overlapped, Port, Result, Session, Socket, codes};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

pub(super) const TITLE: &str = "workers take packets from one queue";
pub(super) const ABOUT: &str = "\
A proactor: the receive is issued first, and a packet says that the bytes are in the session's buffer. Packets lie in one
queue, whichever thread issued the operation. The worker that came last is released first, and no more run at once than
the concurrency value says.";

/// The workers, in the order in which they come to the port.
const WORKERS: [&str; 3] = ["A", "B", "C"];

/// What the workers take. Each variant is the function that makes it.
enum Packet {
    Accepted(Overlapped<Door>, Result<Socket>),
    Received(Overlapped<Conn>, Result<Completion>),
    /// The program's own.
    Posted(Job),
}

enum Job {
    /// To compute until there is more to do.
    Compute,
    /// To wait for the event.
    Wait,
    Nothing,
}

struct Door {
    listener: Socket,
    issuer: &'static str,
}

struct Conn {
    socket: Socket,
    buffer: [u8; 1000],
    number: usize,
    issuer: &'static str,
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// What the workers share.
struct Hall {
    port: Port<Packet>,
    stage: Mutex<Stage>,
    came: AtomicUsize,
    here: AtomicUsize,
    cues: Arc<Cues>,
}

/// What the client gives the workers, besides packets.
struct Cues {
    computes: AtomicBool,
    event: Event,
}

/// Where the client finds the workers.
pub(super) struct Place {
    address: SocketAddr,
    port: Port<Packet>,
    cues: Arc<Cues>,
}

impl Hall {
    /// The stage, for one worker at a time.
    fn stage(&self, speaker: &'static str) -> MutexGuard<'_, Stage> {
        let stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        stage.speaker(speaker);
        stage
    }
}

/// Waits until so many workers wait.
fn until_wait(port: &Port<Packet>, workers: usize) {
    while port.waiting() < workers {
        thread::yield_now();
    }
}

pub(super) fn server(stage: Stage, tell: Sender<Place>) -> Result<()> {
    let port = Port::new(1);
    stage.say(
        "makes a port on which one thread runs at a time",
        "Port::new(1)",
        "CreateIoCompletionPort(.., NULL, 0, 1)",
    );
    let listener = Socket::listen("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    stage.say(format_args!("listens on {address}"), "Socket::listen(address)", "socket, bind, listen");
    let cues = Arc::new(Cues { computes: AtomicBool::new(true), event: Event::auto() });
    let (came, here) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let hall = Arc::new(Hall { port: port.clone(), stage: Mutex::new(stage), came, here, cues: Arc::clone(&cues) });
    worker::accept(&hall.stage("server"), &port, Overlapped::new(Door { listener, issuer: "" }), "server");
    let start = |(place, name)| {
        let hall = Arc::clone(&hall);
        let worker = thread::spawn(move || worker::work(&hall, name));
        until_wait(&port, place + 1);
        worker
    };
    let workers: Vec<_> = WORKERS.into_iter().enumerate().map(start).collect();
    hall.stage("server").pass(0);
    let _ = tell.send(Place { address, port, cues });

    for (name, worker) in WORKERS.into_iter().zip(workers) {
        let ended = worker.join().unwrap_or(Ok(()));
        if ended.as_ref().is_err_and(is_closed) {
            let what = "its wait ends: the port is closed";
            let winsock = "GetQueuedCompletionStatus = FALSE";
            hall.stage(name).say(what, "Err(ERROR_ABANDONED_WAIT_0)", winsock);
        } else {
            ended?;
        }
    }
    Ok(())
}

fn is_closed(error: &Error) -> bool {
    error.code() == codes::ERROR_ABANDONED_WAIT_0
}
