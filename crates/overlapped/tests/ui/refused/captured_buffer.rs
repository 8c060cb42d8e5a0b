//! The buffer comes out of the session; a local one would be gone when the kernel writes.

use overlapped::{Overlapped, Socket};

fn receive(socket: Overlapped<Socket>) {
    let mut buffer = [0; 16];
    socket.recv_with(|socket| (socket, &mut buffer[..]), |_, _| {});
}

fn main() {}
