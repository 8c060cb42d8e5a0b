//! A timer's routine is called after the function that set it has returned.

use std::time::Duration;

use overlapped::Timer;

fn count(timer: &Timer) {
    let mut calls = 0;
    let _ = timer.set_with(Duration::ZERO, None, || calls += 1);
}

fn main() {}
