//! What Windows does, scenario by scenario as the probes in `conformance/` show it; `conformance/rust.table` says which test
//! holds which fact. A file follows its probe from top to bottom and asserts the probe's values.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

mod apc;
mod async_select;
mod buffers;
mod cancel_close;
mod event;
mod event_select;
mod extensions;
mod options;
mod ports;
mod routine;
mod select_poll;
mod threads;
mod timers;
mod waits;

/// A wait that only looks.
const NOW: Option<Duration> = Some(Duration::ZERO);
/// A wait in which nothing comes.
const SHORT: Option<Duration> = Some(Duration::from_millis(20));
/// A wait that the test expects to end before.
const LONG: Option<Duration> = Some(Duration::from_secs(1000));

/// Returns when so many bytes can be read from `peer`.
fn arrived(peer: &TcpStream, bytes: usize) {
    while peer.peek(&mut vec![0; bytes]).unwrap() < bytes {
        thread::yield_now();
    }
}
