//! A report in the order in which the page shows it.

use crate::bench::report::{Outcome, Report, Spread};

/// What the page draws.
pub(super) struct Figures<'a> {
    pub(super) report: &'a Report,
    /// Each once, in the order of the report: the place is the server's number everywhere on the page.
    pub(super) servers: Vec<&'a str>,
    /// Each once, rising.
    pub(super) sessions: Vec<usize>,
}

/// What is measured of a server, with a spread.
pub(super) type Measure = fn(&Outcome) -> Option<Spread>;

impl<'a> Figures<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let mut servers: Vec<&str> = Vec::new();
        let mut sessions = Vec::new();
        for outcome in &report.results {
            if !servers.contains(&outcome.server.as_str()) {
                servers.push(&outcome.server);
            }
            sessions.push(outcome.sessions);
        }
        sessions.sort_unstable();
        sessions.dedup();
        Self { report, servers, sessions }
    }

    pub(super) fn number(&self, outcome: &Outcome) -> usize {
        self.servers.iter().position(|server| *server == outcome.server).unwrap_or(0)
    }

    /// With so many sessions, with the servers' numbers.
    pub(super) fn at(&self, sessions: usize) -> impl Iterator<Item = (usize, &'a Outcome)> {
        let outcomes = self.report.results.iter().filter(move |outcome| outcome.sessions == sessions);
        outcomes.map(|outcome| (self.number(outcome), outcome))
    }

    /// Each server's measures, by rising number of sessions; servers without any are left out.
    pub(super) fn growth(&self, measure: Measure) -> Vec<(usize, Vec<(usize, Spread)>)> {
        let growth = self.servers.iter().enumerate().map(|(number, server)| {
            let outcomes = self.report.results.iter().filter(|outcome| outcome.server == **server);
            let points = outcomes.filter_map(|outcome| Some((outcome.sessions, known(measure(outcome)?)?)));
            let mut points: Vec<_> = points.collect();
            points.sort_by_key(|(sessions, _)| *sessions);
            (number, points)
        });
        growth.filter(|(_, points)| !points.is_empty()).collect()
    }
}

pub(super) fn throughput(outcome: &Outcome) -> Option<Spread> {
    known(outcome.messages_per_second)
}

pub(super) fn cpu(outcome: &Outcome) -> Option<Spread> {
    outcome.cpu_per_message.and_then(known)
}

pub(super) fn ratio(outcome: &Outcome) -> Option<Spread> {
    outcome.cpu_ratio.and_then(known)
}

/// One figure only: it was not taken in rounds.
pub(super) fn memory(outcome: &Outcome) -> Option<Spread> {
    outcome.memory_per_session.and_then(|bytes| known(Spread { low: bytes, median: bytes, high: bytes }))
}

/// No number is no measure: nothing was there to be divided.
fn known(spread: Spread) -> Option<Spread> {
    [spread.low, spread.median, spread.high].iter().all(|figure| figure.is_finite()).then_some(spread)
}

/// The latency at a percentile, if that was measured.
pub(super) fn latency(outcome: &Outcome, percentile: f64) -> Option<f64> {
    // A hair beside it is the same percentile, computed another way.
    let mut points = outcome.latency.points.iter().filter(|(at, _)| (at - percentile).abs() < 1e-9);
    points.next().map(|(_, latency)| *latency)
}
