//! The two directions of a connection, each with its buffer: for the models that issue operations.

use super::talk::Talk;
use overlapped::server::Decoder;
use overlapped::{Session, Socket};

pub(super) struct Sender {
    socket: Socket,
    wire: Vec<u8>,
}

pub(super) struct Receiver {
    socket: Socket,
    pub(super) decoder: Decoder,
}

pub(super) fn halves(socket: &Socket, talk: &Talk) -> (Sender, Receiver) {
    let (one, other) = (socket.clone(), socket.clone());
    (Sender { socket: one, wire: talk.wire().to_vec() }, Receiver { socket: other, decoder: talk.decoder() })
}

impl Session for Sender {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.wire)
    }
}

impl Session for Receiver {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, self.decoder.space())
    }
}
