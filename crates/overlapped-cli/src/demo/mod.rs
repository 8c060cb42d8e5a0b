//! `overlapped demo`: server and client in one process, over a real connection, saying what happens.
//!
//! Client and server are two threads that really send and receive. They take turns in speaking, so
//! that the lines come in the order in which things depend on each other.

mod async_select;
mod callback;
mod event;
mod event_select;
mod port;
mod reactor;
mod script;
mod select;
mod stage;

use crate::args::Demo;
use crate::output::say;
use crate::problem::Problem;
use overlapped::server::Model;
use overlapped::{Result, driver};
use reactor::Client;
use script::Operations;
use stage::Stage;
use std::rc::Rc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

pub(crate) fn run(asked: &Demo) -> std::result::Result<(), Problem> {
    driver::report()?;
    let models = asked.model.as_ref().map_or(&Model::ALL[..], std::slice::from_ref);
    let time = Duration::from_secs(asked.seconds);
    for (place, model) in models.iter().enumerate() {
        if place > 0 {
            say!("");
        }
        show(*model, time)?;
    }
    Ok(())
}

fn show(model: Model, time: Duration) -> std::result::Result<(), Problem> {
    let (kind, title, about) = match model {
        Model::Select => ("reactor", select::TITLE, select::ABOUT),
        Model::EventSelect => ("reactor", event_select::TITLE, event_select::ABOUT),
        Model::AsyncSelect => ("reactor", async_select::TITLE, async_select::ABOUT),
        Model::Event => ("proactor", event::TITLE, event::ABOUT),
        Model::Callback => ("proactor", callback::TITLE, callback::ABOUT),
        Model::Port => ("proactor", port::TITLE, port::ABOUT),
    };
    stage::title(format_args!("{model} ({kind}): {title}"), about);
    match model {
        Model::Select => one_thread(select::server, Client::new(select::connect), time),
        Model::EventSelect => one_thread(event_select::server, Client::new(event_select::connect), time),
        Model::AsyncSelect => one_thread(async_select::server, Client::new(async_select::connect), time),
        Model::Event => one_thread(event::server, event::Client::default(), time),
        Model::Callback => one_thread(callback::server, callback::Client::default(), time),
        Model::Port => play(port::server, |stage, place| port::play(stage, place, time)),
    }
}

/// A server that is one thread.
fn one_thread(
    server: fn(Stage, Sender<script::Place>) -> Result<()>,
    mut client: impl Operations,
    time: Duration,
) -> std::result::Result<(), Problem> {
    play(server, |stage, place| script::play(stage, &mut client, place, time))
}

/// The server on a thread of its own, the client on this one.
fn play<P: Send + 'static>(
    server: fn(Stage, Sender<P>) -> Result<()>,
    client: impl FnOnce(&Rc<Stage>, P) -> Result<()>,
) -> std::result::Result<(), Problem> {
    let (servers, clients) = Stage::pair();
    let (tell, told) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("server".into())
        .spawn(move || server(servers, tell))
        .map_err(|error| Problem::failed(format!("cannot start a thread: {error}")))?;
    if let Ok(place) = told.recv() {
        client(&Rc::new(clients), place)?;
    }
    match thread.join() {
        Ok(served) => Ok(served?),
        Err(_) => Err(Problem::failed("the demo's server has panicked")),
    }
}
