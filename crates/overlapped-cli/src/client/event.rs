//! The client on events: one for each direction, and the user's wish to stop is a third.

use super::halves::{Sender, halves};
use super::talk::{Next, Talk};
use overlapped::{Event, Overlapped, Pending, Result, Socket, Waitable, Waited, wait};
use std::net::SocketAddr;

pub(super) struct Way {
    stop: Event,
}

impl super::Way for Way {
    fn new() -> Result<Self> {
        Ok(Self { stop: Event::manual() })
    }

    fn stopper(&self) -> impl FnOnce() + Send + 'static {
        let stop = self.stop.clone();
        move || stop.set()
    }

    fn connect(&mut self, socket: Socket, place: SocketAddr) -> Result<Option<Socket>> {
        let event = Event::manual();
        let pending = Overlapped::new(socket).connect_event(place, &event, |socket| socket);
        if let Waited::Object(0) = wait::any(&[&self.stop, &event], None)? {
            return Ok(None);
        }
        let (socket, done) = pending.finish();
        done.map(|()| Some(socket.into_inner()))
    }

    fn talk(&mut self, socket: &Socket, mut talk: Talk) -> Result<Talk> {
        let (arrived, left) = (Event::manual(), Event::manual());
        let (sender, receiver) = halves(socket, &talk);
        let mut idle = Some(Overlapped::new(sender));
        let mut sending: Option<Pending<Sender>> = None;
        let mut receiving = Some(Overlapped::new(receiver).recv_event(&arrived));
        loop {
            let pause = match talk.next() {
                Next::Leave => break,
                Next::Wait(pause) => pause,
                Next::Send => {
                    sending = idle.take().map(|sender| sender.send_event(.., &left));
                    None
                }
            };
            let mut objects: Vec<&dyn Waitable> = vec![&self.stop];
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
                talk.sent(done.map(drop));
                idle = Some(sender);
            }
            if let Some(pending) = receiving.take_if(|pending| pending.poll()) {
                let (mut receiver, done) = pending.finish();
                if talk.received(&mut receiver.decoder, done.map(|done| done.bytes)) {
                    receiving = Some(receiver.recv_event(&arrived));
                }
            }
        }
        Ok(talk)
    }
}
