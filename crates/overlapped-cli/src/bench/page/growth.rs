//! What a figure becomes as sessions grow: a line for each server, with the spread over the rounds around it.

use super::axis::Axis;
use super::figures::{Figures, Measure};
use super::numbers::{NOTHING, Unit, grouped};
use super::plot::{Failure, HEIGHT, LETTER, Pen, Plot, Point};
use crate::bench::report::Spread;
use maud::{Markup, html};

/// A server, and its figures by sessions.
type Line = (usize, Vec<(usize, Spread)>);

/// A figure that is drawn over the number of sessions.
pub(super) struct Growth<'a> {
    pub(super) title: &'a str,
    pub(super) unit: Unit,
    pub(super) measure: Measure,
    /// What is said where nothing was measured.
    pub(super) missing: &'a str,
}

impl Growth<'_> {
    pub(super) fn draw(&self, figures: &Figures<'_>) -> Markup {
        let servers = figures.growth(self.measure);
        let scale = if self.upright(&servers).is_logarithmic() { ", logarithmic" } else { "" };
        html! {
            figure {
                figcaption { (self.title) @if !servers.is_empty() { small { (scale) } } }
                @if servers.is_empty() {
                    p.missing { (self.missing) }
                } @else {
                    (self.plot(figures))
                }
            }
        }
    }

    /// The plot alone.
    pub(super) fn plot(&self, figures: &Figures<'_>) -> Markup {
        let servers = figures.growth(self.measure);
        let (x, y) = (Axis::sessions(&figures.sessions), self.upright(&servers));
        let plot = Plot {
            x: &x,
            y: &y,
            x_name: "sessions",
            height: HEIGHT,
            left: LETTER * 5,
            label: &format!("{} over the number of sessions; the figures are in the table", self.title),
        };
        plot.draw(|pen| self.servers(pen, figures, &servers, &x, &y))
    }

    fn upright(&self, servers: &[Line]) -> Axis {
        let spreads = servers.iter().flat_map(|(_, points)| points.iter().map(|(_, spread)| spread));
        Axis::of(spreads.flat_map(|spread| [spread.low, spread.median, spread.high]), self.unit)
    }

    fn servers(
        &self,
        pen: &mut Pen<'_, '_>,
        figures: &Figures<'_>,
        servers: &[Line],
        x: &Axis,
        y: &Axis,
    ) -> Result<(), Failure> {
        for (server, points) in servers {
            let along = |figure: fn(&Spread) -> f64| {
                points.iter().map(move |(sessions, spread)| (x.place_of_sessions(*sessions), y.place(figure(spread))))
            };
            let (low, high): (Vec<Point>, Vec<Point>) =
                (along(|spread| spread.low).collect(), along(|spread| spread.high).collect());
            let different = low.iter().zip(&high).any(|(low, high)| low != high);
            match (low.as_slice(), high.as_slice()) {
                ([low], [high]) if different => pen.whisker(*server, *low, *high)?,
                _ if different => pen.band(*server, low.into_iter().chain(high.into_iter().rev()).collect())?,
                _ => {}
            }
        }
        // Above all bands, so that none covers a line.
        for (server, points) in servers {
            let name = figures.servers[*server];
            let medians =
                points.iter().map(|(sessions, spread)| (x.place_of_sessions(*sessions), y.place(spread.median)));
            pen.line(*server, name, medians.clone().collect())?;
            for ((sessions, spread), at) in points.iter().zip(medians) {
                pen.mark(*server, &told(name, *sessions, spread, self.unit), at)?;
            }
        }
        Ok(())
    }
}

/// A point in words.
pub(super) fn told(server: &str, sessions: usize, spread: &Spread, unit: Unit) -> String {
    let Spread { low, median, high } = spread;
    let range = if low == high { String::new() } else { format!(" ({} to {})", unit.short(*low), unit.short(*high)) };
    let plural = if sessions == 1 { "" } else { "s" };
    let sessions = grouped(sessions as f64);
    let figure = if median.is_finite() { unit.short(*median) } else { NOTHING.into() };
    format!("{server}, {sessions} session{plural}: {figure}{range}")
}
