//! What the client does, the same on every model but one: it makes the server show its steps.

use super::stage::{Cues, Stage};
use overlapped::{Result, alertable};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

/// Connections: one to look at closely, and enough for several at once.
pub(super) const CONNECTIONS: usize = 3;

const EVERY: Duration = Duration::from_millis(500);

/// The documents' message: a short text in a hundred bytes.
pub(super) fn message() -> [u8; 100] {
    let mut message = [0; 100];
    message[..11].copy_from_slice(b"Hello World");
    message
}

/// A client's operations, each told as it happens.
pub(super) trait Operations {
    fn connect(&mut self, stage: &Rc<Stage>, to: SocketAddr) -> Result<()>;

    /// One message on each of the given connections.
    fn send(&mut self, stage: &Rc<Stage>, connections: &[usize]) -> Result<()>;

    fn close(&mut self);
}

/// Where the client finds the server, and how any other thread gives the server's thread something to do.
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) work: Work,
}

/// A way to get through to a thread that waits.
pub(super) struct Work {
    pub(super) what: &'static str,
    pub(super) ours: &'static str,
    pub(super) winsock: &'static str,
    pub(super) give: Box<dyn FnOnce(Arc<Cues>) -> Result<()> + Send>,
}

impl Work {
    /// Of a thread that waits alertably.
    pub(super) fn apc() -> Self {
        let server = alertable::current();
        Self {
            what: "queues a user APC to the server's thread",
            ours: "Thread::queue",
            winsock: "QueueUserAPC",
            give: Box::new(move |cues| server.queue(move || cues.apc())),
        }
    }
}

pub(super) fn play(stage: &Rc<Stage>, client: &mut impl Operations, place: Place, time: Duration) -> Result<()> {
    stage.my_turn();
    open(stage, client, place.address, time)?;

    stage.cues.brief.store(false, Ordering::Relaxed);
    let work = place.work;
    stage.say(work.what, work.ours, work.winsock);
    (work.give)(Arc::clone(&stage.cues))?;
    stage.pass(1);

    // The server does its other work meanwhile, and is in no wait.
    stage.my_turn();
    stage.cues.brief.store(true, Ordering::Relaxed);
    client.send(stage, &[0, 1, 2])?;
    stage.cues.brief.store(false, Ordering::Relaxed);
    stage.pass(CONNECTIONS);

    stage.my_turn();
    stage.cues.brief.store(true, Ordering::Relaxed);
    stage.say("closes its connections", "drop(socket)", "closesocket");
    client.close();
    stage.pass(CONNECTIONS);
    Ok(())
}

/// The beginning: a connection and a message in detail, then the rest in brief.
pub(super) fn open(stage: &Rc<Stage>, client: &mut impl Operations, address: SocketAddr, time: Duration) -> Result<()> {
    client.connect(stage, address)?;
    stage.pass(1);
    stage.my_turn();
    client.send(stage, &[0])?;
    stage.pass(1);
    stage.my_turn();
    stage.cues.brief.store(true, Ordering::Relaxed);
    for _ in 0..time.as_millis() / EVERY.as_millis() {
        thread::sleep(EVERY);
        client.send(stage, &[0])?;
        stage.pass(1);
        stage.my_turn();
    }
    for _ in 1..CONNECTIONS {
        client.connect(stage, address)?;
        stage.pass(1);
        stage.my_turn();
    }
    Ok(())
}
