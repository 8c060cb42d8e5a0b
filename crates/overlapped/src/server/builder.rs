//! What a server is asked to be.

use super::backend::{self, Backend, Work};
use super::clock::{Clock, OnTick, Tick};
use super::common::{Common, Factory};
use super::decoder::Decoder;
use super::framing::Framing;
use super::handle::Handle;
use super::handler::Handler;
use super::model::Model;
use super::packet::Packet;
use super::queue::Overflow;
use super::running::Server;
use super::worker::Worker;
use crate::codes;
use crate::driver::{self, Choice};
use crate::error::{Error, Operation, Result};
use crate::socket::Socket;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// What the threads need to know of what was asked for. Times are in milliseconds.
pub(super) struct Config {
    pub(super) framing: Framing,
    pub(super) buffer: usize,
    pub(super) most: usize,
    pub(super) most_of_address: usize,
    pub(super) idle: Option<u64>,
    pub(super) heartbeat: Option<(u64, Packet)>,
    pub(super) linger: u64,
    pub(super) queue_limit: usize,
    pub(super) overflow: Overflow,
    pub(super) pause: usize,
    pub(super) accept_error: Option<OnError>,
}

type OnError = Box<dyn Fn(&Error) + Send + Sync>;

/// A server that is described and not started yet, see [`Server::builder`].
///
/// ```
/// use overlapped::server::{Framing, Handler, Message, Model, Overflow, Server, Session};
/// use std::time::Duration;
///
/// struct Echo;
///
/// impl Handler for Echo {
///     fn received(&mut self, session: &Session, message: Message<'_>) {
///         session.send_copy(message.id(), &message);
///     }
/// }
///
/// let server = Server::builder("127.0.0.1:0")
///     .model(Model::Event)
///     .threads(2)
///     .framing(Framing::packets().max(1000))
///     .max_sessions(5000)
///     .max_sessions_per_address(100)
///     .idle_timeout(Duration::from_secs(60))
///     .heartbeat(Duration::from_secs(15), (0, "are you there?"))
///     .queue_limit(64 << 10, Overflow::Close)
///     .tick(Duration::from_millis(50), |server| {
///         server.broadcast((1, "tick"));
///     })
///     .start(|| Echo)?;
/// # server.drain(Duration::ZERO)?;
/// # Ok::<(), overlapped::Error>(())
/// ```
#[must_use = "it does nothing before it is started"]
pub struct Builder {
    /// Each a list of which the first that can be listened on is taken, or why there is none.
    places: Vec<Result<Vec<SocketAddr>>>,
    model: Model,
    threads: usize,
    acceptors: usize,
    concurrency: usize,
    driver: Option<Choice>,
    tick: Option<(Duration, OnTick)>,
    config: Config,
}

fn millis(time: Duration) -> u64 {
    // Half a millisecond is not for ever.
    time.as_millis().clamp(1, u128::from(u64::MAX)) as u64
}

impl Builder {
    pub(super) fn new(address: impl ToSocketAddrs) -> Self {
        let config = Config {
            framing: Framing::raw(),
            buffer: Decoder::BUFFER,
            most: usize::MAX,
            most_of_address: usize::MAX,
            idle: None,
            heartbeat: None,
            linger: 1000,
            queue_limit: 1 << 20,
            overflow: Overflow::Close,
            pause: usize::MAX,
            accept_error: None,
        };
        let builder = Self {
            places: Vec::new(),
            model: Model::Callback,
            threads: 1,
            acceptors: 1,
            concurrency: 0,
            driver: None,
            tick: None,
            config,
        };
        builder.also_at(address)
    }

    /// Listens on a further address, such as one of IPv6.
    pub fn also_at(mut self, address: impl ToSocketAddrs) -> Self {
        let unknown = |error: std::io::Error| {
            Error::new(Operation::Listen, codes::WSAHOST_NOT_FOUND).with_detail(error.to_string())
        };
        self.places.push(address.to_socket_addrs().map(Iterator::collect).map_err(unknown));
        self
    }

    /// The model; [`Model::Callback`] if nothing is said.
    pub fn model(mut self, model: Model) -> Self {
        self.model = model;
        self
    }

    /// How many threads serve; one if nothing is said.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// How many of the threads accept; one if nothing is said. Sessions go to all threads in turn. With
    /// [`EventSelect`](Model::EventSelect) and [`AsyncSelect`](Model::AsyncSelect) it is always one: what happens to a listener is told in
    /// one place.
    pub fn acceptors(mut self, acceptors: usize) -> Self {
        self.acceptors = acceptors.max(1);
        self
    }

    /// How many of the threads run at a time in the model [`Port`](Model::Port), as [`Port::new`](crate::Port::new) takes it; as
    /// many as there are processors, if nothing is said. The other models know no such number.
    pub fn concurrency(mut self, threads: usize) -> Self {
        self.concurrency = threads;
        self
    }

    /// The driver, as [`driver::choose`] takes it.
    pub fn driver(mut self, driver: Choice) -> Self {
        self.driver = Some(driver);
        self
    }

    /// How the stream is cut into messages; [`Framing::raw`] if nothing is said.
    pub fn framing(mut self, framing: Framing) -> Self {
        self.config.framing = framing;
        self
    }

    /// The receive buffer of a session to begin with; [`Decoder::BUFFER`] if nothing is said. It grows to the largest packet,
    /// and without framing not at all.
    pub fn buffer(mut self, bytes: usize) -> Self {
        self.config.buffer = bytes;
        self
    }

    /// How many sessions there may be at a time. Further connections are closed, and counted as refused.
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.config.most = sessions;
        self
    }

    /// How many sessions of one IP address there may be at a time.
    pub fn max_sessions_per_address(mut self, sessions: usize) -> Self {
        self.config.most_of_address = sessions;
        self
    }

    /// Ends a session from which nothing has come for so long, with [`Reason::Idle`](super::Reason::Idle). It may take an
    /// eighth longer: the sessions are looked at all together.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.config.idle = Some(millis(timeout));
        self
    }

    /// Sends a packet to each session to which nothing was sent for so long, or an eighth longer.
    pub fn heartbeat(mut self, every: Duration, packet: impl Into<Packet>) -> Self {
        self.config.heartbeat = Some((millis(every), packet.into().shared()));
        self
    }

    /// How long a session that ends may take to send what is queued and to see the peer's end of the stream; a second if nothing is
    /// said. What is left then is dropped.
    pub fn linger(mut self, time: Duration) -> Self {
        self.config.linger = millis(time);
        self
    }

    /// How many bytes may wait for a peer, a mebibyte if nothing is said, and what happens at that bound. A message for which there
    /// is no room is dropped; but one that is larger than the bound is taken while nothing waits.
    pub fn queue_limit(mut self, bytes: usize, overflow: Overflow) -> Self {
        self.config.queue_limit = bytes;
        self.config.overflow = overflow;
        self
    }

    /// Receives nothing from a peer for whom more than so many bytes wait, until it has read: a peer that only asks, and does not read
    /// the answers, is then held up by its own system instead of coming to the bound of its queue.
    pub fn pause_above(mut self, bytes: usize) -> Self {
        self.config.pause = bytes;
        self
    }

    /// Calls a function when an accept has failed: for want of descriptors (`WSAEMFILE`), say, or because the client had gone again.
    /// The server goes on; it tries again what may last, ten times a second, and calls each time. On any of its threads.
    pub fn on_accept_error(mut self, call: impl Fn(&Error) + Send + Sync + 'static) -> Self {
        self.config.accept_error = Some(Box::new(call));
        self
    }

    /// Calls a function at a fixed rate, on the first thread, between its handlers and in the same wait as its I/O. What is late is
    /// made up for, call by call beside the I/O, so there is no drift; of more than sixteen late calls the rest is left out and counted.
    pub fn tick(mut self, every: Duration, call: impl FnMut(&Handle) + Send + 'static) -> Self {
        self.tick = Some((every, Box::new(call)));
        self
    }

    /// Listens, starts the threads, and returns when all of them serve. `handler` makes the handler of each session.
    ///
    /// # Errors
    ///
    /// Those of [`Socket::listen`], of [`driver::choose`], and of the system when threads are started.
    pub fn start<H: Handler>(self, handler: impl Fn() -> H + Send + Sync + 'static) -> Result<Server> {
        self.start_with(Box::new(move || Box::new(handler())))
    }

    fn start_with(self, factory: Factory) -> Result<Server> {
        match self.driver {
            Some(choice) => driver::choose(choice)?,
            None => driver::report()?,
        };
        let mut listeners = Vec::new();
        for place in self.places {
            listeners.push(Socket::listen(&place?[..])?);
        }
        let addresses = listeners.iter().map(Socket::local_addr).collect::<Result<Vec<_>>>()?;
        let clock = Clock::new(self.tick.map(|(every, call)| Tick::new(every, call)));
        let (work, desks) = match backend::of(self.model) {
            Backend::Bound(work) => (Arc::new(work) as Work, self.threads),
            Backend::Pooled(pool) => (pool(self.concurrency), 1),
        };
        let common = Arc::new(Common::new(self.config, factory, clock, desks, self.threads));
        let mut server = Server::new(Arc::clone(&common), addresses);
        let (begun, begins) = mpsc::channel();
        for number in 0..self.threads {
            let worker = Worker::new(Arc::clone(&common), number, begun.clone());
            let work = Arc::clone(&work);
            let thread = thread::Builder::new().name(format!("server {number}")).spawn(move || {
                let _loss = worker.loss();
                work(worker)
            });
            server.add(thread.map_err(|error| Error::from_io(Operation::Thread, &error))?);
        }
        drop(begun);
        // Each of them says that it has begun, or ends.
        if begins.iter().take(self.threads).count() < self.threads {
            return Err(server
                .drain(Duration::ZERO)
                .err()
                .unwrap_or_else(|| Error::new(Operation::Serve, codes::ERROR_GEN_FAILURE)));
        }
        let acceptors = match self.model {
            // A socket has one selection, which is told in one place.
            Model::EventSelect | Model::AsyncSelect => 1,
            _ => self.acceptors.min(self.threads),
        };
        for desk in common.desks().iter().cycle().take(acceptors) {
            desk.put(|mail| mail.listeners.extend(listeners.iter().cloned()));
        }
        for listener in listeners {
            common.keep(listener);
        }
        Ok(server)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("model", &self.model).field("threads", &self.threads).finish_non_exhaustive()
    }
}
