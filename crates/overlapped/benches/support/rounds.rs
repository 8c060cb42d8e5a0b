//! Rounds in which what is compared takes turns.
//!
//! A machine changes its speed within seconds, by more than what is to be seen here. So a case and what it is compared with
//! are measured in slices of a few milliseconds that lie side by side, and what counts is the ratio of such neighbours: its
//! median in a cycle, and the median of the cycles with their spread.

use super::clock::Clock;
use super::spread::Spread;

/// What is measured: does its operation so many times.
pub(crate) struct Case<'a> {
    pub(crate) name: String,
    /// The place of the case that it is compared with.
    pub(crate) against: Option<usize>,
    /// How many operations it does at once, at least.
    pub(crate) batch: usize,
    run: Box<dyn FnMut(usize) -> f64 + 'a>,
}

/// What a case costs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// Nanoseconds for an operation.
    pub(crate) nanoseconds: Spread,
    /// Of what it is compared with.
    pub(crate) ratio: Option<Spread>,
}

/// Slices of a case in one cycle.
const SLICES: usize = 9;
/// Nanoseconds that a slice should take.
const SLICE: f64 = 3e6;

impl<'a> Case<'a> {
    pub(crate) fn new(name: impl Into<String>, mut run: impl FnMut(usize) + 'a) -> Self {
        Self::timed(name, move |times| {
            let began = Clock::Thread.now();
            run(times);
            Clock::Thread.now() - began
        })
    }

    /// One that answers how many nanoseconds it took.
    pub(crate) fn timed(name: impl Into<String>, run: impl FnMut(usize) -> f64 + 'a) -> Self {
        Self { name: name.into(), against: None, batch: 1, run: Box::new(run) }
    }

    pub(crate) fn against(mut self, other: usize) -> Self {
        self.against = Some(other);
        self
    }

    pub(crate) fn batch(mut self, operations: usize) -> Self {
        self.batch = operations;
        self
    }

    pub(crate) fn run(&mut self, times: usize) -> f64 {
        (self.run)(times)
    }

    /// How often it must run to fill a slice; warms up on the way.
    fn times(&mut self) -> usize {
        let mut times = self.batch.max(64).next_multiple_of(self.batch);
        loop {
            let took = self.run(times);
            if took > SLICE / 4.0 || times > 1 << 22 {
                return ((times as f64 * SLICE / took.max(1.0)) as usize).next_multiple_of(self.batch).max(self.batch);
            }
            times *= 2;
        }
    }
}

/// Measures all cases side by side.
pub(crate) fn interleave(cases: &mut [Case<'_>], cycles: usize) -> Vec<Cost> {
    let times: Vec<_> = cases.iter_mut().map(Case::times).collect();
    let mut nanoseconds = vec![Vec::new(); cases.len()];
    let mut ratios = vec![Vec::new(); cases.len()];
    for _ in 0..cycles {
        let slices: Vec<Vec<f64>> = (0..SLICES)
            .map(|_| cases.iter_mut().zip(&times).map(|(case, times)| case.run(*times) / *times as f64).collect())
            .collect();
        for (at, case) in cases.iter().enumerate() {
            nanoseconds[at].push(Spread::median_of(slices.iter().map(|slice| slice[at])));
            if let Some(other) = case.against {
                ratios[at].push(Spread::median_of(slices.iter().map(|slice| slice[at] / slice[other])));
            }
        }
    }
    let costs = nanoseconds.iter().zip(&ratios);
    costs
        .map(|(nanoseconds, ratios)| Cost {
            nanoseconds: Spread::of(nanoseconds),
            ratio: (!ratios.is_empty()).then(|| Spread::of(ratios)),
        })
        .collect()
}
