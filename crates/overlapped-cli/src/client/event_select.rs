//! The client on network events: they are recorded, and an event object says so. The user's wish to stop is a second one.

use super::exchange::Exchange;
use super::talk::{Next, Talk};
use overlapped::network::NetworkEvents;
use overlapped::{Event, Result, Socket, Waited, wait};
use std::net::SocketAddr;

pub(super) struct Way {
    stop: Event,
    happened: Event,
}

impl super::Way for Way {
    fn new() -> Result<Self> {
        Ok(Self { stop: Event::manual(), happened: Event::manual() })
    }

    fn stopper(&self) -> impl FnOnce() + Send + 'static {
        let stop = self.stop.clone();
        move || stop.set()
    }

    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>> {
        socket.select_events(&self.happened, NetworkEvents::CONNECT)?;
        match socket.try_connect(place) {
            Err(error) if error.is_would_block() => {}
            done => return done.map(|()| Some(socket)),
        }
        loop {
            if let Waited::Object(0) = wait::any(&[&self.stop, &self.happened], None)? {
                return Ok(None);
            }
            let recorded = socket.network_events(Some(&self.happened))?;
            if recorded.contains(NetworkEvents::CONNECT) {
                return recorded.error(NetworkEvents::CONNECT).map_or(Ok(Some(socket)), Err);
            }
        }
    }

    fn talk(&mut self, socket: &Socket, talk: Talk) -> Result<Talk> {
        let events = NetworkEvents::READ | NetworkEvents::WRITE | NetworkEvents::CLOSE;
        socket.select_events(&self.happened, events)?;
        let mut exchange = Exchange::new(socket, talk);
        while let Next::Wait(pause) = exchange.next() {
            match wait::any(&[&self.stop, &self.happened], pause)? {
                Waited::Object(0) => break,
                Waited::Object(_) => exchange.react(socket.network_events(Some(&self.happened))?.events()),
                _ => {}
            }
        }
        Ok(exchange.into_talk())
    }
}
