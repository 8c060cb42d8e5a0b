//! One borrow gives both: with two accessors the second could free what the first gave.

use overlapped::{Session, Socket};

struct Conn(Socket, Vec<u8>);

impl Session for Conn {
    fn socket(&self) -> &Socket {
        &self.0
    }
    fn buffer(&mut self) -> &mut [u8] {
        &mut self.1
    }
}

fn main() {}
