//! A full descriptor table.

use crate::support::{On, Run, Server, echo};
use crate::system::on_all;
use std::thread;
use std::time::Duration;

on_all!(full_table, soft_limit_is_raised);

/// A server whose limits are lowered by the shell that starts it.
fn limited(on: On, ulimit: &str) -> Server {
    let script = format!("ulimit {ulimit} && exec \"$0\" serve 127.0.0.1:0 --mode echo --model {}", on.model);
    Server::start(Run::of("sh", &["-c", &script, env!("CARGO_BIN_EXE_overlapped")]).driver(on.driver))
}

fn full_table(on: On) {
    let server = limited(on, "-n 40");
    let mut clients: Vec<_> = (0..50).map(|_| server.connect()).collect();
    let line = server.running.errors.wait_for("every descriptor is in use");
    assert!(line.contains("WSAEMFILE"), "{line}");
    assert!(line.contains("ulimit"), "the way out: {line}");
    // Those who are in are served, and the rest as they leave.
    echo(&mut clients[0], b"hello");
    let idle = cpu_ticks(server.running.child.id());
    thread::sleep(Duration::from_secs(1));
    let spent = cpu_ticks(server.running.child.id()) - idle;
    assert!(spent < 50, "{spent} hundredths of a second: it is spinning");
    clients.drain(..25);
    for client in &mut clients {
        echo(client, b"hello");
    }
    let output = server.stop();
    assert_eq!(output.errors.lines().count(), 1, "said once:\n{}", output.errors);
    assert!(output.summary().ends_with("errors: WSAEMFILE 1"), "{}", output.summary());
}

/// Processor time, in hundredths of a second.
fn cpu_ticks(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("the server is there");
    let after_name = stat.rsplit(") ").next().expect("fields");
    after_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}

fn soft_limit_is_raised(on: On) {
    let server = limited(on, "-Sn 40");
    let mut clients: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for client in &mut clients {
        echo(client, b"hello");
    }
    let output = server.stop();
    assert_eq!(output.errors, "");
}
