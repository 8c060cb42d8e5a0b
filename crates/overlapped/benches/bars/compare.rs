//! Servers under load, side by side: all on the first core and loaded from the second, one at a time.

use super::super::support::pinned;
use super::super::support::spread::Spread;
use super::child::Served;
use super::load::Load;
use std::thread;
use std::time::Duration;

/// The processor time of each server but the first for each message, of that of the first in the same cycle. What `ready` says
/// does not count, and `slice` answers how many messages it was.
pub(super) fn compare(
    servers: Vec<Served>,
    sessions: usize,
    size: usize,
    cycles: usize,
    mut ready: impl FnMut(&mut Load),
    mut slice: impl FnMut(&mut Load) -> usize,
) -> Vec<Spread> {
    // After the servers were started: what a pinned thread starts is pinned with it.
    pinned::pin(1);
    let load = |served: Served| (Load::new(served.address, sessions, size), served);
    let mut all: Vec<_> = servers.into_iter().map(load).collect();
    let count = all.len();
    let mut cost = |at: usize| {
        let (load, served) = &mut all[at];
        ready(load);
        let before = served.processor_time();
        let messages = slice(load);
        // What a server does after the last answer is over soon, and belongs to it.
        thread::sleep(Duration::from_millis(2));
        (served.processor_time() - before) / messages as f64
    };
    // Each once in a round, the reference too: connections that were silent for less long cost less. The first round warms up.
    let mut round = || (0..count).map(&mut cost).collect::<Vec<f64>>();
    round();
    let rounds: Vec<_> = (0..=cycles.max(1)).map(|_| round()).collect();
    pinned::free();
    let reference = Spread::median_of(rounds.iter().map(|round| round[0]));
    println!("# {sessions} sessions, {size} bytes: a message costs the reference {reference:.0} ns");
    // The machine changes its speed: the reference is that before and that after.
    let ratio = |at: usize, two: &[Vec<f64>]| two[0][at] / f64::midpoint(two[0][0], two[1][0]);
    (1..count).map(|at| Spread::of(&rounds.windows(2).map(|two| ratio(at, two)).collect::<Vec<_>>())).collect()
}
