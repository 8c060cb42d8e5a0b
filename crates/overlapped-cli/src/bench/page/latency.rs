//! Latency by percentile under one number of sessions, each further nine as wide as the one before.

use super::axis::{Axis, PERCENTILES};
use super::figures::Figures;
use super::numbers::Unit;
use super::plot::{Failure, HEIGHT, LETTER, Pen, Plot, Point};
use crate::bench::report::Outcome;
use maud::{Markup, html};

pub(super) fn draw(figures: &Figures<'_>, sessions: usize) -> Markup {
    let curves: Vec<_> = figures.at(sessions).filter(|(_, outcome)| points(outcome).next().is_some()).collect();
    let all = curves.iter().flat_map(|(_, outcome)| points(outcome));
    let x = Axis::percentiles(all.clone().map(|(percentile, _)| percentile));
    let y = Axis::logarithmic(all.map(|(_, latency)| latency), Unit::Microseconds);
    let corrected = curves.iter().any(|(_, outcome)| outcome.latency.corrected);
    html! {
        figure {
            figcaption {
                "Latency by percentile"
                @if !curves.is_empty() { small { ", logarithmic" } }
                @if corrected { small { ", corrected for coordinated omission" } }
            }
            @if curves.is_empty() {
                p.missing { "No latency was measured." }
            } @else {
                (Plot {
                    x: &x,
                    y: &y,
                    x_name: "percentile",
                    height: HEIGHT,
                    left: LETTER * 5,
                    label: "Latency of each server by percentile; the figures are in the table",
                }
                .draw(|pen| draw_curves(pen, figures, &curves, &x, &y)))
            }
        }
    }
}

fn draw_curves(
    pen: &mut Pen<'_, '_>,
    figures: &Figures<'_>,
    curves: &[(usize, &Outcome)],
    x: &Axis,
    y: &Axis,
) -> Result<(), Failure> {
    for (server, outcome) in curves {
        let name = figures.servers[*server];
        let mut figures: Vec<Point> = points(outcome).collect();
        figures.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let places = figures.iter().map(|(percentile, latency)| (x.place(*percentile), y.place(*latency)));
        pen.line(*server, name, places.clone().collect())?;
        let named = |percentile: f64| percentile == 100.0 || PERCENTILES.contains(&percentile);
        for ((percentile, latency), at) in figures.iter().zip(places).filter(|((at, _), _)| named(*at)) {
            let latency = Unit::Microseconds.short(*latency);
            pen.mark(*server, &format!("{name}: {percentile}\u{a0}% within {latency}"), at)?;
        }
    }
    Ok(())
}

/// Those that are numbers.
pub(super) fn points(outcome: &Outcome) -> impl Iterator<Item = Point> + Clone + '_ {
    outcome.latency.points.iter().copied().filter(|(percentile, latency)| percentile.is_finite() && latency.is_finite())
}
