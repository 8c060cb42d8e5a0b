//! Whole servers: what a message costs the process that echoes it, of what it costs one on bare epoll.

use super::super::support::pinned;
use super::super::support::spread::Spread;
use super::bar::Run;
use super::child::Served;
use super::load::Load;
use std::time::Duration;

/// A shape of load, and the servers with what they may cost there.
struct Row {
    name: &'static str,
    sessions: usize,
    size: usize,
    depth: usize,
    /// On io_uring; epoll may cost a twentieth more.
    must: f64,
}

const ROWS: [Row; 6] = [
    Row { name: "1x100", sessions: 1, size: 100, depth: 1, must: 1.20 },
    Row { name: "50x100", sessions: 50, size: 100, depth: 1, must: 1.10 },
    Row { name: "500x1000", sessions: 500, size: 1000, depth: 1, must: 1.10 },
    Row { name: "5000x1000", sessions: 5000, size: 1000, depth: 1, must: 1.12 },
    Row { name: "50x1000p8", sessions: 50, size: 1000, depth: 8, must: 1.02 },
    Row { name: "50x16K", sessions: 50, size: 16 << 10, depth: 1, must: 0.98 },
];

pub(crate) fn bars(run: &mut Run<'_>) {
    let more = if run.driver == "uring" { 0.0 } else { 0.05 };
    for row in ROWS {
        let bar = |server: &str, limit: f64| (format!("echo.{server}.{}", row.name), limit);
        let mut bars = vec![bar("callback", row.must + more), bar("port", row.must + more)];
        let mut servers = vec!["epoll", "callback", "port"];
        if row.name == "50x100" {
            bars.extend([bar("event", 1.30 + more), bar("portx4", 1.15 + more)]);
            servers.extend(["event", "portx4"]);
        }
        let driver = run.driver;
        run.bars(&bars, |cycles| {
            let slice = Duration::from_millis(if row.sessions > 1000 { 300 } else { 100 });
            let shape = |server: &&str| (format!("echo:{server}"), row.size.max(1000));
            compare(driver, &servers.iter().map(shape).collect::<Vec<_>>(), row.sessions, row.size, cycles, |load| {
                load.echo(row.depth, slice)
            })
        });
    }
}

/// The processor time of each server but the first, for each message, of that of the first in the same cycle.
pub(super) fn compare(
    driver: &str,
    servers: &[(String, usize)],
    sessions: usize,
    size: usize,
    cycles: usize,
    mut slice: impl FnMut(&mut Load) -> usize,
) -> Vec<Spread> {
    pinned::pin(1);
    let mut all: Vec<_> = servers
        .iter()
        .map(|(what, buffer)| {
            let served = Served::start(driver, what, *buffer);
            let load = Load::new(served.address, sessions, size);
            (served, load)
        })
        .collect();
    let mut cost = |at: usize| {
        let (served, load) = &mut all[at];
        let before = served.processor_time();
        let messages = slice(load);
        // What a server does after the last answer is over soon, and belongs to it.
        std::thread::sleep(Duration::from_millis(2));
        (served.processor_time() - before) / messages as f64
    };
    (0..servers.len()).for_each(|at| {
        cost(at);
    });
    let mut ratios = vec![Vec::new(); servers.len() - 1];
    for _ in 0..cycles.max(1) {
        // Each between two slices of the reference, since the machine changes its speed.
        let mut before = cost(0);
        for at in 1..servers.len() {
            let own = cost(at);
            let after = cost(0);
            ratios[at - 1].push(own / ((before + after) / 2.0));
            before = after;
        }
    }
    pinned::free();
    ratios.iter().map(|ratios| Spread::of(ratios)).collect()
}
