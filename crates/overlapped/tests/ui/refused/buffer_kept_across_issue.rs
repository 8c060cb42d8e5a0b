//! A reference into the buffer cannot outlive the issue.

use overlapped::{Event, Overlapped, Session, Socket};

struct Conn(Socket, [u8; 16]);

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.0, &mut self.1)
    }
}

fn receive(conn: Overlapped<Conn>) {
    let first = &conn.1[0];
    let pending = conn.recv_event(&Event::manual());
    println!("{first}");
    drop(pending);
}

fn main() {}
