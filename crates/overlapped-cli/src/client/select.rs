//! The client on select: it asks which sockets are ready. To be stopped it needs a socket, too: one of a pair.

use super::exchange::Exchange;
use super::talk::{Next, Talk};
use overlapped::readiness::{SocketSet, select};
use overlapped::{Result, Socket};
use std::net::SocketAddr;

pub(super) struct Way {
    stop: Socket,
    stopper: Socket,
}

impl super::Way for Way {
    fn new() -> Result<Self> {
        Socket::pair().map(|(stop, stopper)| Self { stop, stopper })
    }

    fn stopper(&self) -> impl FnOnce() + Send + 'static {
        let stopper = self.stopper.clone();
        move || drop(stopper.try_send(b"!"))
    }

    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>> {
        match socket.try_connect(place) {
            Err(error) if error.is_would_block() => {}
            done => return done.map(|()| Some(socket)),
        }
        let (mut read, mut write, mut except) = (SocketSet::classic(), SocketSet::classic(), SocketSet::classic());
        read.insert(&self.stop);
        write.insert(&socket);
        // One that is refused is exceptional.
        except.insert(&socket);
        select(Some(&mut read), Some(&mut write), Some(&mut except), None)?;
        if read.is_ready(&self.stop) {
            return Ok(None);
        }
        socket.take_error()?.map_or(Ok(Some(socket)), Err)
    }

    fn talk(&mut self, socket: &Socket, talk: Talk) -> Result<Talk> {
        let mut exchange = Exchange::new(socket, talk);
        let (mut read, mut write) = (SocketSet::classic(), SocketSet::classic());
        while let Next::Wait(pause) = exchange.next() {
            read.clear();
            write.clear();
            read.insert(&self.stop);
            if exchange.reads() {
                read.insert(socket);
            }
            if exchange.writes() {
                write.insert(socket);
            }
            select(Some(&mut read), Some(&mut write), None, pause)?;
            if read.is_ready(&self.stop) {
                break;
            }
            if write.is_ready(socket) {
                exchange.send();
            }
            if read.is_ready(socket) {
                exchange.receive();
            }
        }
        Ok(exchange.into_talk())
    }
}
