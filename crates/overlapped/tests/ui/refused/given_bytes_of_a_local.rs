//! What is given away is sent later, so it is owned.

use overlapped::Socket;

fn give(socket: &Socket) {
    let local = [0; 16];
    let _ = socket.give(&local);
}

fn main() {}
