//! `overlapped bench`: servers side by side under the same load. The [`plan`] is what the user asks for; a [`party`] is a
//! [`server`] with the processes that load it, a file of [`load`] for each shape; [`run`] visits them in rounds, and the
//! [`report`] is what came of it, shown as a [`table`] and as a [`page`].

mod latencies;
mod load;
mod loader;
mod machine;
mod page;
mod party;
mod plan;
mod progress;
mod report;
mod run;
mod server;
mod stop;
mod table;
mod tally;

pub(crate) use load::run as load;
pub(crate) use report::Shape;

use crate::args::Bench;
use crate::output::{self, say};
use crate::platform;
use crate::problem::Problem;
use plan::Plan;
use progress::Progress;
use report::{FORMAT, Report};
use std::env;
use std::fs::{self, OpenOptions};
use std::path::{self, Path};
use stop::Stop;

pub(crate) fn run(asked: &Bench) -> Result<(), Problem> {
    if [&asked.json, &asked.html].into_iter().all(|file| file.as_deref().is_some_and(is_standard_output)) {
        return Err(Problem::usage("--json and --html cannot both go to the standard output"));
    }
    if let Some(file) = &asked.from {
        return show(asked, &read(file)?);
    }
    let plan = Plan::of(asked)?;
    let machine = machine::describe(plan.driver)?;
    let mut files = asked.json.iter().chain(&asked.html).filter(|file| !is_standard_output(file));
    files.try_for_each(|file| can_write(file))?;
    platform::raise_open_files();
    let stop = Stop::listen()?;
    let progress = Progress::new(run::slices(&plan), asked.quiet);
    let results = run::run(&plan, &stop, &progress);
    drop(progress);
    let mut notes = notes(&plan);
    notes.extend(results.notes);
    if !results.outcomes.is_empty() {
        let command = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let report = Report {
            format: FORMAT,
            command: std::iter::once("overlapped".into()).chain(command).map(quoted).collect::<Vec<_>>().join(" "),
            version: env!("CARGO_PKG_VERSION").into(),
            machine,
            settings: plan.settings,
            results: results.outcomes,
            notes,
        };
        show(asked, &report)?;
    }
    results.problem.map_or(Ok(()), Err)
}

/// What holds for a whole run.
fn notes(plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.settings.rate.is_some() {
        notes.push(
            "Latency counts from the time at which a message was due, also if it had to wait before it was sent: it is \
             corrected for coordinated omission."
                .into(),
        );
    }
    if plan.pins.load.is_empty() {
        notes.push(
            "Servers and load are not bound to processors of their own and may disturb each other: figures vary more."
                .into(),
        );
    }
    if let Some(tick) = platform::TICK.filter(|tick| plan.settings.seconds < 100.0 * tick.as_secs_f64()) {
        notes.push(format!(
            "This system counts processor time in ticks of {tick:?}: longer slices (--seconds) tell it better."
        ));
    }
    notes
}

/// A word of a command line, so that a shell reads it as one.
fn quoted(word: String) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "-_./:,=@%+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn is_standard_output(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// Shows a report in each way that is asked for.
fn show(asked: &Bench, report: &Report) -> Result<(), Problem> {
    let mut whole = None;
    if let Some(file) = asked.json.as_deref() {
        let json = serde_json::to_string_pretty(report)
            .map_err(|error| Problem::failed(format!("cannot write JSON: {error}")))?;
        whole = write(file, json + "\n")?;
    }
    if let Some(file) = asked.html.as_deref() {
        whole = write(file, page::render(report) + "\n")?.or(whole);
    }
    if let Some(text) = whole {
        output::write(&text);
        return Ok(());
    }
    output::write(&table::render(report));
    if let Some(file) = &asked.html {
        // As a browser wants it, wherever that is started.
        let place = path::absolute(file).unwrap_or_else(|_| file.clone());
        say!("\npage: {}", place.display());
    }
    Ok(())
}

/// Gives the text back if it is for the standard output.
fn write(file: &Path, text: String) -> Result<Option<String>, Problem> {
    if is_standard_output(file) {
        return Ok(Some(text));
    }
    fs::write(file, text).map(|()| None).map_err(|error| cannot_write(file, &error))
}

fn cannot_write(file: &Path, error: &std::io::Error) -> Problem {
    Problem::failed(format!("cannot write {}: {error}", file.display()))
}

/// Found out before the run, not after it; what is in the file stays.
fn can_write(file: &Path) -> Result<(), Problem> {
    let opened = OpenOptions::new().create(true).append(true).open(file);
    opened.map(drop).map_err(|error| cannot_write(file, &error))
}

fn read(file: &Path) -> Result<Report, Problem> {
    let odd = |why: &dyn std::fmt::Display| Problem::failed(format!("cannot read {}: {why}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| odd(&error))?;
    let json: serde_json::Value = serde_json::from_str(&text).map_err(|error| odd(&error))?;
    match json.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format == u64::from(FORMAT) => {}
        Some(format) => return Err(odd(&format!("it has the format {format}, and this program reads {FORMAT}"))),
        None => return Err(odd(&"it is no result of overlapped bench --json")),
    }
    serde_json::from_value(json).map_err(|error| odd(&error))
}
