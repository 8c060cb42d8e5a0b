//! A report as a person reads it in a terminal.

use super::progress::Progress;
use super::report::{Failed, Latency, Outcome, Report, Settings, Shape, Spread};
use std::fmt::Write;

/// The percentiles that have a column.
const SHOWN: [f64; 3] = [50.0, 99.0, 99.9];

/// The whole report, as lines.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    let _ = write_report(&mut out, report);
    out
}

fn write_report(out: &mut String, report: &Report) -> std::fmt::Result {
    let Report { version, machine, settings, results, failures, cut_short, notes, .. } = report;
    writeln!(out, "overlapped {version} on {}, {} x {}", machine.system, machine.processors, machine.processor)?;
    writeln!(out, "driver {}; {}", machine.driver, load(settings))?;
    let rounds = settings.rounds;
    writeln!(
        out,
        "{rounds} rounds of {} s for each server, interleaved; median (lowest to highest round)",
        settings.seconds
    )?;
    if let Some(why) = cut_short {
        writeln!(out, "cut short: {why}")?;
    }
    let mut groups = Vec::new();
    for sessions in results.iter().map(|one| one.sessions).chain(failures.iter().map(|one| one.sessions)) {
        if !groups.contains(&sessions) {
            groups.push(sessions);
        }
    }
    for sessions in groups {
        writeln!(out, "\n{}", Progress::sessions(sessions))?;
        let these: Vec<_> = results.iter().filter(|one| one.sessions == sessions).collect();
        if !these.is_empty() {
            write_table(out, settings, &these)?;
        }
        for Failed { server, rounds: complete, reason, .. } in failures.iter().filter(|one| one.sessions == sessions) {
            writeln!(out, "  {server} has failed after {complete} of {rounds} rounds: {reason}")?;
        }
    }
    if !notes.is_empty() {
        writeln!(out)?;
    }
    notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))
}

/// What the sessions did.
fn load(settings: &Settings) -> String {
    let Settings { shape, sizes, depth, rate, active, threads, .. } = settings;
    let active = active.map(|active| format!("{active} of the sessions"));
    let mut said = match shape {
        Shape::Echo => "echo".into(),
        Shape::Broadcast => format!("broadcast, where {} speak in turn", active.as_deref().unwrap_or("all")),
        Shape::Idle => format!("idle, but for {}", active.as_deref().unwrap_or("all")),
        Shape::Churn => "churn: connect, exchange a message, close".into(),
    };
    let _ = write!(said, "; messages of {sizes} bytes");
    match rate {
        Some(rate) => drop(write!(said, ", {rate} per second, at most {depth} on the way on a session")),
        None if *depth > 1 => drop(write!(said, ", {depth} at a time")),
        None => {}
    }
    if *threads > 1 {
        let _ = write!(said, "; {threads} threads");
    }
    said
}

fn write_table(out: &mut String, settings: &Settings, outcomes: &[&Outcome]) -> std::fmt::Result {
    let unit = match settings.shape {
        Shape::Echo | Shape::Idle => "message",
        Shape::Broadcast => "delivery",
        Shape::Churn => "connection",
    };
    let plural = if unit == "delivery" { "deliveries".into() } else { format!("{unit}s") };
    let mut columns: Vec<Column> = vec![
        Column::new("server", outcomes, |one| Some(one.server.clone())),
        Column::new(&format!("{plural}/s"), outcomes, |one| Some(spread(&one.messages_per_second, 0))),
        Column::new(&format!("CPU ns/{unit}"), outcomes, |one| one.cpu_per_message.map(|cost| spread(&cost, 0))),
    ];
    if let Some(reference) = &settings.reference {
        let ratio = |one: &Outcome| one.cpu_ratio.map(|ratio| spread(&ratio, 2));
        columns.push(Column::new(&format!("CPU to {reference}"), outcomes, ratio));
    }
    for percentile in SHOWN {
        columns.push(Column::new(&format!("p{percentile} us"), outcomes, |one| at(&one.latency, percentile)));
    }
    columns.push(Column::new("longest us", outcomes, |one| at(&one.latency, 100.0)));
    if outcomes.iter().any(|one| one.memory_per_session.is_some()) {
        columns
            .push(Column::new("bytes/session", outcomes, |one| one.memory_per_session.map(|bytes| number(bytes, 0))));
    }
    if outcomes.iter().any(|one| one.errors > 0) {
        columns.push(Column::new("errors", outcomes, |one| Some(one.errors.to_string())));
    }
    for row in 0..=outcomes.len() {
        let mut line = String::from(" ");
        for (place, Column { cells, width }) in columns.iter().enumerate() {
            let pad = width - cells[row].chars().count();
            // The first is a name, the others are numbers.
            let (before, after) = if place == 0 { (0, pad) } else { (pad, 0) };
            write!(line, " {:before$}{}{:after$} ", "", cells[row], "")?;
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// Head and cells of a column, and how wide the widest is.
struct Column {
    cells: Vec<String>,
    width: usize,
}

impl Column {
    fn new(head: &str, outcomes: &[&Outcome], cell: impl Fn(&Outcome) -> Option<String>) -> Self {
        let cells = outcomes.iter().map(|outcome| cell(outcome).unwrap_or_else(|| "-".into()));
        let cells: Vec<_> = std::iter::once(head.to_string()).chain(cells).collect();
        let width = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
        Self { cells, width }
    }
}

/// A percentile that is not among the points lies above all but the longest.
fn at(latency: &Latency, percentile: f64) -> Option<String> {
    latency
        .points
        .iter()
        .find(|point| point.0 == percentile)
        .map(|point| number(point.1, if point.1 < 100.0 { 1 } else { 0 }))
}

fn spread(Spread { low, median, high }: &Spread, digits: usize) -> String {
    format!("{} ({} to {})", number(*median, digits), number(*low, digits), number(*high, digits))
}

/// Thousands are set off.
fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::new();
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place) % 3 == 0 && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_off() {
        for (value, digits, shown) in [
            (0.0, 0, "0"),
            (999.4, 0, "999"),
            (1000.0, 0, "1,000"),
            (1234567.891, 2, "1,234,567.89"),
            (-123.0, 0, "-123"),
        ] {
            assert_eq!(number(value, digits), shown);
        }
    }
}
