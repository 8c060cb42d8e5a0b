//! The processes of the bench, and the limits that it meets.

use crate::bench::{command, long_run, report};
use crate::support::{Run, WATCHDOG};
use crate::system::WAYS;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
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
    assert!(line.contains("mortal with 2 sessions: the server has ended during the run (exit status: 124)"), "{line}");
}

/// Also where every session is a new one, and that one fails is an error among others.
#[test]
fn a_server_that_ends_between_connections() {
    let mortal = format!("mortal=timeout 2 {} serve 127.0.0.1:{{port}} --mode echo", env!("CARGO_BIN_EXE_overlapped"));
    let arguments = ["--server", &mortal, "--models", "port", "--shape", "churn", "--sessions", "2", "--seconds", "3"];
    let output = Run::new(&command(&arguments)).output();
    let line = output.failure(1);
    assert!(line.contains("mortal with 2 sessions: "), "{line}");
    assert!(
        output.said.contains("\n  port ") && output.said.contains("  mortal has failed after 0 of 2 rounds: "),
        "{}",
        output.said
    );
}

/// Something that works for a server.
#[test]
fn processes_beside_a_server_count() {
    // A process with a name that nobody else has, which is busy all the time.
    let folder = tempfile::tempdir().expect("a folder");
    let name = format!("busy{}", std::process::id());
    symlink("/bin/sh", folder.path().join(&name)).expect("a link");
    let busy = Run::of(folder.path().join(&name).to_str().expect("a path"), &["-c", "while :; do :; done"]).start();
    let (id, by_name) = (format!("port={}", busy.child.id()), format!("port={name}"));
    for beside in [&["--beside", &id][..], &["--beside", &by_name], &["--beside", &id, "--beside", &by_name]] {
        // Few messages, so that what the busy one uses is most of it.
        let arguments =
            ["--models", "port,event", "--sessions", "1", "--rate", "20", "--seconds", "0.3", "--json", "-"];
        let report = report(&Run::new(&command(&[&arguments[..], beside].concat())).output());
        assert!(report["notes"].to_string().contains("The processor time of port is with that of "), "{report}");
        let cost = |place: usize| report["results"][place]["cpu_per_message"]["median"].as_f64().expect("a number");
        assert!(cost(0) > cost(1), "{report}");
    }
    drop(busy);
    let output = Run::new(&command(&["--models", "port", "--beside", &by_name])).output();
    let line = output.failure(1);
    assert!(line.contains(&format!("no process beside it has a name that begins with `{name}`")), "{line}");
}

/// What a name leads to gets the result, and what is no file is written to as it is.
#[test]
fn links_and_pipes_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let (link, real) = (folder.path().join("link.json"), folder.path().join("real.json"));
    fs::write(&real, "older").expect("a file");
    fs::set_permissions(&real, Permissions::from_mode(0o640)).expect("its mode");
    symlink("real.json", &link).expect("a link");
    let arguments = ["--models", "port", "--sessions", "1", "--html", "/dev/stdout", "--json"];
    let output = Run::new(&command(&[&arguments[..], &[link.to_str().expect("a path")]].concat())).output();
    assert_eq!((output.status.code(), &*output.errors), (Some(0), ""));
    assert!(output.said.starts_with("<!DOCTYPE html>") && output.said.contains("\n1 session\n"), "{}", output.said);
    assert!(fs::read_to_string(&real).expect("it is there").starts_with("{\n"));
    assert_eq!(fs::metadata(&real).expect("it is there").permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 2);
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
