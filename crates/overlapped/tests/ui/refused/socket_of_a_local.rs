//! The socket of an operation belongs to the session too: a local one could be closed under it.

use overlapped::{Overlapped, Socket};

fn accept(value: Overlapped<u32>, listener: Socket) {
    value.accept(|_| &listener, |_, _| {});
}

fn main() {}
