//! `overlapped bench`: servers side by side under the same load. The [`plan`] is what the user asks for; a [`party`] is a
//! [`server`] with the processes that load it, a file of [`load`] for each shape; [`run`] visits them in rounds, and the
//! [`report`] is what came of it, shown as a [`table`] and as a [`page`].

mod beside;
mod file;
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
use file::Target;
use plan::Plan;
use progress::Progress;
use report::{FORMAT, Report};
use std::env;
use std::fs;
use std::path::{self, Path, PathBuf};
use stop::Stop;

pub(crate) fn run(asked: &Bench) -> Result<(), Problem> {
    let files = [("--json", &asked.json), ("--html", &asked.html), ("--svg", &asked.svg)];
    for (place, (one, file)) in files.iter().enumerate() {
        let Some(file) = file else { continue };
        if let Some((other, _)) = files[place + 1..].iter().find(|(_, other)| other.as_ref() == Some(file)) {
            let place = if file.as_os_str() == "-" { "the standard output".into() } else { file.to_string_lossy() };
            return Err(Problem::usage(format!("{one} and {other} cannot both go to {place}")));
        }
    }
    if let Some(file) = &asked.from {
        let report = read(file)?;
        return Targets::open(asked)?.show(&report);
    }
    let plan = Plan::of(asked)?;
    let mut machine = machine::describe(plan.driver)?;
    let stop = Stop::listen()?;
    let targets = Targets::open(asked)?;
    platform::raise_open_files();
    let progress = Progress::new(run::slices(&plan), asked.quiet);
    let results = run::run(&plan, &stop, &progress);
    drop(progress);
    machine.raised = results.raised;
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
            failures: results.failures,
            cut_short: results.cut_short,
            notes,
        };
        targets.show(&report)?;
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
    for candidate in plan.candidates.iter().filter(|candidate| !candidate.beside.is_empty()) {
        let all: Vec<_> = candidate.beside.iter().map(ToString::to_string).collect();
        notes.push(format!("The processor time of {} is with that of {} beside it.", candidate.name, all.join(", ")));
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

/// Where the result goes besides the terminal.
struct Targets {
    json: Option<Target>,
    html: Option<Target>,
    svg: Option<Target>,
}

impl Targets {
    fn open(asked: &Bench) -> Result<Self, Problem> {
        let open = |file: &Option<PathBuf>| file.as_deref().map(Target::open).transpose();
        Ok(Self { json: open(&asked.json)?, html: open(&asked.html)?, svg: open(&asked.svg)? })
    }

    /// Shows a report in each way that is asked for.
    fn show(self, report: &Report) -> Result<(), Problem> {
        let mut whole = None;
        if let Some(target) = self.json {
            let json = serde_json::to_string_pretty(report)
                .map_err(|error| Problem::failed(format!("cannot write JSON: {error}")))?;
            whole = target.write(json + "\n")?;
        }
        // As a browser wants it, wherever that is started.
        let page =
            self.html.as_ref().map(|target| path::absolute(&target.asked).unwrap_or_else(|_| target.asked.clone()));
        if let Some(target) = self.html {
            whole = target.write(page::render(report) + "\n")?.or(whole);
        }
        if let Some(target) = self.svg {
            whole = target.write(page::picture(report) + "\n")?.or(whole);
        }
        if let Some(text) = whole {
            output::write(&text);
            return Ok(());
        }
        output::write(&table::render(report));
        if let Some(place) = page {
            say!("\npage: {}", place.display());
        }
        Ok(())
    }
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
