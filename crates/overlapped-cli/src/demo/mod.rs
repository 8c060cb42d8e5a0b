//! `overlapped demo`: server and client in one process, over a real connection, saying what happens.
//!
//! Client and server are two threads that really send and receive. They take turns in speaking, so
//! that the lines come in the order in which things depend on each other.

mod callback;
mod event;
mod script;
mod stage;

use crate::args::Demo;
use crate::output::say;
use crate::problem::Problem;
use overlapped::server::Model;
use overlapped::{Result, alertable, driver};
use stage::Stage;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

/// Where the client finds the server: its address, and its thread's APC queue.
type Place = (SocketAddr, alertable::Thread);

type Server = fn(Stage, Sender<Place>) -> Result<()>;

pub(crate) fn run(asked: &Demo) -> std::result::Result<(), Problem> {
    driver::report()?;
    let both = [Model::Event, Model::Callback];
    let models = asked.model.as_ref().map_or(&both[..], std::slice::from_ref);
    let time = Duration::from_secs(asked.seconds);
    for (place, model) in models.iter().enumerate() {
        if place > 0 {
            say!("");
        }
        match model {
            Model::Event => {
                stage::title("event: the thread waits for event objects", event::ABOUT);
                play(event::server, |stage, place| script::play(stage, &mut event::Client::default(), place, time))?;
            }
            Model::Callback => {
                stage::title("callback: completion routines run in the thread's alertable waits", callback::ABOUT);
                play(callback::server, |stage, place| {
                    script::play(stage, &mut callback::Client::default(), place, time)
                })?;
            }
            other => return Err(Problem::usage(format!("the demo has no model `{other}`; it has event and callback"))),
        }
    }
    Ok(())
}

/// The server on a thread of its own, the client on this one.
fn play(server: Server, client: impl FnOnce(&Rc<Stage>, Place) -> Result<()>) -> std::result::Result<(), Problem> {
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
