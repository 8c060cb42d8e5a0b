//! Where no route leads.

use crate::support::On;
use crate::system::on_all;

on_all!(unreachable);

fn unreachable(on: On) {
    // A connection cannot lead to everyone: Linux has no route for it.
    let output = on.client("255.255.255.255:9".parse().expect("an address"), &[]);
    let line = output.failure(1);
    assert!(line.contains("WSAENETUNREACH"), "{line}");
    assert!(line.contains("check the address"), "the way out: {line}");
}
