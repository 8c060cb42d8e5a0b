//! Several measurements of the same thing: the middle, and how far they lie apart.

use std::fmt;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else {
            return Self { low: f64::NAN, median: f64::NAN, high: f64::NAN };
        };
        let median = f64::midpoint(sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
        Self { low: *low, median, high: *high }
    }

    /// The middle alone.
    pub(crate) fn median_of(values: impl IntoIterator<Item = f64>) -> f64 {
        Self::of(&values.into_iter().collect::<Vec<_>>()).median
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2} to {:.2})", self.median, self.low, self.high)
    }
}
