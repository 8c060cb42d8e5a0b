//! A buffer of the stack: the kernel would write into it after the function has returned.

use overlapped::{Overlapped, Socket};

struct Borrowing<'a> {
    socket: Socket,
    buffer: &'a mut [u8],
}

fn receive(socket: Socket) {
    let mut buffer = [0; 16];
    let borrowing = Overlapped::new(Borrowing { socket, buffer: &mut buffer });
    borrowing.recv_with(|b| (&b.socket, &mut *b.buffer), |_, _| {});
}

fn main() {}
