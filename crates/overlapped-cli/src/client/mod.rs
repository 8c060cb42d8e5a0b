//! `overlapped client`: sends a message again and again, and says what comes back.

mod callback;
mod event;
mod talk;

use crate::args::Client;
use crate::model::Model;
use crate::output::say;
use crate::problem::Problem;
use crate::signals;
use overlapped::{Event, Result, Socket, driver};
use std::net::SocketAddr;
use talk::Talk;

const DEFAULT_MESSAGE: &str = "Hello World";
const DEFAULT_SIZE: usize = 100;

/// The buffer that what comes back is received into.
const BUFFER: usize = 64 * 1024;

pub(crate) fn run(asked: &Client) -> std::result::Result<(), Problem> {
    let message = message(asked)?;
    driver::report()?;
    let places = asked.address.resolve()?;
    let stop = Event::manual();
    let asked_to = stop.clone();
    signals::on_stop(move || asked_to.set())?;
    let Some(socket) = reach(asked.model, &places, &stop)? else { return Ok(()) };
    // Each message leaves when it is sent, not when the one before has been acknowledged.
    let _ = socket.set_nodelay(true);
    let place = socket.peer_addr()?;
    say!("connected to {place}");

    let talk = Talk::new(message.len(), asked.every, asked.count);
    let talk = match asked.model {
        Model::Callback => callback::talk(&socket, message, talk, &stop),
        Model::Event => event::talk(&socket, message, talk, &stop),
    }?;
    say!("{talk}");
    match talk.failure() {
        Some(error) => Err(Problem::at("go on talking to", place, error)),
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
fn reach(model: Model, places: &[SocketAddr], stop: &Event) -> std::result::Result<Option<Socket>, Problem> {
    let mut failed = None;
    for &place in places {
        match connect(model, place, stop) {
            Ok(reached) => return Ok(reached),
            Err(error) => failed = failed.or(Some(Problem::at("connect to", place, &error))),
        }
    }
    Err(failed.expect("a resolved address has one place or more"))
}

fn connect(model: Model, place: SocketAddr, stop: &Event) -> Result<Option<Socket>> {
    let socket = Socket::tcp(&place)?;
    match model {
        Model::Callback => callback::connect(socket, place, stop),
        Model::Event => event::connect(socket, place, stop),
    }
}
