//! `overlapped serve`: any number of clients at once, on any model. The library's server does the work; here is what it is
//! asked for, and in [`modes`] what a server of each mode does with a message.

mod modes;
mod tally;

use crate::args::{Mode, Overflow, Serve};
use crate::output::{complain, say};
use crate::platform;
use crate::problem::Problem;
use crate::signals;
use modes::{Broadcast, Echo, Print};
use overlapped::server::{self, Builder, Framing, Server};
use overlapped::{Operation, Result};
use std::sync::Arc;
use std::time::Duration;
use tally::{AcceptErrors, Stats, Summary};

/// How long a client that has ended its stream, or has been told the end, may take to read what is queued for it.
const LINGER: Duration = Duration::from_secs(10);

pub(crate) fn run(asked: &Serve) -> std::result::Result<(), Problem> {
    platform::raise_open_files();
    let framing = asked.wire.framing()?;
    let errors = Arc::new(AcceptErrors::default());
    let counted = Arc::clone(&errors);
    let builder = describe(asked, framing)?.on_accept_error(move |error| counted.count(error));
    let server = start(builder, asked, framing).map_err(|error| match error.operation() {
        Operation::Listen => Problem::at("listen on", &asked.address, &error),
        _ => Problem::from(error),
    })?;
    let handle = server.handle();
    let (stopped, drain) = (handle.clone(), asked.drain);
    signals::on_stop(drain, move || stopped.drain(drain))?;
    say!("listening on {}", server.address());
    // This thread is in none of the library's waits.
    let ended = server.join();
    say!("{}", Summary { counters: &handle.counters(), errors: &errors, cut: ended.as_ref().ok() });
    ended.map(drop).map_err(Problem::from)
}

/// Everything but what becomes of a message.
fn describe(asked: &Serve, framing: Framing) -> std::result::Result<Builder, Problem> {
    if asked.heartbeat.is_some() && framing.is_raw() {
        return Err(Problem::usage("--heartbeat is a packet without content: it needs a --framing"));
    }
    // An echo is not read from while much waits for it, so nothing that it sends is too much.
    let (pause, queue) = if asked.mode == Mode::Echo { (asked.queue, usize::MAX) } else { (usize::MAX, asked.queue) };
    let overflow = match asked.overflow {
        Overflow::Close => server::Overflow::Close,
        Overflow::Drop => server::Overflow::Tell,
    };
    // A name may stand for several addresses: the first that can be listened on is taken.
    let mut builder = Server::builder(&asked.address.resolve()?[..])
        .model(asked.model)
        .threads(asked.threads.into())
        .framing(framing)
        .buffer(asked.buffer)
        .queue_limit(queue, overflow)
        .pause_above(pause)
        .linger(LINGER);
    if let Some(driver) = asked.driver {
        builder = builder.driver(driver);
    }
    if let Some(threads) = asked.concurrency {
        builder = builder.concurrency(threads.into());
    }
    if let Some(clients) = asked.max_clients {
        builder = builder.max_sessions(clients);
    }
    if let Some(clients) = asked.max_per_address {
        builder = builder.max_sessions_per_address(clients);
    }
    if let Some(timeout) = asked.idle {
        builder = builder.idle_timeout(timeout);
    }
    if let Some(every) = asked.heartbeat {
        builder = builder.heartbeat(every, "");
    }
    if let Some(every) = asked.stats {
        builder = builder.tick(every, |server| complain!("{}", Stats(&server.counters())));
    }
    Ok(builder)
}

fn start(builder: Builder, asked: &Serve, framing: Framing) -> Result<Server> {
    let queue = asked.queue;
    match asked.mode {
        Mode::Print => builder.start(move || Print { framing }),
        Mode::Echo => builder.start(|| Echo),
        Mode::Broadcast => builder.start(move || Broadcast { queue, told: false }),
    }
}
