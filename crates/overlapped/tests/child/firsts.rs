//! The operations that make the drivers.

use std::cell::Cell;
use std::rc::Rc;

use overlapped::{Event, Overlapped, Result, Socket, Waited, alertable};

/// The first operation of a thread, which makes what the thread needs for itself.
pub(crate) fn by_routine(socket: &Socket) -> Result<usize> {
    let told = Rc::new(Cell::new(None));
    Overlapped::new((socket.clone(), [0; 8], Rc::clone(&told))).recv_with(
        |(socket, buffer, _)| (socket, buffer),
        |session, done| session.2.set(Some(done.map(|done| done.bytes))),
    );
    loop {
        if let Some(told) = told.take() {
            return told;
        }
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
}

/// The first on an event makes what all threads share.
pub(crate) fn by_event(socket: &Socket) -> Result<usize> {
    let session = Overlapped::new((socket.clone(), [0; 8]));
    let pending = session.recv_event_with(&Event::manual(), |(socket, buffer)| (socket, buffer));
    pending.finish().1.map(|done| done.bytes)
}
