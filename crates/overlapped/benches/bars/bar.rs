//! A bar: what is measured, what it may be at most, and the second chance that a busy machine makes necessary.

use super::super::support::args::Args;
use super::super::support::spread::Spread;

/// All bars on one driver.
pub(crate) struct Run<'a> {
    pub(crate) args: &'a Args,
    pub(crate) driver: &'a str,
    failed: Vec<String>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(args: &'a Args, driver: &'a str) -> Self {
        Self { args, driver, failed: Vec::new() }
    }

    /// Whether it is to be measured.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.args.wants(&format!("{name}.{}", self.driver))
    }

    /// Measures one bar, whose median may be `limit`: again if it was more.
    pub(crate) fn bar(&mut self, name: &str, limit: f64, mut measure: impl FnMut(usize) -> Spread) {
        self.bars(&[(name.to_owned(), limit)], |cycles| vec![measure(cycles)]);
    }

    /// Measures several bars side by side; all again if one of them was more than its limit.
    pub(crate) fn bars(&mut self, bars: &[(String, f64)], mut measure: impl FnMut(usize) -> Vec<Spread>) {
        if !bars.iter().any(|(name, _)| self.wants(name)) {
            return;
        }
        let over = |values: &[Spread]| -> Vec<bool> {
            bars.iter().zip(values).map(|((_, limit), value)| value.median > *limit || value.median.is_nan()).collect()
        };
        let mut values = measure(self.args.cycles());
        let mut failed = over(&values);
        if self.args.bench && failed.contains(&true) {
            self.print(bars, &values, &vec![false; bars.len()], true);
            values = measure(self.args.cycles());
            failed.iter_mut().zip(over(&values)).for_each(|(failed, again)| *failed &= again);
        }
        self.print(bars, &values, &failed, false);
        for ((name, _), failed) in bars.iter().zip(failed) {
            // One short cycle only shows that it runs.
            if failed && self.args.bench {
                self.failed.push(format!("{name}.{}", self.driver));
            }
        }
    }

    fn print(&self, bars: &[(String, f64)], values: &[Spread], failed: &[bool], first: bool) {
        for (((name, limit), value), failed) in bars.iter().zip(values).zip(failed) {
            let name = format!("{name}.{}", self.driver);
            let verdict = if *failed { "FAILS" } else { "holds" };
            if first {
                println!("# first run: {name} {value}, limit {limit}");
            } else {
                let Spread { low, median, high } = value;
                println!("bar {name:40} {median:>8.2} {limit:>6.2} {verdict} ({low:.2} to {high:.2})");
            }
        }
    }

    /// A figure without a limit.
    pub(crate) fn note(&self, name: &str, text: impl std::fmt::Display) {
        println!("# {name}.{} {text}", self.driver);
    }

    /// The end: whether all bars hold, as far as that is asked for.
    pub(crate) fn holds(&self) -> bool {
        if !self.failed.is_empty() {
            println!("# over their limits on {}: {}", self.driver, self.failed.join(", "));
        }
        self.failed.is_empty() || !self.args.check
    }
}
