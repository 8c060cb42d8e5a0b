//! Axes: from figures to places between 0 and 1, with the ticks. No figures are too few, too close, too huge or too tiny.

use super::numbers::{Unit, grouped};

/// Beyond it, sums and ratios of figures would not be numbers any more.
const HUGE: f64 = 1e150;
/// The least that a logarithmic axis shows.
const TINY: f64 = 1e-150;
/// The percentiles with a name, as far as messages are counted.
pub(super) const PERCENTILES: [f64; 8] = [50.0, 90.0, 99.0, 99.9, 99.99, 99.999, 99.9999, 99.99999];

/// One direction of a plot.
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    pub(super) ticks: Vec<Tick>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Logarithmic,
    /// By the share of messages above: each further nine takes the same room.
    Percentiles,
}

pub(super) struct Tick {
    /// Between 0 and 1.
    pub(super) place: f64,
    pub(super) label: String,
}

impl Axis {
    /// From zero, unless that would press most figures to the ground. Zero and less stand at the foot of a logarithmic
    /// axis.
    pub(super) fn of(figures: impl Iterator<Item = f64> + Clone, unit: Unit) -> Self {
        let middle: Vec<_> = figures.clone().filter(|figure| *figure > 0.0).collect();
        let (least, most) = bounds(middle.iter().copied());
        if most / least > 30.0 && figures.clone().all(|figure| figure >= 0.0) {
            Self::logarithmic(figures, unit)
        } else {
            Self::linear(figures, unit, 6.0)
        }
    }

    /// With about so many steps.
    pub(super) fn linear(figures: impl Iterator<Item = f64>, unit: Unit, steps: f64) -> Self {
        let (least, most) = bounds(figures);
        let (low, mut high) = (least.min(0.0), most.max(0.0));
        // Too close for the steps between them.
        if high - low <= TINY {
            high = low + 1.0;
        }
        let room = (high - low) * 0.05;
        let (low, high) = (if low < 0.0 { low - room } else { 0.0 }, if high > 0.0 { high + room } else { 0.0 });
        let step = step((high - low) / steps);
        let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
        let values = (first..=last).map(|count| count as f64 * step);
        Self::with(Scale::Linear, low, high, values.map(|value| (value, unit.short(value))))
    }

    pub(super) fn logarithmic(figures: impl Iterator<Item = f64>, unit: Unit) -> Self {
        let (least, most) = bounds(figures.filter(|figure| *figure > 0.0));
        let (low, high) = (least.max(TINY).log10(), most.max(TINY).log10());
        // At least half a decade, so that there is a tick.
        let room = ((high - low) * 0.05).max((0.5 - (high - low)) / 2.0);
        let (low, high) = (low - room, high + room);
        let (first, last) = (low.floor() as i32, high.ceil() as i32);
        // Few decades have ticks within, and of many only some have one.
        let within: &[f64] = match high - low {
            0.0..1.5 => &[1.0, 2.0, 3.0, 5.0, 7.0],
            1.5..3.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let every = ((high - low) / 6.0).ceil().max(1.0) as usize;
        let values = (first..=last).step_by(every);
        let values = values.flat_map(|decade| within.iter().map(move |part| part * 10f64.powi(decade)));
        Self::with(Scale::Logarithmic, low, high, values.map(|value| (value, unit.short(value))))
    }

    /// Numbers of sessions, each with its tick as long as there is room.
    pub(super) fn sessions(counts: &[usize]) -> Self {
        // A server without sessions stands half a decade before that with one.
        let (least, most) = bounds(counts.iter().map(|count| at_sessions(*count)));
        let room = ((most.log10() - least.log10()) * 0.04).max(0.05);
        let (low, high) = (least.log10() - room, most.log10() + room);
        let ticks = counts.iter().map(|count| (at_sessions(*count), grouped(*count as f64)));
        let mut axis = Self::with(Scale::Logarithmic, low, high, ticks);
        // From the right, since the last is always worth its tick.
        let mut free = f64::INFINITY;
        axis.ticks.reverse();
        axis.ticks.retain(|tick| {
            let half = 0.011 * (tick.label.len() as f64 + 1.0);
            let fits = tick.place + half <= free;
            free = if fits { tick.place - half } else { free };
            fits
        });
        axis
    }

    /// Up to the highest of these, and as far as the 99th.
    pub(super) fn percentiles(percentiles: impl Iterator<Item = f64> + Clone) -> Self {
        let below_all = percentiles.clone().filter(|percentile| *percentile < 100.0).map(nines);
        let (_, most) = bounds(below_all);
        // The highest of all has a place behind the last that has a number.
        let room = if percentiles.into_iter().any(|percentile| percentile >= 100.0) { 0.5 } else { 0.0 };
        let high = most.clamp(2.0, 8.0) + room;
        let mut axis =
            Self::with(Scale::Percentiles, 0.0, high, PERCENTILES.map(|tick| (tick, tick.to_string())).into_iter());
        if room > 0.0 {
            // In the place of one that is too close.
            axis.ticks.retain(|tick| tick.place <= 0.9);
            axis.ticks.push(Tick { place: 1.0, label: "max".into() });
        }
        axis
    }

    /// Figures that have an order only: the first is on top.
    pub(super) fn rows() -> Self {
        Self { scale: Scale::Linear, low: 0.0, high: 1.0, ticks: Vec::new() }
    }

    fn with(scale: Scale, low: f64, high: f64, ticks: impl Iterator<Item = (f64, String)>) -> Self {
        let mut axis = Self { scale, low, high, ticks: Vec::new() };
        for (value, label) in ticks {
            let place = axis.anywhere(value);
            if (-1e-9..=1.0 + 1e-9).contains(&place) {
                axis.ticks.push(Tick { place: place.clamp(0.0, 1.0), label });
            }
        }
        axis
    }

    /// Leaves room at the end for words, as a part of the axis.
    pub(super) fn shrink(mut self, part: f64) -> Self {
        self.high += (self.high - self.low) * part / (1.0 - part);
        for tick in &mut self.ticks {
            tick.place *= 1.0 - part;
        }
        self
    }

    pub(super) fn is_logarithmic(&self) -> bool {
        self.scale == Scale::Logarithmic
    }

    /// The place of a figure, at the nearest end if it is beyond.
    pub(super) fn place(&self, figure: f64) -> f64 {
        let place = self.anywhere(figure);
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) }
    }

    /// The same for a number of sessions.
    pub(super) fn place_of_sessions(&self, sessions: usize) -> f64 {
        self.place(at_sessions(sessions))
    }

    fn anywhere(&self, figure: f64) -> f64 {
        let figure = match self.scale {
            Scale::Linear => figure.clamp(-HUGE, HUGE),
            Scale::Logarithmic if figure > 0.0 => figure.log10(),
            Scale::Logarithmic => self.low,
            Scale::Percentiles => nines(figure),
        };
        (figure - self.low) / (self.high - self.low)
    }

    /// The label of the tick at a place.
    pub(super) fn label(&self, place: f64) -> String {
        let near = |tick: &&Tick| (tick.place - place).abs() < 1e-9;
        self.ticks.iter().find(near).map_or_else(String::new, |tick| tick.label.clone())
    }
}

/// The least and the most; 1 if there is nothing.
fn bounds(figures: impl Iterator<Item = f64>) -> (f64, f64) {
    let known = figures.filter(|figure| figure.is_finite()).map(|figure| figure.clamp(-HUGE, HUGE));
    let ends = known.fold(None, |ends: Option<(f64, f64)>, figure| {
        Some(ends.map_or((figure, figure), |(low, high)| (low.min(figure), high.max(figure))))
    });
    ends.unwrap_or((1.0, 1.0))
}

/// 1, 2 or 5 times a power of ten, not less than asked for.
fn step(least: f64) -> f64 {
    let decade = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].map(|part| part * decade).into_iter().find(|step| *step >= least).unwrap_or(least)
}

fn at_sessions(sessions: usize) -> f64 {
    (sessions as f64).max(0.3)
}

/// How many nines a percentile has: 1 for 90, 2 for 99.
fn nines(percentile: f64) -> f64 {
    -(1.0 - percentile.clamp(0.0, 100.0) / 100.0).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<String> {
        axis.ticks.iter().map(|tick| tick.label.replace('\u{a0}', " ")).collect()
    }

    #[test]
    fn a_linear_axis_begins_at_zero() {
        let axis = Axis::of([800.0, 1900.0].into_iter(), Unit::Nanoseconds);
        assert_eq!(labels(&axis), ["0 ns", "500 ns", "1 µs", "1.5 µs"]);
        assert_eq!(axis.place(0.0), 0.0);
        assert!((axis.place(1900.0) - 1.0 / 1.05).abs() < 1e-9);
    }

    #[test]
    fn figures_that_are_far_apart_have_a_logarithmic_axis() {
        let axis = Axis::of([1.0, 1000.0].into_iter(), Unit::Nanoseconds);
        assert!(axis.is_logarithmic());
        assert_eq!(labels(&axis), ["1 ns", "10 ns", "100 ns", "1 µs"]);
        let third = axis.place(100.0) - axis.place(10.0);
        assert!((third - (axis.place(10.0) - axis.place(1.0))).abs() < 1e-9);
        assert_eq!(axis.place(0.0), 0.0);
    }

    #[test]
    fn less_than_zero_is_shown() {
        let axis = Axis::of([-100.0, 4000.0].into_iter(), Unit::Bytes);
        assert!(!axis.is_logarithmic());
        assert!(axis.place(-100.0) > 0.0 && axis.place(0.0) > axis.place(-100.0));
    }

    #[test]
    fn percentiles_are_drawn_by_their_nines() {
        let axis = Axis::percentiles([50.0, 99.99, 100.0].into_iter());
        assert_eq!(labels(&axis), ["50", "90", "99", "99.9", "99.99", "max"]);
        let step = axis.place(99.0) - axis.place(90.0);
        assert!((axis.place(99.9) - axis.place(99.0) - step).abs() < 1e-9);
        assert_eq!(axis.place(100.0), 1.0);
        assert_eq!(axis.place(0.0), 0.0);
    }

    #[test]
    fn each_number_of_sessions_has_its_tick_where_there_is_room() {
        assert_eq!(labels(&Axis::sessions(&[1, 10, 100, 1000])), ["1,000", "100", "10", "1"]);
        let one = Axis::sessions(&[50]);
        assert_eq!((labels(&one), one.place_of_sessions(50)), (vec!["50".to_owned()], 0.5));
        let many: Vec<_> = (1..1000).collect();
        assert!(Axis::sessions(&many).ticks.len() < 40);
    }

    #[test]
    fn the_ends_of_what_numbers_can_be_have_places_and_few_ticks() {
        let ends = [0.0, -0.0, 1.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::MIN, f64::NAN, f64::INFINITY, -1e-310];
        for one in ends {
            for other in ends {
                let figures = [one, other].into_iter();
                for axis in [
                    Axis::of(figures.clone(), Unit::Messages),
                    Axis::linear(figures.clone(), Unit::Messages, 4.0),
                    Axis::logarithmic(figures.clone(), Unit::Microseconds),
                    Axis::percentiles(figures),
                ] {
                    assert!(axis.ticks.len() < 20, "{one:e} {other:e}: {}", axis.ticks.len());
                    for figure in ends {
                        assert!((0.0..=1.0).contains(&axis.place(figure)), "{one:e} {other:e} {figure:e}");
                    }
                }
            }
        }
    }
}
