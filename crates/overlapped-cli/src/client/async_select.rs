//! The client on messages: network events come to the thread's queue, as does the user's wish to stop.

use super::exchange::Exchange;
use super::talk::{Next, Talk};
use overlapped::messages::{Message, MessageQueue};
use overlapped::network::NetworkEvents;
use overlapped::{Result, Socket, wait};
use std::net::SocketAddr;

pub(super) struct Way {
    queue: MessageQueue<Stop>,
}

struct Stop;

impl super::Way for Way {
    fn new() -> Result<Self> {
        Ok(Self { queue: MessageQueue::new() })
    }

    fn stopper(&self) -> impl FnOnce() + Send + 'static {
        let poster = self.queue.poster();
        move || drop(poster.post(Stop))
    }

    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>> {
        socket.select_messages(&self.queue, NetworkEvents::CONNECT)?;
        match socket.try_connect(place) {
            Err(error) if error.is_would_block() => {}
            done => return done.map(|()| Some(socket)),
        }
        loop {
            match self.queue.get()? {
                // There may be one of an address that was tried before.
                Message::Network(message) if message.socket() == socket.id() => {
                    return message.error().map_or(Ok(Some(socket)), Err);
                }
                Message::Posted(Stop) => return Ok(None),
                _ => {}
            }
        }
    }

    fn talk(&mut self, socket: &Socket, talk: Talk) -> Result<Talk> {
        let events = NetworkEvents::READ | NetworkEvents::WRITE | NetworkEvents::CLOSE;
        socket.select_messages(&self.queue, events)?;
        let mut exchange = Exchange::new(socket, talk);
        while let Next::Wait(pause) = exchange.next() {
            wait::one(&self.queue, pause)?;
            match self.queue.try_get() {
                Some(Message::Posted(Stop)) => break,
                Some(Message::Network(message)) => exchange.react(message.event()),
                _ => {}
            }
        }
        Ok(exchange.into_talk())
    }
}
