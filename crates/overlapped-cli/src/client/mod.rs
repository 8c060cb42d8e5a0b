//! `overlapped client`: sends a message again and again, and says what comes back. A file for each model, which shows it; what is
//! the same for all of them is in [`talk`], for those that issue operations in [`halves`], and for those that ask first in
//! [`exchange`].

mod async_select;
mod callback;
mod event;
mod event_select;
mod exchange;
mod halves;
mod port;
mod select;
mod talk;

use crate::args::Client;
use crate::output::say;
use crate::problem::Problem;
use crate::signals;
use overlapped::server::Model;
use overlapped::{Result, Socket, driver};
use std::net::SocketAddr;
use std::time::Duration;
use talk::Talk;

const DEFAULT_MESSAGE: &str = "Hello World";
const DEFAULT_SIZE: usize = 100;

/// A client of one model. It waits for its connection, for the next message to be due, and for the user, who may stop it: that
/// is told to each model in its own way.
trait Way: Sized {
    fn new() -> Result<Self>;

    /// What stops it, on another thread.
    fn stopper(&self) -> impl FnOnce() + Send + 'static;

    /// Connects; None if the user stops it first.
    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>>;

    /// Talks until it is over or the user stops it.
    fn talk(&mut self, socket: &Socket, talk: Talk) -> Result<Talk>;
}

pub(crate) fn run(asked: &Client) -> std::result::Result<(), Problem> {
    match asked.model {
        Model::Select => converse::<select::Way>(asked),
        Model::EventSelect => converse::<event_select::Way>(asked),
        Model::AsyncSelect => converse::<async_select::Way>(asked),
        Model::Event => converse::<event::Way>(asked),
        Model::Callback => converse::<callback::Way>(asked),
        Model::Port => converse::<port::Way>(asked),
    }
}

fn converse<W: Way>(asked: &Client) -> std::result::Result<(), Problem> {
    let message = message(asked)?;
    let talk = Talk::new(asked.wire.framing()?, asked.id, &message, asked.every, asked.count)
        .map_err(|error| Problem::usage(format!("the message is too long: {error}; see --framing and --size")))?;
    driver::report()?;
    let places = asked.address.resolve()?;
    let mut way = W::new()?;
    signals::on_stop(Duration::ZERO, way.stopper())?;
    let Some(socket) = reach(&mut way, &places)? else { return Ok(()) };
    // Each message leaves when it is sent, not when the one before has been acknowledged.
    let _ = socket.set_nodelay(true);
    let place = socket.peer_addr()?;
    say!("connected to {place}");

    let talk = way.talk(&socket, talk)?;
    say!("{talk}");
    match talk.failure() {
        Some(why) => Err(Problem::failed(format!("cannot go on talking to {place}: {why}"))),
        None => Ok(()),
    }
}

/// The text, padded with zeros to the size.
fn message(asked: &Client) -> std::result::Result<Vec<u8>, Problem> {
    let text = asked.message.as_deref().unwrap_or(DEFAULT_MESSAGE);
    let size = match (&asked.message, asked.size) {
        (_, Some(size)) => size,
        (Some(text), None) => text.len(),
        (None, None) => DEFAULT_SIZE,
    };
    if size == 0 {
        return Err(Problem::usage("--message is empty: a message has at least one byte"));
    }
    if asked.message.is_some() && text.len() > size {
        return Err(Problem::usage(format!("--message has {} bytes, more than --size {size}", text.len())));
    }
    let mut message = text.as_bytes().to_vec();
    message.resize(size, 0);
    Ok(message)
}

/// A name may stand for several addresses: the first that answers is taken. None if the user stops
/// waiting for it.
fn reach(way: &mut impl Way, places: &[SocketAddr]) -> std::result::Result<Option<Socket>, Problem> {
    let mut failed = None;
    for &place in places {
        match Socket::tcp(&place).and_then(|socket| way.connect(socket, place)) {
            Ok(reached) => return Ok(reached),
            Err(error) => failed = failed.or(Some(Problem::at("connect to", place, &error))),
        }
    }
    Err(failed.expect("a resolved address has one place or more"))
}
