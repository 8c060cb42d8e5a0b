//! Any thread may take a packet, so the session must be able to go there.

use std::rc::Rc;

use overlapped::{Overlapped, Port, Session, Socket};

struct Conn(Socket, [u8; 16], Rc<()>);

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.0, &mut self.1)
    }
}

fn receive(conn: Overlapped<Conn>, port: &Port<usize>) {
    conn.recv_port(port, |conn, _| conn.1.len());
}

fn main() {}
