//! The run in a few words: which server took least.

use super::figures::{Figures, Measure, cpu, throughput};
use super::numbers::{Unit, exact, grouped};
use crate::bench::report::{Failed, Machine, Outcome, Report, Settings, Shape, Spread};

/// What was run.
pub(super) fn heading(figures: &Figures<'_>) -> String {
    let settings = &figures.report.settings;
    let what = match settings.shape {
        Shape::Echo => "Echo",
        Shape::Broadcast => "Broadcast",
        Shape::Idle => "Echo among idle sessions",
        Shape::Churn => "Connect, echo, close",
    };
    let servers = plural(figures.servers.len(), "server");
    let sessions = match figures.sessions[..] {
        [] => String::new(),
        [one] => format!(", {}", plural(one, "session")),
        [first, .., last] => format!(", {} to {} sessions", grouped(first as f64), grouped(last as f64)),
    };
    format!("{what}: {servers}, {}{sessions}", plural(settings.sizes, "byte"))
}

/// What a server is measured by, one and several of them.
pub(super) fn words(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::Echo | Shape::Idle => ("message", "messages"),
        Shape::Broadcast => ("delivery", "deliveries"),
        Shape::Churn => ("connection", "connections"),
    }
}

/// Who took least CPU time per message, for each number of sessions; who was fastest, if that was not measured.
pub(super) fn sentences(figures: &Figures<'_>) -> Vec<String> {
    if figures.report.results.is_empty() {
        return vec!["Nothing was measured.".into()];
    }
    let (one, many) = words(figures.report.settings.shape);
    let mut sentences = Vec::new();
    let least = winners(figures, cpu, Unit::Nanoseconds, |spread| spread.median);
    if let Some(least) = least {
        sentences.push(format!("Least CPU time of the server per {one}: {least}."));
    } else {
        sentences.push("CPU time of the servers was not measured.".into());
        if let Some(most) = winners(figures, throughput, Unit::Messages, |spread| -spread.median) {
            sentences.push(format!("Most {many} per second: {most}."));
        }
    }
    let errors = figures.report.results.iter().fold(0_u64, |errors, outcome| errors.saturating_add(outcome.errors));
    if errors > 0 {
        let word = if errors == 1 {
            "There was 1 error".into()
        } else {
            format!("There were {} errors", grouped(errors as f64))
        };
        sentences.push(format!("{word}: the table says with which servers, and their figures are not to be trusted."));
    }
    sentences
}

/// What went wrong.
pub(super) fn failures(figures: &Figures<'_>) -> Vec<String> {
    let Report { cut_short, failures, settings, .. } = figures.report;
    let short = cut_short.iter().map(|why| format!("The run was cut short: {why}"));
    let failed = failures.iter().map(|Failed { server, sessions, rounds, reason }| {
        let (sessions, all) = (plural(*sessions, "session"), plural(settings.rounds, "round"));
        format!("{server} has failed with {sessions} after {} of {all}: {reason}", grouped(*rounds as f64))
    });
    short.chain(failed).collect()
}

/// `port with 1 session (1.2 µs); callback with 10 and 100 sessions (…)`.
fn winners(figures: &Figures<'_>, measure: Measure, unit: Unit, rank: fn(&Spread) -> f64) -> Option<String> {
    let mut parts: Vec<(&str, Vec<usize>, Vec<String>)> = Vec::new();
    for sessions in &figures.sessions {
        // A process that took no time at all was not looked at long enough.
        let measured = |(_, outcome): (usize, &Outcome)| measure(outcome).filter(|spread| spread.median > 0.0);
        let candidates = figures.at(*sessions).filter_map(|entry| Some((entry.0, measured(entry)?)));
        let Some((best, spread)) = candidates.min_by(|(_, one), (_, other)| rank(one).total_cmp(&rank(other))) else {
            continue;
        };
        let level = figures.at(*sessions).filter(|(server, _)| *server != best);
        let level = level.filter_map(|entry| {
            let other = measured(entry)?;
            (other.low <= spread.high && spread.low <= other.high).then(|| figures.servers[entry.0])
        });
        let level: Vec<_> = level.collect();
        let mut told = unit.short(spread.median);
        if !level.is_empty() {
            told = format!("{told}, within the spread of {}", list(&level));
        }
        match parts.last_mut() {
            Some((server, counts, all)) if *server == figures.servers[best] => {
                counts.push(*sessions);
                all.push(told);
            }
            _ => parts.push((figures.servers[best], vec![*sessions], vec![told])),
        }
    }
    let words = parts.iter().map(|(server, counts, told)| {
        let numbers: Vec<_> = counts.iter().map(|count| grouped(*count as f64)).collect();
        let word = if counts[..] == [1] { "session" } else { "sessions" };
        format!("{server} with {} {word} ({})", list(&numbers), told.join("; "))
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The circumstances, each with its name.
pub(super) fn facts(figures: &Figures<'_>) -> Vec<(&'static str, String)> {
    let report = figures.report;
    let Machine { system, processors, processor, driver, raised } = &report.machine;
    let Settings { rate, depth, active, rounds, seconds, threads, reference, .. } = &report.settings;
    let on_the_way = plural(*depth, "message");
    let load = match (rate, report.settings.shape) {
        (Some(rate), _) => format!(
            "open loop: {} messages per second in total, each due at its time; at most {on_the_way} on the way in a session",
            exact(*rate)
        ),
        (None, Shape::Echo | Shape::Idle) => format!("closed loop: {on_the_way} on the way in each session that talks"),
        (None, Shape::Broadcast) => "a message of one is delivered to all the others".into(),
        (None, Shape::Churn) => "each connects, exchanges a message and closes, again and again".into(),
    };
    let talk = active.map(|active| ("Active", format!("{} of the sessions talk", grouped(active as f64))));
    let reference = reference.as_ref().map(|reference| ("Reference", format!("{reference}, in the same round")));
    let facts = [
        ("Command", report.command.clone()),
        ("Machine", format!("{processor}, {}, {system}", plural(*processors, "processor"))),
        ("Driver", driver.clone()),
        ("Load", load),
        ("Rounds", format!("{}, each with a slice of {seconds} s for each server in turn", grouped(*rounds as f64))),
        ("Priority", if *raised { "raised, of servers and load" } else { "as that of other work" }.into()),
        ("Threads", format!("{} of each server of overlapped", grouped(*threads as f64))),
        ("Version", format!("overlapped {}", report.version)),
    ];
    facts.into_iter().chain(talk).chain(reference).collect()
}

/// `a, b and c`.
fn list<T: AsRef<str>>(words: &[T]) -> String {
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    match words[..] {
        [] => String::new(),
        [one] => one.into(),
        [ref first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A number with its word.
pub(super) fn plural(count: usize, word: &str) -> String {
    let count_word = grouped(count as f64);
    if count == 1 { format!("{count_word} {word}") } else { format!("{count_word} {word}s") }
}
