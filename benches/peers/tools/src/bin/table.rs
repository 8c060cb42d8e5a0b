//! `table FILE…`: what `overlapped bench --json` has saved, as tables in Markdown with a column for each load.

use serde::Deserialize;
use std::{env, fs};

/// As far as it is shown here.
#[derive(Deserialize)]
struct Report {
    format: u32,
    settings: Settings,
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Settings {
    sizes: usize,
    depth: usize,
    reference: Option<String>,
}

#[derive(Deserialize)]
struct Outcome {
    server: String,
    sessions: usize,
    messages_per_second: Spread,
    cpu_per_message: Option<Spread>,
    cpu_ratio: Option<Spread>,
    memory_per_session: Option<f64>,
    errors: u64,
}

#[derive(Deserialize, Clone, Copy)]
struct Spread {
    median: f64,
}

/// One load and what each server made of it.
struct Column {
    title: String,
    outcomes: Vec<Outcome>,
}

fn main() {
    let reports: Vec<Report> = env::args().skip(1).map(|path| read(&path)).collect();
    let reference = reports.iter().find_map(|report| report.settings.reference.clone());
    let columns: Vec<Column> = reports.into_iter().flat_map(columns).collect();
    let mut servers: Vec<&str> = Vec::new();
    for outcome in columns.iter().flat_map(|column| &column.outcomes) {
        if !servers.contains(&outcome.server.as_str()) {
            servers.push(&outcome.server);
        }
    }

    let against = reference.map_or(String::new(), |name| format!(", ratio to {name}"));
    show(&format!("CPU per message{against}"), &columns, &servers, 2, true, |outcome| Some(outcome.cpu_ratio?.median));
    show("CPU per message, microseconds", &columns, &servers, 2, false, |outcome| {
        Some(outcome.cpu_per_message?.median / 1000.0)
    });
    show("Messages per second, thousands", &columns, &servers, 1, false, |outcome| {
        Some(outcome.messages_per_second.median / 1000.0)
    });
    show("Memory per session, bytes", &columns, &servers, 0, false, |outcome| outcome.memory_per_session);
    for column in &columns {
        for outcome in column.outcomes.iter().filter(|outcome| outcome.errors > 0) {
            println!("\n{} at {}: {} errors", outcome.server, column.title, outcome.errors);
        }
    }
}

fn read(path: &str) -> Report {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let report: Report = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    assert_eq!(report.format, 1, "{path} is of another format");
    report
}

/// One for each number of sessions.
fn columns(report: Report) -> Vec<Column> {
    let Settings { sizes, depth, .. } = report.settings;
    let deep = if depth > 1 { format!(", {depth} deep") } else { String::new() };
    let mut columns: Vec<Column> = Vec::new();
    for outcome in report.results {
        let title = format!("{} x {sizes} B{deep}", outcome.sessions);
        match columns.iter_mut().find(|column| column.title == title) {
            Some(column) => column.outcomes.push(outcome),
            None => columns.push(Column { title, outcomes: vec![outcome] }),
        }
    }
    columns
}

/// One table. A mean is the geometric one, of a server that has a figure in each column.
fn show(
    title: &str,
    columns: &[Column],
    servers: &[&str],
    digits: usize,
    mean: bool,
    figure: impl Fn(&Outcome) -> Option<f64>,
) {
    let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).chain(mean.then_some("mean")).collect();
    println!("\n### {title}\n\n| server | {} |\n|---|{}", titles.join(" | "), "---:|".repeat(titles.len()));
    for server in servers {
        let of = |column: &Column| column.outcomes.iter().find(|outcome| outcome.server == *server).and_then(&figure);
        let figures: Vec<Option<f64>> = columns.iter().map(of).collect();
        let whole: Option<Vec<f64>> = figures.iter().copied().collect();
        let middle = whole.map(|all| (all.iter().map(|one| one.ln()).sum::<f64>() / all.len() as f64).exp());
        let cells = figures.into_iter().chain(mean.then_some(middle));
        let cells: Vec<String> =
            cells.map(|cell| cell.map_or("-".to_owned(), |value| format!("{value:.digits$}"))).collect();
        println!("| {server} | {} |", cells.join(" | "));
    }
}
