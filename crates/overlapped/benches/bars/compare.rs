//! Servers under load, side by side: all on the first core and loaded from the second, one at a time.

use super::super::support::pinned;
use super::super::support::spread::Spread;
use super::child::Served;
use super::load::Load;
use std::thread;
use std::time::Duration;

/// The processor time of each server but the first for each message, of that of the first in the same cycle.
pub(super) fn compare(
    servers: Vec<Served>,
    sessions: usize,
    size: usize,
    cycles: usize,
    mut slice: impl FnMut(&mut Load) -> usize,
) -> Vec<Spread> {
    // After the servers were started: what a pinned thread starts is pinned with it.
    pinned::pin(1);
    let load = |served: Served| (Load::new(served.address, sessions, size), served);
    let mut all: Vec<_> = servers.into_iter().map(load).collect();
    let count = all.len();
    let mut cost = |at: usize| {
        let (load, served) = &mut all[at];
        let before = served.processor_time();
        let messages = slice(load);
        // What a server does after the last answer is over soon, and belongs to it.
        thread::sleep(Duration::from_millis(2));
        (served.processor_time() - before) / messages as f64
    };
    // These do not count: they warm up.
    for at in 0..count {
        cost(at);
    }
    let mut ratios = vec![Vec::new(); count - 1];
    for _ in 0..cycles.max(1) {
        // Each between two slices of the reference, since the machine changes its speed.
        let mut before = cost(0);
        for at in 1..count {
            let own = cost(at);
            let after = cost(0);
            ratios[at - 1].push(own / ((before + after) / 2.0));
            before = after;
        }
    }
    pinned::free();
    ratios.iter().map(|ratios| Spread::of(ratios)).collect()
}
