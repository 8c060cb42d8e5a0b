//! `overlapped serve`: any number of clients at once, on either model.
//!
//! N workers serve clients, each its own. The first of them accepts, too, and hands the clients to
//! all workers in turn: a server of one thread needs no other. What a session does next is decided
//! in [`worker`], the same for both models; [`callback`] and [`event`] differ in how operations are
//! issued and how their completions arrive.

mod acceptor;
mod callback;
mod crew;
mod event;
mod peers;
mod session;
mod tally;
mod worker;

use crate::args::{Address, Mode, Serve};
use crate::model::Model;
use crate::output::say;
use crate::platform;
use crate::problem::Problem;
use crate::signals;
use callback::Callback;
use crew::Crew;
use event::Events;
use overlapped::{Socket, driver};
use peers::Peers;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tally::Tally;

/// How long what is queued for clients may take to leave when the server stops.
const DRAIN: Duration = Duration::from_secs(1);

/// What all threads of the server share.
struct Hub {
    mode: Mode,
    /// Receive buffer of a session.
    buffer: usize,
    /// How much may wait for a client of a broadcast.
    queue: usize,
    peers: Peers,
    /// What the workers have counted, as they end, and the acceptor, as it fails.
    tally: Mutex<Tally>,
}

impl Hub {
    fn count(&self, add: impl FnOnce(&mut Tally)) {
        add(&mut self.tally.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets what is queued for clients leave, for a moment, then lets go of all of them.
    fn drain(&self) {
        let deadline = Instant::now() + DRAIN;
        while self.peers.any_waits() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        self.peers.close();
    }
}

/// How a model serves.
trait Serving {
    /// Where a worker is reached.
    type Desk: crew::Desk;

    /// Serves what comes to the desk, which it opens first, until the worker is done.
    fn work(worker: worker::Worker, open: impl FnOnce(Self::Desk)) -> overlapped::Result<()>;
}

pub(crate) fn run(asked: &Serve) -> Result<(), Problem> {
    platform::raise_open_files();
    if let Some(choice) = asked.driver {
        driver::choose(choice)?;
    }
    driver::report()?;
    let listener = listen(&asked.address)?;
    let hub = Arc::new(Hub {
        mode: asked.mode,
        buffer: asked.buffer,
        queue: asked.queue,
        peers: Peers::default(),
        tally: Mutex::default(),
    });
    match asked.model {
        Model::Callback => serve::<Callback>(&hub, &listener, asked.threads),
        Model::Event => serve::<Events>(&hub, &listener, asked.threads),
    }
}

/// A name may stand for several addresses: the first that can be listened on is taken.
fn listen(address: &Address) -> Result<Socket, Problem> {
    let mut failed = None;
    for place in address.resolve()? {
        match Socket::listen(place) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = failed.or(Some(Problem::at("listen on", place, &error))),
        }
    }
    Err(failed.expect("a resolved address has one place or more"))
}

fn serve<M: Serving>(hub: &Arc<Hub>, listener: &Socket, threads: u16) -> Result<(), Problem> {
    let address = listener.local_addr()?;
    let (stop, stopped) = mpsc::channel();
    let crew = Crew::start::<M>(hub, threads, &stop)?;
    signals::on_stop(move || {
        let _ = stop.send(());
    })?;
    crew.accept(hub, listener);
    say!("listening on {address}");
    // This thread is in none of the library's waits: the workers' completions are theirs alone.
    let _ = stopped.recv();
    listener.close();
    hub.drain();
    let finished = crew.finish();
    hub.count(|tally| say!("{tally}"));
    finished
}
