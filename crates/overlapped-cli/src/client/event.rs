//! The client on events: one for each direction, and the user's wish to stop is a third.

use super::BUFFER;
use super::talk::{Next, Talk};
use overlapped::{Event, Overlapped, Pending, Result, Session, Socket, Waitable, Waited, wait};
use std::net::SocketAddr;

/// Connects; None if the user stops it first.
pub(super) fn connect(socket: Socket, place: SocketAddr, stop: &Event) -> Result<Option<Socket>> {
    let event = Event::manual();
    let pending = Overlapped::new(socket).connect_event(place, &event, |socket| socket);
    if let Waited::Object(0) = wait::any(&[stop, &event], None)? {
        return Ok(None);
    }
    let (socket, done) = pending.finish();
    done.map(|()| Some(socket.into_inner()))
}

/// One direction of the connection, with its buffer.
struct Half {
    socket: Socket,
    bytes: Vec<u8>,
}

impl Session for Half {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.bytes)
    }
}

/// Talks until it is over or the user stops it.
pub(super) fn talk(socket: &Socket, message: Vec<u8>, mut talk: Talk, stop: &Event) -> Result<Talk> {
    let half = |bytes| Overlapped::new(Half { socket: socket.clone(), bytes });
    let (arrived, left) = (Event::manual(), Event::manual());
    let mut idle = Some(half(message));
    let mut sending: Option<Pending<Half>> = None;
    let mut receiving = Some(half(vec![0; BUFFER]).recv_event(&arrived));
    loop {
        let pause = match talk.next() {
            Next::Leave => break,
            Next::Wait(pause) => pause,
            Next::Send => {
                sending = idle.take().map(|sender| sender.send_event(.., &left));
                None
            }
        };
        let mut objects: Vec<&dyn Waitable> = vec![stop];
        if receiving.is_some() {
            objects.push(&arrived);
        }
        if sending.is_some() {
            objects.push(&left);
        }
        if let Waited::Object(0) = wait::any(&objects, pause)? {
            break;
        }
        if let Some(pending) = sending.take_if(|pending| pending.poll()) {
            let (sender, done) = pending.finish();
            talk.sent(&sender.bytes, done);
            idle = Some(sender);
        }
        if let Some(pending) = receiving.take_if(|pending| pending.poll()) {
            let (receiver, done) = pending.finish();
            if talk.received(&receiver.bytes, done) {
                receiving = Some(receiver.recv_event(&arrived));
            }
        }
    }
    Ok(talk)
}
