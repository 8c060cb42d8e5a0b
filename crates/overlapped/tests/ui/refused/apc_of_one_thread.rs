//! An APC runs on the thread it is queued to.

use std::rc::Rc;

use overlapped::alertable::Thread;

fn queue(thread: &Thread) {
    let local = Rc::new(1);
    let _ = thread.queue(move || drop(local));
}

fn main() {}
