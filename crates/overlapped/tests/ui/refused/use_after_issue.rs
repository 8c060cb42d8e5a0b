//! The session belongs to the operation until it completes.

use overlapped::{Overlapped, Session, Socket};

struct Conn(Socket, [u8; 16]);

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.0, &mut self.1)
    }
}

fn receive(mut conn: Overlapped<Conn>) {
    conn.recv(|_, _| {});
    conn.1[0] = 1;
}

fn main() {}
