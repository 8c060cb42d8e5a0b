//! A session of one thread stays there.

use std::rc::Rc;

use overlapped::Overlapped;

fn main() {
    let session = Overlapped::new(Rc::new(1));
    std::thread::spawn(move || drop(session));
}
