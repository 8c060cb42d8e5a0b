//! A thread that has not begun takes nothing along that is bound to this one.

use std::rc::Rc;

use overlapped::alertable;

fn suspend(local: Rc<u32>) {
    let _ = alertable::suspended(move || drop(local));
}

fn main() {}
