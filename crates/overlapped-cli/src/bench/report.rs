//! What a run has shown: `--json` writes it, the table and the page show it, and `--from` reads it again.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Of [`Report::format`]: it changes when a reader of the old form would go wrong.
pub(crate) const FORMAT: u32 = 1;

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// [`FORMAT`].
    pub(crate) format: u32,
    /// The command line.
    pub(crate) command: String,
    /// That of the command.
    pub(crate) version: String,
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    /// In the order of the run: a number of sessions after the other, and for each the servers.
    pub(crate) results: Vec<Outcome>,
    /// Servers that could not be measured, or not to the end.
    #[serde(default)]
    pub(crate) failures: Vec<Failed>,
    /// Why the run has ended before its last round, if it has.
    #[serde(default)]
    pub(crate) cut_short: Option<String>,
    /// What one must know to read the figures.
    pub(crate) notes: Vec<String>,
}

/// Where it ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Name and version of the operating system.
    pub(crate) system: String,
    /// How many there are.
    pub(crate) processors: usize,
    /// What they call themselves.
    pub(crate) processor: String,
    /// That of the servers of this library.
    pub(crate) driver: String,
    /// Whether servers and load ran ahead of other work.
    #[serde(default)]
    pub(crate) raised: bool,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) shape: Shape,
    /// Bytes of a message.
    pub(crate) sizes: usize,
    /// Messages on the way on each connection.
    pub(crate) depth: usize,
    /// Messages per second in total; none if each answer brings the next message.
    pub(crate) rate: Option<f64>,
    /// How many of the sessions talk, if not all do.
    pub(crate) active: Option<usize>,
    pub(crate) rounds: usize,
    /// Of a slice.
    pub(crate) seconds: f64,
    /// Of each server of this library.
    pub(crate) threads: usize,
    /// The server that ratios are to.
    pub(crate) reference: Option<String>,
}

/// What the sessions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    /// Each gets back what it sends
    Echo,
    /// Some speak, and all hear it
    Broadcast,
    /// Few talk, the others are just there
    Idle,
    /// Each connects, exchanges one message, and closes
    Churn,
}

/// One server under one number of sessions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) server: String,
    /// None if the server is not one of this library.
    pub(crate) model: Option<String>,
    pub(crate) sessions: usize,
    pub(crate) messages_per_second: Spread,
    /// Nanoseconds of the server's process; none if the system does not tell.
    pub(crate) cpu_per_message: Option<Spread>,
    /// Of the CPU time per message, to that of the reference in the same round.
    pub(crate) cpu_ratio: Option<Spread>,
    /// Bytes of resident memory, above the server without sessions.
    pub(crate) memory_per_session: Option<f64>,
    pub(crate) latency: Latency,
    pub(crate) errors: u64,
}

/// A server that has failed under a number of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failed {
    pub(crate) server: String,
    pub(crate) sessions: usize,
    /// How many were complete before; what they have shown is among the results.
    pub(crate) rounds: usize,
    pub(crate) reason: String,
}

/// Over the rounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

/// Of all messages of all rounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Latency {
    /// For coordinated omission: each is measured from the time at which the message was due, not from when it was sent.
    pub(crate) corrected: bool,
    /// Percentile and microseconds, in rising order.
    pub(crate) points: Vec<(f64, f64)>,
    /// How many were measured.
    pub(crate) messages: u64,
}

impl Spread {
    /// None of nothing.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<_> = figures.into_iter().filter(|figure| figure.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let (&low, &high) = (sorted.first()?, sorted.last()?);
        let middle = sorted.len() / 2;
        let median =
            if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) };
        Some(Self { low, median, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_the_least_the_middle_and_the_most() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([3.0]), Some(Spread { low: 3.0, median: 3.0, high: 3.0 }));
        assert_eq!(Spread::of([3.0, 1.0, f64::NAN, 2.0, 10.0]), Some(Spread { low: 1.0, median: 2.5, high: 10.0 }));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let spread = Spread { low: 1.0, median: 2.0, high: 4.0 };
        let report = Report {
            format: FORMAT,
            command: "overlapped bench".into(),
            version: "1.2.3".into(),
            machine: Machine {
                system: "Linux".into(),
                processors: 2,
                processor: "one".into(),
                driver: "uring".into(),
                raised: true,
            },
            settings: Settings {
                shape: Shape::Echo,
                sizes: 100,
                depth: 1,
                rate: None,
                active: None,
                rounds: 5,
                seconds: 0.2,
                threads: 1,
                reference: Some("port".into()),
            },
            results: vec![Outcome {
                server: "port".into(),
                model: Some("port".into()),
                sessions: 50,
                messages_per_second: spread,
                cpu_per_message: Some(spread),
                cpu_ratio: None,
                memory_per_session: Some(1500.0),
                latency: Latency { corrected: false, points: vec![(50.0, 20.5), (99.0, 80.0)], messages: 1000 },
                errors: 0,
            }],
            failures: vec![Failed { server: "event".into(), sessions: 50, rounds: 3, reason: "it has ended".into() }],
            cut_short: Some("by the user".into()),
            notes: vec!["a note".into()],
        };
        let json = serde_json::to_string(&report).unwrap();
        assert!(json.contains(r#""shape":"echo""#), "{json}");
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
        // What was written before there were failures is read, too.
        let mut older: serde_json::Value = serde_json::from_str(&json).unwrap();
        for key in ["failures", "cut_short"] {
            older.as_object_mut().unwrap().remove(key);
        }
        older["machine"].as_object_mut().unwrap().remove("raised");
        let older: Report = serde_json::from_value(older).unwrap();
        assert_eq!((older.failures, older.cut_short, older.machine.raised), (Vec::new(), None, false));
    }
}
