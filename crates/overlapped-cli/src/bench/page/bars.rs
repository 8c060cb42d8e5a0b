//! Servers side by side under one number of sessions: a bar for each, with a whisker for its rounds.

use super::axis::Axis;
use super::figures::{Figures, Measure, ratio};
use super::growth::told;
use super::numbers::Unit;
use super::plot::{Failure, LETTER, Pen, Plot, WIDTH};
use crate::bench::report::{Outcome, Spread};
use maud::{Markup, html};

/// Of a name beside its bar.
const LETTERS: usize = 16;
/// Of the width of a plot, for the figure behind each bar.
const BEHIND: f64 = 0.3;

pub(super) fn draw(figures: &Figures<'_>, sessions: usize, title: &str, unit: Unit, measure: Measure) -> Markup {
    let rows: Vec<_> =
        figures.at(sessions).filter_map(|(server, outcome)| Some((server, outcome, measure(outcome)?))).collect();
    if rows.is_empty() {
        return html! {};
    }
    let all = rows.iter().flat_map(|(_, _, spread)| [spread.low, spread.median, spread.high]);
    let x = Axis::linear(all, unit, 3.0).shrink(BEHIND);
    let longest = rows.iter().map(|(server, ..)| short(figures.servers[*server]).chars().count()).max().unwrap_or(0);
    let left = u32::try_from(longest).unwrap_or(0) * LETTER * 3 / 5 + LETTER;
    let height = u32::try_from(rows.len()).unwrap_or(u32::MAX).saturating_mul(LETTER * 2).saturating_add(LETTER * 3);
    html! {
        figure {
            figcaption { (title) }
            (Plot {
                x: &x,
                y: &Axis::rows(),
                x_name: "",
                height,
                left: left.min(WIDTH / 2),
                label: &format!("{title} of each server; the figures are in the table"),
            }
            .draw(|pen| bars(pen, figures, &rows, &x, unit)))
        }
    }
}

fn bars(
    pen: &mut Pen<'_, '_>,
    figures: &Figures<'_>,
    rows: &[(usize, &Outcome, Spread)],
    x: &Axis,
    unit: Unit,
) -> Result<(), Failure> {
    let row = 1.0 / rows.len() as f64;
    for (place, (server, outcome, spread)) in rows.iter().enumerate() {
        let name = figures.servers[*server];
        let title = told(name, outcome.sessions, spread, unit);
        let middle = 1.0 - (place as f64 + 0.5) * row;
        let (foot, low, end, high) = (x.place(0.0), x.place(spread.low), x.place(spread.median), x.place(spread.high));
        pen.words(*server, &short(name), name, (0.0, middle), -14)?;
        pen.bar(*server, &title, (foot, middle + row * 0.32), (end, middle - row * 0.32))?;
        if low < high {
            pen.whisker(*server, (low, middle), (high, middle))?;
        }
        let mut figure = unit.short(spread.median);
        if let (Unit::Nanoseconds, Some(ratio)) = (unit, ratio(outcome)) {
            figure = format!("{figure}, {}", Unit::Ratio.short(ratio.median));
        }
        pen.words(*server, &figure, &title, (high.max(end).max(foot), middle), 14)?;
    }
    Ok(())
}

/// A name of bounded length.
fn short(name: &str) -> String {
    if name.chars().count() <= LETTERS {
        return name.into();
    }
    name.chars().take(LETTERS - 1).chain(['…']).collect()
}
