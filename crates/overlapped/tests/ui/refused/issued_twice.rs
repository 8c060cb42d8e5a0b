//! One session, one operation at a time.

use overlapped::{Overlapped, Session, Socket};

struct Conn(Socket, [u8; 16]);

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.0, &mut self.1)
    }
}

fn receive(conn: Overlapped<Conn>) {
    conn.recv(|_, _| {});
    conn.recv(|_, _| {});
}

fn main() {}
