//! A block shows its value to whoever it is shared with.

use std::cell::Cell;

use overlapped::Overlapped;

fn share(block: &Overlapped<Cell<u32>>) {
    std::thread::scope(|scope| {
        scope.spawn(|| block.set(1));
    });
}

fn main() {}
