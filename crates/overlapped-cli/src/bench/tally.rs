//! From slices to what is reported of a server.

use super::latencies::Latencies;
use super::party::Measured;
use super::plan::{Candidate, Kind};
use super::report::{Outcome, Spread};

/// One server's figures with one number of sessions, round by round.
pub(super) struct Tally {
    rates: Vec<f64>,
    /// Nanoseconds per message.
    costs: Vec<f64>,
    ratios: Vec<f64>,
    /// Part of the time for which a loader was busy.
    busy: Vec<f64>,
    latencies: Latencies,
    late: Latencies,
    errors: u64,
    unsent: u64,
}

/// A slice in figures.
pub(super) struct Figures {
    pub(super) rate: f64,
    pub(super) cost: Option<f64>,
    busy: Option<f64>,
}

impl Figures {
    pub(super) fn of(measured: &Measured) -> Self {
        let messages: u64 = measured.slices.iter().map(|slice| slice.messages).sum();
        let seconds = measured.slices.iter().map(|slice| slice.seconds).fold(0.0, f64::max);
        let busy = measured.slices.iter().filter_map(|slice| Some(slice.busy? / slice.seconds));
        Self {
            rate: if seconds > 0.0 { messages as f64 / seconds } else { 0.0 },
            // Nothing is less than the system can tell, not nothing.
            cost: measured
                .used
                .filter(|used| messages > 0 && !used.is_zero())
                .map(|used| used.as_nanos() as f64 / messages as f64),
            busy: busy.filter(|busy| busy.is_finite()).reduce(f64::max),
        }
    }

    fn mean(all: &[&Self]) -> Self {
        let mean =
            |figures: Vec<f64>| (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64);
        Self {
            rate: mean(all.iter().map(|one| one.rate).collect()).unwrap_or(0.0),
            cost: mean(all.iter().filter_map(|one| one.cost).collect()),
            busy: mean(all.iter().filter_map(|one| one.busy).collect()),
        }
    }
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            rates: Vec::new(),
            costs: Vec::new(),
            ratios: Vec::new(),
            busy: Vec::new(),
            latencies: Latencies::new(),
            late: Latencies::new(),
            errors: 0,
            unsent: 0,
        }
    }

    /// A round has brought these slices; one, but for the reference. The cost is compared to that of the reference around it.
    pub(super) fn round(&mut self, slices: &[(&Measured, &Figures)], reference: Option<f64>) {
        let all: Vec<_> = slices.iter().map(|(_, figures)| *figures).collect();
        let figures = Figures::mean(&all);
        self.rates.push(figures.rate);
        self.costs.extend(figures.cost);
        self.ratios.extend(figures.cost.zip(reference).map(|(cost, reference)| cost / reference));
        self.busy.extend(figures.busy);
        for slice in slices.iter().flat_map(|(measured, _)| &measured.slices) {
            self.latencies.add(&slice.latencies);
            self.late.add(&slice.late);
            self.errors += slice.errors;
            self.unsent += slice.unsent;
        }
    }

    /// None if there was no round.
    pub(super) fn outcome(
        &self,
        candidate: &Candidate,
        sessions: usize,
        corrected: bool,
        memory_per_session: Option<f64>,
    ) -> Option<Outcome> {
        let model = if let Kind::Ours(model) = candidate.kind { Some(model.to_string()) } else { None };
        Some(Outcome {
            server: candidate.name.clone(),
            model,
            sessions,
            messages_per_second: Spread::of(self.rates.iter().copied())?,
            cpu_per_message: Spread::of(self.costs.iter().copied()),
            cpu_ratio: Spread::of(self.ratios.iter().copied()),
            memory_per_session,
            latency: self.latencies.report(corrected),
            errors: self.errors,
        })
    }

    /// How busy the loader was, of all its time.
    pub(super) fn busy(&self) -> Option<f64> {
        Spread::of(self.busy.iter().copied()).map(|busy| busy.median)
    }

    /// Messages that were due and were never sent.
    pub(super) fn unsent(&self) -> u64 {
        self.unsent
    }

    /// How late the loader itself was, in microseconds, for 99 of 100 messages.
    pub(super) fn late(&self) -> f64 {
        self.late.percentile(99.0)
    }
}
