//! Any thread may finish what an event announces, so the session must be able to go there.

use std::rc::Rc;

use overlapped::{Event, Overlapped, Session, Socket};

struct Conn(Socket, [u8; 16], Rc<()>);

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.0, &mut self.1)
    }
}

fn receive(conn: Overlapped<Conn>) {
    let _ = conn.recv_event(&Event::manual());
}

fn main() {}
