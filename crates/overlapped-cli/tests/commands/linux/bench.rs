//! The processes of the bench, and the limits that it meets.

use crate::bench::{command, long_run, report};
use crate::support::{Run, WATCHDOG};
use crate::system::WAYS;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// The processes that a process has started.
fn children(id: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).expect("it is there");
    list.split_whitespace().map(|id| id.parse().expect("a number")).collect()
}

fn exists(id: u32) -> bool {
    let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // A zombie has ended; whoever inherits it need not look at once.
    state.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

fn wait_for_the_end_of(all: &[u32]) {
    let begin = Instant::now();
    while all.iter().any(|&id| exists(id)) {
        assert!(begin.elapsed() < WATCHDOG, "they outlive the bench: {all:?}");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn nobody_outlives_it() {
    let (mut run, server) = long_run(&["--models", "callback,port"]);
    let started = children(run.child.id());
    assert_eq!(started.len(), 5, "two servers, and who loads the three of them");
    run.ask(WAYS[0]);
    assert_eq!(run.output().status.code(), Some(0));
    assert!(!started.iter().any(|&id| exists(id)), "{started:?}");
    server.stop();
}

#[test]
fn nobody_outlives_one_that_is_killed() {
    let (mut run, server) = long_run(&["--models", "callback"]);
    let started = children(run.child.id());
    assert_eq!(started.len(), 3);
    run.child.kill().expect("it is there");
    wait_for_the_end_of(&started);
    server.stop();
}

#[test]
fn a_server_that_ends_during_the_run() {
    let mortal = format!("mortal=timeout 3 {} serve 127.0.0.1:{{port}} --mode echo", env!("CARGO_BIN_EXE_overlapped"));
    let output = Run::new(&command(&["--server", &mortal, "--seconds", "3600", "--sessions", "2"])).output();
    let line = output.failure(1);
    assert!(line.contains("the server mortal has ended during the run (exit status: 124)"), "{line}");
}

/// A bench with few descriptors.
fn limited(descriptors: &str, arguments: &[&str]) -> Run {
    let script = format!("ulimit -n {descriptors} && exec \"$0\" \"$@\"");
    let mut all = vec!["-c", &script, env!("CARGO_BIN_EXE_overlapped")];
    let arguments = command(arguments);
    all.extend(&arguments);
    Run::of("sh", &all)
}

#[test]
fn sessions_over_the_limit_are_spread() {
    for more in [&["--active", "5"][..], &["--active", "5", "--rate", "500", "--seconds", "0.2"]] {
        let mut arguments = vec!["--shape", "idle", "--sessions", "100", "--models", "port", "--json", "-"];
        arguments.extend(more);
        let report = report(&limited("120", &arguments).output());
        assert_eq!(report["results"][0]["sessions"], 100);
        assert!(report["results"][0]["memory_per_session"].is_number());
    }
    let output = limited("120", &["--sessions", "100"]).output();
    let line = output.failure(2);
    assert!(line.contains("--sessions 100 are more than the 52 that a process can have here"), "{line}");
}

/// The figure of the bench is that of the system.
#[test]
fn processor_time_is_that_of_the_server() {
    let server = crate::support::On::ANY.serve("echo", &[]);
    let (id, to) = (server.running.child.id(), server.address.to_string());
    let pid = id.to_string();
    let arguments =
        ["--connect", &to, "--pid", &pid, "--sessions", "10", "--seconds", "1", "--rounds", "1", "--json", "-"];
    let before = ticks(id);
    let report = report(&Run::new(&command(&arguments)).output());
    let used = (ticks(id) - before) as f64 / 100.0;
    let outcome = &report["results"][0];
    let cost = outcome["cpu_per_message"]["median"].as_f64().expect("a number") / 1e9;
    let told = cost * outcome["latency"]["messages"].as_f64().expect("a number");
    // Outside of the slice there are the connections, and one shorter slice that does not count.
    assert!(told <= used + 0.02 && told >= used * 0.5 - 0.02, "{told} s are told, and it has used {used} s");
    server.stop();
}

/// Processor time in hundredths of a second, with that of threads that have ended.
fn ticks(id: u32) -> u64 {
    let stat = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat")).expect("the server is there");
    let fields = stat.rsplit(") ").next().expect("fields").split(' ');
    fields.skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number")).sum()
}
