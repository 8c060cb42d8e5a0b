//! A routine runs later: it has nothing of the function that issued, only its session.

use overlapped::{Overlapped, Session, Socket};

struct Conn(Socket, [u8; 16]);

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.0, &mut self.1)
    }
}

fn receive(conn: Overlapped<Conn>) {
    let mut count = 0;
    conn.recv(|_, _| count += 1);
}

fn main() {}
