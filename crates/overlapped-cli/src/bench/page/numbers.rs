//! Numbers as people read them.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Messages,
    Nanoseconds,
    Microseconds,
    Bytes,
    /// To the reference.
    Ratio,
}

/// For a figure that is not there.
pub(super) const NOTHING: &str = "–";

// With a space at which no line ends.
const TIMES: &[(f64, &str)] = &[(1e9, "\u{a0}s"), (1e6, "\u{a0}ms"), (1e3, "\u{a0}µs"), (1.0, "\u{a0}ns")];
const THOUSANDS: &[(f64, &str)] = &[(1e9, "\u{a0}G"), (1e6, "\u{a0}M"), (1e3, "\u{a0}k"), (1.0, "")];
const BYTES: &[(f64, &str)] = &[(1e9, "\u{a0}GB"), (1e6, "\u{a0}MB"), (1e3, "\u{a0}kB"), (1.0, "\u{a0}B")];

impl Unit {
    /// In a step of the unit that fits the figure, with three digits.
    pub(super) fn short(self, figure: f64) -> String {
        let (figure, steps) = match self {
            Self::Messages => (figure, THOUSANDS),
            Self::Nanoseconds => (figure, TIMES),
            Self::Microseconds => (figure * 1e3, TIMES),
            Self::Bytes => (figure, BYTES),
            Self::Ratio => (figure, &[(1.0, "×")][..]),
        };
        if !figure.is_finite() {
            return NOTHING.into();
        }
        let rounded = rounded(figure);
        let fits = steps.iter().find(|(step, _)| rounded.abs() >= *step);
        let (step, name) = fits.or(steps.last()).copied().unwrap_or((1.0, ""));
        format!("{}{name}", digits(rounded / step))
    }
}

/// For a table: whole from 100 on, with commas; else with three digits.
pub(super) fn exact(figure: f64) -> String {
    match figure {
        figure if !figure.is_finite() => NOTHING.into(),
        figure if figure.abs() >= 100.0 && figure.abs() < 1e15 => grouped(figure),
        figure => digits(rounded(figure)),
    }
}

/// A whole number with commas.
pub(super) fn grouped(figure: f64) -> String {
    let plain = format!("{figure:.0}");
    let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |plain| ("-", plain));
    let mut text = String::from(sign);
    for (place, digit) in plain.chars().enumerate() {
        if place > 0 && (plain.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// To three digits.
fn rounded(figure: f64) -> f64 {
    format!("{figure:.2e}").parse().unwrap_or(figure)
}

/// Without zeros at the end, and with an exponent where zeros would be many.
fn digits(figure: f64) -> String {
    match figure.abs() {
        0.0 => "0".into(),
        1e-3..1e6 => {
            // More than three digits are only an error of the division.
            let text = format!("{figure:.5}");
            text.trim_end_matches('0').trim_end_matches('.').into()
        }
        _ => format!("{figure:e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_figures_have_three_digits_and_a_fitting_unit() {
        for (unit, figure, text) in [
            (Unit::Messages, 0.0, "0"),
            (Unit::Messages, 12.0, "12"),
            (Unit::Messages, 1234.0, "1.23 k"),
            (Unit::Messages, 999_999.0, "1 M"),
            (Unit::Messages, 2e15, "2e6 G"),
            (Unit::Nanoseconds, 812.4, "812 ns"),
            (Unit::Nanoseconds, -1500.0, "-1.5 µs"),
            (Unit::Nanoseconds, 0.125, "0.125 ns"),
            (Unit::Nanoseconds, 1e-300, "1e-300 ns"),
            (Unit::Microseconds, 12.3, "12.3 µs"),
            (Unit::Microseconds, 0.05, "50 ns"),
            (Unit::Microseconds, f64::MAX, NOTHING),
            (Unit::Bytes, 1504.0, "1.5 kB"),
            (Unit::Ratio, 1.046, "1.05×"),
            (Unit::Ratio, f64::NAN, NOTHING),
        ] {
            assert_eq!(unit.short(figure).replace('\u{a0}', " "), text, "{unit:?} {figure:e}");
        }
    }

    #[test]
    fn exact_figures_are_grouped() {
        for (figure, text) in [
            (1_234_567.4, "1,234,567"),
            (-1234.0, "-1,234"),
            (100.0, "100"),
            (99.95, "100"),
            (12.34, "12.3"),
            (0.00123, "0.00123"),
            (1e-9, "1e-9"),
            (1e300, "1e300"),
            (f64::INFINITY, NOTHING),
        ] {
            assert_eq!(exact(figure), text);
        }
    }
}
