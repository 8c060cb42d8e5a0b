//! A result is taken once.

use overlapped::Pending;

fn finish(pending: Pending<String>) {
    let _ = pending.finish();
    let _ = pending.finish();
}

fn main() {}
