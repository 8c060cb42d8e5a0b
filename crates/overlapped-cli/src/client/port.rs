//! The client on a completion port: what has completed is a packet, as is the user's wish to stop.

use super::halves::{Receiver, Sender, halves};
use super::talk::{Next, Talk};
use overlapped::{Completion, Overlapped, Port, Result, Socket};
use std::net::SocketAddr;

pub(super) struct Way {
    port: Port<Packet>,
}

enum Packet {
    Connected(Overlapped<Socket>, Result<()>),
    Sent(Overlapped<Sender>, Result<Completion>),
    Received(Overlapped<Receiver>, Result<Completion>),
    Stop,
}

impl super::Way for Way {
    fn new() -> Result<Self> {
        Ok(Self { port: Port::new(1) })
    }

    fn stopper(&self) -> impl FnOnce() + Send + 'static {
        let port = self.port.clone();
        move || drop(port.post(Packet::Stop))
    }

    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>> {
        Overlapped::new(socket).connect_port(place, &self.port, |socket| socket, Packet::Connected);
        match self.port.get(None)? {
            Some(Packet::Connected(socket, done)) => done.map(|()| Some(socket.into_inner())),
            _ => Ok(None),
        }
    }

    fn talk(&mut self, socket: &Socket, mut talk: Talk) -> Result<Talk> {
        let (sender, receiver) = halves(socket, &talk);
        let mut idle = Some(Overlapped::new(sender));
        Overlapped::new(receiver).recv_port(&self.port, Packet::Received);
        loop {
            let pause = match talk.next() {
                Next::Leave => break,
                Next::Wait(pause) => pause,
                Next::Send => {
                    if let Some(sender) = idle.take() {
                        sender.send_port(.., &self.port, Packet::Sent);
                    }
                    None
                }
            };
            match self.port.get(pause)? {
                Some(Packet::Sent(sender, done)) => {
                    talk.sent(done.map(drop));
                    idle = Some(sender);
                }
                Some(Packet::Received(mut receiver, done)) => {
                    if talk.received(&mut receiver.decoder, done.map(|done| done.bytes)) {
                        receiver.recv_port(&self.port, Packet::Received);
                    }
                }
                Some(Packet::Stop) => break,
                Some(Packet::Connected(..)) | None => {}
            }
        }
        Ok(talk)
    }
}
