//! How long messages took, counted so that every percentile is right within a thousandth.

use super::report::Latency;
use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Nanoseconds up to an hour.
pub(super) struct Latencies(Histogram<u64>);

/// Nanoseconds, and how many messages took so long: how a process tells another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Counted(Vec<(u64, u64)>);

/// What a report tells of; the tail in more detail, which is where servers differ.
const PERCENTILES: [f64; 25] = [
    0.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 75.0, 80.0, 85.0, 90.0, 92.5, 95.0, 97.0, 98.0, 99.0, 99.5,
    99.75, 99.9, 99.95, 99.99, 99.999, 100.0,
];

impl Latencies {
    pub(super) fn new() -> Self {
        Self(Histogram::new_with_bounds(1, 3_600_000_000_000, 3).expect("bounds that the crate allows"))
    }

    pub(super) fn record(&mut self, time: Duration) {
        self.record_many(time, 1);
    }

    pub(super) fn record_many(&mut self, time: Duration, messages: u64) {
        self.0.saturating_record_n(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), messages);
    }

    pub(super) fn counted(&self) -> Counted {
        Counted(self.0.iter_recorded().map(|step| (step.value_iterated_to(), step.count_at_value())).collect())
    }

    pub(super) fn add(&mut self, counted: &Counted) {
        counted.0.iter().for_each(|&(value, count)| self.0.saturating_record_n(value, count));
    }

    /// Microseconds.
    pub(super) fn percentile(&self, percentile: f64) -> f64 {
        let nanoseconds = if percentile <= 0.0 { self.0.min() } else { self.0.value_at_percentile(percentile) };
        nanoseconds as f64 / 1000.0
    }

    /// A percentile that less than one message lies above is left out, but for the longest of all.
    pub(super) fn report(&self, corrected: bool) -> Latency {
        let messages = self.0.len();
        let told = |percentile: f64| percentile == 100.0 || (100.0 - percentile) / 100.0 * messages as f64 >= 1.0;
        let percentiles = PERCENTILES.into_iter().filter(|&percentile| messages > 0 && told(percentile));
        let points = percentiles.map(|percentile| (percentile, self.percentile(percentile))).collect();
        Latency { corrected, points, messages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_survive_the_way_to_another_process() {
        let mut here = Latencies::new();
        (1..=10_000).for_each(|micros| here.record(Duration::from_micros(micros)));
        let mut there = Latencies::new();
        there.add(&serde_json::from_str(&serde_json::to_string(&here.counted()).unwrap()).unwrap());
        let report = there.report(false);
        assert_eq!(report.messages, 10_000);
        for (percentile, micros) in &report.points {
            let exact = (percentile * 100.0).max(1.0);
            assert!((micros / exact - 1.0).abs() < 0.002, "{percentile}: {micros}");
        }
        assert!(report.points.is_sorted_by(|one, next| one.0 < next.0 && one.1 <= next.1));
        assert_eq!(report.points.last().map(|point| point.0), Some(100.0));
    }

    #[test]
    fn few_messages_have_no_long_tail() {
        let mut few = Latencies::new();
        (0..150).for_each(|_| few.record(Duration::from_micros(7)));
        let percentiles: Vec<_> = few.report(true).points.iter().map(|point| point.0).collect();
        assert_eq!(percentiles[percentiles.len() - 3..], [98.0, 99.0, 100.0]);
        assert!(Latencies::new().report(true).points.is_empty());
    }

    #[test]
    fn what_is_out_of_bounds_is_counted_as_the_bound() {
        let mut odd = Latencies::new();
        odd.record(Duration::ZERO);
        odd.record(Duration::from_secs(100_000));
        assert_eq!(odd.report(false).messages, 2);
    }
}
