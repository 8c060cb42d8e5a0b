//! Idle sessions: the memory of the server's process for each, without the buffer for which the program has asked.

use super::super::support::spread::Spread;
use super::bar::Run;
use super::child::Served;
use socket2::{Domain, Socket, Type};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

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
    let clients: Vec<_> = (0..SESSIONS).map(|nth| connect(nth, served.address)).collect();
    while served.says("sessions ") != SESSIONS.to_string() {}
    let each = |grown: f64| grown / clients.len() as f64;
    let grown = (each(served.resident() - user) - BUFFER as f64, each(slab() - kernel));
    // First, so that the server's ends are those that linger: they take no port from the next clients.
    drop(served);
    drop(clients);
    grown
}

/// A connection from one of several addresses, since one of them may not have so many free ports.
fn connect(nth: usize, server: SocketAddr) -> Socket {
    const OF_ONE_ADDRESS: usize = 2000;
    let client = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
    let address = Ipv4Addr::new(127, 0, 0, 2 + (nth / OF_ONE_ADDRESS) as u8);
    client.bind(&SocketAddr::from((address, 0)).into()).expect("an address of this machine");
    client.connect(&server.into()).expect("a connection");
    client
}

/// Bytes in the caches of the kernel.
fn slab() -> f64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Slab:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok()).map_or(f64::NAN, |kib| kib * 1024.0)
}
