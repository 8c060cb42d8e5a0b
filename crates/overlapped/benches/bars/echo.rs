//! Whole servers: what a message costs the process that echoes it, of what it costs one on bare epoll.

use super::bar::Run;
use super::child::Served;
use super::compare::compare;
use std::time::Duration;

/// A shape of load, and what the servers may cost there.
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
        let mut models = vec![("callback", row.must), ("port", row.must)];
        if row.name == "50x100" {
            models.extend([("event", 1.30), ("portx4", 1.15)]);
        }
        let bar = |(model, limit): &(&str, f64)| (format!("echo.{model}.{}", row.name), limit + more);
        let bars: Vec<_> = models.iter().map(bar).collect();
        let driver = run.driver;
        run.bars(&bars, |cycles| {
            let slice = Duration::from_millis(if row.sessions > 1000 { 400 } else { 200 });
            let buffer = row.size.max(1000);
            let mut servers = vec![Served::reference("raw_epoll", buffer)];
            servers.extend(models.iter().map(|(model, _)| Served::start(driver, &format!("echo:{model}"), buffer)));
            compare(servers, row.sessions, row.size, cycles, |_| (), |load| load.echo(row.depth, slice))
        });
    }
}
