//! Idle sessions: the memory of the server's process for each, without the buffer for which the program has asked.

use super::super::support::spread::Spread;
use super::bar::Run;
use super::child::Served;
use std::fs;
use std::net::TcpStream;

/// A process may have few more descriptors than that on some machines.
const SESSIONS: usize = 19_000;
const BUFFER: usize = 1000;
const LIMIT: f64 = 200.0;

pub(crate) fn bars(run: &mut Run<'_>) {
    for model in ["callback", "port"] {
        let (name, driver) = (format!("idle.{model}"), run.driver);
        let mut kernel = 0.0;
        // Memory does not vary with what else the machine does: one measurement is enough.
        run.bar(&name, LIMIT, |_| {
            let user;
            (user, kernel) = measure(driver, model);
            Spread::of(&[user])
        });
        if run.wants(&name) {
            run.note(
                &name,
                format_args!("{kernel:.0} bytes of kernel memory for a session, with both ends of its connection"),
            );
        }
    }
}

/// Bytes for each session: of the process beyond the buffer, and of the kernel.
fn measure(driver: &str, model: &str) -> (f64, f64) {
    let mut served = Served::start(driver, &format!("idle:{model}"), BUFFER);
    let (user, kernel) = (served.resident(), slab());
    let clients: Vec<_> = (0..SESSIONS).map(|_| TcpStream::connect(served.address).expect("a connection")).collect();
    while served.says("sessions ") != SESSIONS.to_string() {}
    let each = |grown: f64| grown / clients.len() as f64;
    (each(served.resident() - user) - BUFFER as f64, each(slab() - kernel))
}

/// Bytes in the caches of the kernel.
fn slab() -> f64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Slab:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib * 1024.0)
}
