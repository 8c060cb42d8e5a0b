//! The bench: what it measures of each model on each driver, of servers of others, and what it says.

use crate::support::{On, Output, Run, Server};
use crate::system::on_all;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

mod failures;

on_all!(echo, at_a_rate, broadcast, idle, churn);

/// A bench of short slices.
pub(crate) fn command<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["bench", "--quiet"];
    if !more.contains(&"--seconds") {
        arguments.extend(["--seconds", "0.03"]);
    }
    if !more.contains(&"--rounds") {
        arguments.extend(["--rounds", "2"]);
    }
    arguments.extend(more);
    arguments
}

pub(crate) fn bench(more: &[&str]) -> Output {
    Run::new(&command(more)).output()
}

/// What it reports, which is checked for what holds always.
pub(crate) fn report(output: &Output) -> Value {
    assert_eq!((output.status.code(), &*output.errors), (Some(0), ""), "{}", output.said);
    let report: Value = serde_json::from_str(&output.said).unwrap_or_else(|error| panic!("{error}: {}", output.said));
    assert_eq!(
        (&report["format"], &report["cut_short"], &report["failures"]),
        (&1.into(), &Value::Null, &Vec::<Value>::new().into())
    );
    assert!(report["machine"]["raised"].is_boolean() && !(cfg!(windows) && report["machine"]["raised"] == true));
    let corrected = report["settings"]["rate"].is_number();
    for outcome in report["results"].as_array().expect("results") {
        let rate = spread(&outcome["messages_per_second"]);
        assert!(rate[0] > 0.0, "{outcome}");
        let latency = &outcome["latency"];
        assert!(latency["messages"].as_u64().is_some_and(|messages| messages > 0), "{outcome}");
        assert_eq!(latency["corrected"], corrected);
        let points: Vec<_> = latency["points"].as_array().expect("points").iter().map(pair).collect();
        assert!(points.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1), "{points:?}");
        assert_eq!(points.last().map(|point| point.0), Some(100.0));
        assert!(points[0].1 > 0.0, "{points:?}");
        assert_eq!(outcome["errors"], 0);
        for optional in ["cpu_per_message", "cpu_ratio"] {
            if !outcome[optional].is_null() {
                spread(&outcome[optional]);
            }
        }
        // Windows counts processor time in ticks, which may be longer than a slice.
        assert!(cfg!(windows) || spread(&outcome["cpu_per_message"])[0] > 0.0, "{outcome}");
    }
    report
}

fn pair(point: &Value) -> (f64, f64) {
    (point[0].as_f64().expect("a number"), point[1].as_f64().expect("a number"))
}

/// Lowest, median and highest.
fn spread(spread: &Value) -> [f64; 3] {
    let all = ["low", "median", "high"].map(|name| spread[name].as_f64().unwrap_or_else(|| panic!("{name}: {spread}")));
    assert!(all.is_sorted(), "{spread}");
    all
}

/// Measures this server.
fn measured(on: On, more: &[&str]) -> Value {
    let mut arguments = vec!["--models", on.model, "--driver", on.driver, "--json", "-"];
    arguments.extend(more);
    let report = report(&bench(&arguments));
    assert_eq!(report["machine"]["driver"], on.driver);
    for outcome in report["results"].as_array().expect("results") {
        assert_eq!((&outcome["server"], &outcome["model"]), (&on.model.into(), &on.model.into()));
    }
    report
}

fn echo(on: On) {
    let report = measured(on, &["--sessions", "1,12", "--depth", "3", "--size", "1500"]);
    let sessions: Vec<_> = report["results"].as_array().expect("results").iter().map(|one| &one["sessions"]).collect();
    assert_eq!(sessions, [1, 12]);
    assert!(report["results"][0]["memory_per_session"].is_null(), "one session tells nothing");
    assert!(report["results"][1]["memory_per_session"].is_number());
}

fn at_a_rate(on: On) {
    let report = measured(on, &["--sessions", "3", "--rate", "1000", "--seconds", "0.1"]);
    // A hundred messages in each of two slices: those that were never sent count with the time until they would have been.
    assert_eq!(report["results"][0]["latency"]["messages"], 200);
    assert!(spread(&report["results"][0]["messages_per_second"])[1] < 1100.0);
    let notes = report["notes"].to_string();
    assert!(notes.contains("coordinated omission"), "{notes}");
}

fn broadcast(on: On) {
    let report = measured(on, &["--shape", "broadcast", "--sessions", "2,10", "--active", "2", "--depth", "2"]);
    for outcome in report["results"].as_array().expect("results") {
        // All but the speaker hear each message of its turn.
        let heard = 2 * (outcome["sessions"].as_u64().expect("a number") - 1);
        assert_eq!(outcome["latency"]["messages"].as_u64().expect("a number") % heard, 0, "{outcome}");
    }
}

fn idle(on: On) {
    let report = measured(on, &["--shape", "idle", "--sessions", "40", "--active", "2"]);
    assert_eq!(report["settings"]["active"], 2);
    assert!(report["results"][0]["memory_per_session"].is_number());
}

fn churn(on: On) {
    let report = measured(on, &["--shape", "churn", "--sessions", "4"]);
    assert!(report["results"][0]["memory_per_session"].is_null(), "no session stays");
}

#[test]
fn all_models_and_a_table() {
    let output = bench(&["--models", "all", "--sessions", "2", "--reference", "port"]);
    assert_eq!((output.status.code(), &*output.errors), (Some(0), ""));
    for says in ["\n2 sessions\n", "CPU to port", "p99 us", "\n  select ", "\n  port "] {
        assert!(output.said.contains(says), "{says}:\n{}", output.said);
    }
    // The reference is as expensive as itself, where the system counts finely enough.
    assert!(cfg!(windows) || output.said.contains("1.00 (1.00 to 1.00)"), "{}", output.said);
}

/// This command's server, as a server of others: `serve` with these arguments.
fn serve(name: &str, arguments: &str) -> String {
    format!("{name}='{}' serve 127.0.0.1:{arguments}", env!("CARGO_BIN_EXE_overlapped"))
}

#[test]
fn servers_of_others() {
    let (mine, there) = (serve("mine", "{port} --mode echo --buffer {buffer}"), On::ANY.serve("echo", &[]));
    let (to, pid) = (there.address.to_string(), there.running.child.id().to_string());
    let output = bench(&[
        "--server",
        &mine,
        "--connect",
        &to,
        "--pid",
        &pid,
        "--name",
        "there",
        "--models",
        "event",
        "--reference",
        "mine",
        "--sessions",
        "11",
        "--json",
        "-",
    ]);
    let report = report(&output);
    let names: Vec<_> = report["results"].as_array().expect("results").iter().map(|one| &one["server"]).collect();
    assert_eq!(names, ["event", "mine", "there"]);
    for (place, outcome) in report["results"].as_array().expect("results").iter().enumerate() {
        assert_eq!(outcome["model"].is_null(), place > 0);
        assert!(outcome["memory_per_session"].is_number(), "{outcome}");
        if !cfg!(windows) {
            let ratio = spread(&outcome["cpu_ratio"]);
            assert!(ratio[0] > 0.0 && (place != 1 || ratio == [1.0; 3]), "{outcome}");
        }
    }
    // It was not started by the bench, and stays.
    assert!(there.stop().summary().starts_with("served "));
}

#[test]
fn a_server_elsewhere_tells_no_processor_time() {
    let there = On::ANY.serve("broadcast", &[]);
    let to = there.address.to_string();
    let output = bench(&["--connect", &to, "--shape", "broadcast", "--sessions", "20", "--json", "-"]);
    let report: Value = serde_json::from_str(&output.said).unwrap_or_else(|_| panic!("{}", output.errors));
    let outcome = &report["results"][0];
    assert_eq!(outcome["server"], *to);
    assert!(outcome["cpu_per_message"].is_null() && outcome["memory_per_session"].is_null(), "{outcome}");
    there.stop();
}

/// A file that goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()));
        Self(place)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_run_is_read_again() {
    let file = Scratch::new("run.json");
    let run = bench(&["--models", "event", "--sessions", "1,3", "--json", file.path()]);
    assert_eq!((run.status.code(), &*run.errors), (Some(0), ""));
    assert!(run.said.contains("\n3 sessions\n"), "{}", run.said);
    let again = Run::new(&["bench", "--from", file.path()]).output();
    assert_eq!((again.status.code(), &*again.errors, &*again.said), (Some(0), "", &*run.said));
    let page = Scratch::new("run.html");
    let drawn = Run::new(&["bench", "--from", file.path(), "--html", page.path()]).output();
    let place = std::path::absolute(&page.0).expect("a path");
    let told = format!("{}\npage: {}\n", run.said, place.display());
    assert_eq!((drawn.status.code(), &*drawn.errors, &*drawn.said), (Some(0), "", &*told));
    let html = fs::read_to_string(&page.0).expect("it was drawn");
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("event"), "{html}");
    assert_eq!(Run::new(&["bench", "--from", file.path(), "--html", "-"]).output().said, html);
    let svg = Run::new(&["bench", "--from", file.path(), "--svg", "-"]).output().said;
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains(">event</text>"), "{svg}");
    let json = Run::new(&["bench", "--from", file.path(), "--json", "-"]).output();
    assert_eq!(json.said, fs::read_to_string(&file.0).expect("it was written"));

    let none = Run::new(&["bench", "--from", "no-such-file.json"]).output();
    assert!(none.failure(1).contains("cannot read no-such-file.json: "));
    for (text, says) in [
        ("{\"format\":2}", "it has the format 2, and this program reads 1"),
        ("{}", "no result of overlapped bench --json"),
        ("{\"format\":1}", "missing field"),
        ("no JSON", "line 1 column"),
    ] {
        fs::write(&file.0, text).expect("a file");
        let output = Run::new(&["bench", "--from", file.path()]).output();
        let line = output.failure(1);
        assert!(line.contains(&format!("cannot read {}: ", file.path())) && line.contains(says), "{line}");
    }
}

#[test]
fn bad_input() {
    for (arguments, says) in [
        (&["--rate", "0"][..], "more than 0"),
        (&["--sessions", "0"], "from 1 on"),
        (&["--sessions", "1,x"], "from 1 on"),
        (&["--rounds", "0"], "'--rounds <N>'"),
        (&["--seconds", "0"], "from 0.001"),
        (&["--models", "fork"], "there is no model `fork`"),
        (&["--models", "port,port"], "two servers with the name `port`"),
        (
            &["--models", "port", "--reference", "event"],
            "--reference event is not measured in this run; there are port",
        ),
        (&["--shape", "idle", "--sessions", "5", "--active", "6"], "--active 6 is more than the 5 of --sessions"),
        (&["--active", "6"], "for the shapes idle and broadcast"),
        (&["--shape", "churn", "--depth", "2"], "exchanges one message"),
        (&["--shape", "churn", "--rate", "5"], "for the shapes echo and idle"),
        (&["--shape", "broadcast", "--sessions", "1"], "needs 2 --sessions"),
        (&["--rate", "1", "--seconds", "0.2"], "less than one message"),
        (&["--depth", "1000000", "--size", "1000"], "more than 64M"),
        (&["--server", "x"], "write NAME=COMMAND"),
        (&["--server", "x=y"], "the command needs {port}"),
        (&["--server", "x='y {port}"], "not closed"),
        (&["--pid", "1"], "--connect"),
        (&["--connect", "127.0.0.1:9", "--pid", "4194305"], "--pid 4194305: there is no such process"),
        (&["--beside", "x"], "write NAME=PROCESS"),
        (&["--beside", "=x"], "write NAME=PROCESS"),
        (&["--beside", "x=y"], "--beside 'x=y': x is not measured in this run; there are select, "),
        (&["--beside", "port=4194305"], "there is no such process"),
        (&["--connect", "127.0.0.1:9", "--name", "x", "--beside", "x=y"], "--pid says which it is"),
        (&["--from", "x.json", "--sessions", "5"], "cannot be used with"),
        (&["--json", "-", "--html", "-"], "cannot both go to the standard output"),
        (&["--json", "x", "--html", "x"], "cannot both go to x"),
        (&["--json", "y", "--html", "x", "--svg", "x"], "--html and --svg cannot both go to x"),
    ] {
        let output = bench(arguments);
        let line = output.failure(2);
        assert!(line.contains(says), "{arguments:?}: {line}");
    }
    for (arguments, says) in [
        (&["--json", "no-such-folder/x.json"][..], "cannot write no-such-folder/x.json"),
        (&["--html", "no-such-folder/x.html"], "cannot write no-such-folder/x.html"),
        (&["--server", "x=no-such-program {port}"], "failed: x with 1 session: cannot start no-such-program: "),
        (&["--connect", "127.0.0.1:1"], "127.0.0.1:1 with 1 session: cannot connect session 1: "),
    ] {
        let output = bench(arguments);
        let line = output.failure(1);
        assert!(line.contains(says), "{arguments:?}: {line}");
    }
}

/// A bench that would go on for ever, and has measured something.
pub(crate) fn long_run(more: &[&str]) -> (crate::support::Running, Server) {
    let server = On::ANY.serve("echo", &["--stats", "10ms"]);
    let to = server.address.to_string();
    let mut arguments = vec!["--connect", &to, "--name", "there", "--sessions", "1", "--rounds", "60000"];
    arguments.extend(more);
    let run = Run::new(&command(&arguments)).start();
    server.running.errors.wait_for("sessions=1 ");
    // A round takes three hundredths of a second.
    (0..200).for_each(|_| drop(server.running.errors.wait_for("sessions=1 ")));
    (run, server)
}

#[test]
fn the_user_ends_it() {
    let file = Scratch::new("stopped.json");
    fs::write(&file.0, "older").expect("a file");
    let (mut run, server) = long_run(&["--json", file.path()]);
    run.ask(crate::system::WAYS[0]);
    let output = run.output();
    assert_eq!((output.status.code(), &*output.errors), (Some(0), ""));
    assert!(output.said.contains("\ncut short: stopped by the user after "), "{}", output.said);
    let report: Value = serde_json::from_str(&fs::read_to_string(&file.0).expect("it was written")).expect("JSON");
    let short = report["cut_short"].as_str().expect("words");
    assert!(
        short.starts_with("stopped by the user after ") && report["failures"] == Value::Array(Vec::new()),
        "{report}"
    );
    assert!(output.said.contains(" of 60000 rounds with 1 session: "), "{}", output.said);
    assert!(output.said.contains("\n  there "), "{}", output.said);
    server.stop();
}

#[test]
fn a_stop_before_there_is_a_result() {
    let server = On::ANY.serve("echo", &["--stats", "10ms"]);
    let to = server.address.to_string();
    let file = Scratch::new("too-early.json");
    fs::write(&file.0, "older").expect("a file");
    let arguments = ["--connect", &to, "--seconds", "3600", "--sessions", "2", "--json", file.path()];
    let mut run = Run::new(&command(&arguments)).start();
    server.running.errors.wait_for("sessions=2 ");
    run.ask(crate::system::WAYS[0]);
    let output = run.output();
    assert!(output.failure(1).contains("stopped before there was a result"));
    assert_eq!((&*output.said, &*fs::read_to_string(&file.0).expect("it stays")), ("", "older"));
    server.stop();
}

#[test]
fn help() {
    let output = Run::new(&["bench", "--help"]).output();
    for says in ["--models <M,M…>", "Examples:", "docs/bench.md", "[default: echo]"] {
        assert!(output.said.contains(says), "{}", output.said);
    }
    let commands = Run::new(&["--help"]).output();
    assert!(commands.said.contains("\n  bench ") && !commands.said.contains("bench-load"), "{}", commands.said);
}
