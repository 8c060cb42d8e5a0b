//! Every figure as a number.

use super::colours;
use super::figures::{Figures, cpu, latency, memory, ratio, throughput};
use super::latency::points;
use super::numbers::{NOTHING, exact, grouped};
use super::summary::words;
use crate::bench::report::{Outcome, Spread};
use maud::{Markup, html};

/// What the table shows of a distribution; the rest stands in a table of its own.
const PERCENTILES: [f64; 5] = [50.0, 90.0, 99.0, 99.9, 99.99];

/// A row for each server under each number of sessions.
pub(super) fn outcomes(figures: &Figures<'_>) -> Markup {
    let (one, many) = words(figures.report.settings.shape);
    let with_ratio = figures.report.results.iter().any(|outcome| outcome.cpu_ratio.is_some());
    html! {
        div.scrolls tabindex="0" role="region" aria-label="Figures" {
            table.sortable {
                thead {
                    tr {
                        th scope="col" { "Server" }
                        th scope="col" { "Model" }
                        (number_head("Sessions", ""))
                        (number_head("Throughput", &format!("{many}/s")))
                        (number_head(&format!("CPU per {one}"), "ns"))
                        @if with_ratio { (number_head("CPU to the reference", "×")) }
                        (number_head("Memory per session", "bytes"))
                        @for percentile in PERCENTILES {
                            (number_head(&format!("Latency {percentile} %"), "µs"))
                        }
                        (number_head("Times measured", ""))
                        (number_head("Errors", ""))
                    }
                }
                tbody {
                    @for outcome in &figures.report.results { (row(figures, outcome, with_ratio)) }
                }
            }
        }
    }
}

fn row(figures: &Figures<'_>, outcome: &Outcome, with_ratio: bool) -> Markup {
    let server = figures.number(outcome);
    let failed =
        figures.report.failures.iter().any(|one| (&one.server, one.sessions) == (&outcome.server, outcome.sessions));
    html! {
        tr.bad[outcome.errors > 0] data-server=(server) {
            th.failed[failed] scope="row" { (colours::swatch(server)) " " (outcome.server) @if failed { " (failed)" } }
            td { (outcome.model.as_deref().unwrap_or(NOTHING)) }
            (count(outcome.sessions as f64))
            (spread(throughput(outcome)))
            (spread(cpu(outcome)))
            @if with_ratio { (spread(ratio(outcome))) }
            (figure(memory(outcome).map(|memory| memory.median)))
            @for percentile in PERCENTILES { (figure(latency(outcome, percentile))) }
            (count(outcome.latency.messages as f64))
            (count(outcome.errors as f64))
        }
    }
}

/// A row for each point of each distribution.
pub(super) fn latencies(figures: &Figures<'_>) -> Markup {
    html! {
        div.scrolls tabindex="0" role="region" aria-label="Latency by percentile" {
            table.sortable {
                thead {
                    tr {
                        th scope="col" { "Server" }
                        (number_head("Sessions", ""))
                        (number_head("Percentile", "%"))
                        (number_head("Latency", "µs"))
                    }
                }
                tbody {
                    @for outcome in &figures.report.results {
                        @for (percentile, latency) in points(outcome) {
                            tr data-server=(figures.number(outcome)) {
                                th scope="row" { (outcome.server) }
                                (count(outcome.sessions as f64))
                                td.number data-value=(percentile) { (percentile) }
                                (figure(Some(latency)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn number_head(name: &str, unit: &str) -> Markup {
    html! { th.number scope="col" { (name) @if !unit.is_empty() { " " small { (unit) } } } }
}

/// A cell that sorts by its figure, however it is written.
fn figure(figure: Option<f64>) -> Markup {
    match figure {
        Some(figure) if figure.is_finite() => {
            html! { td.number data-value=(format!("{figure:e}")) { (exact(figure)) } }
        }
        _ => html! { td.number data-value="" { (NOTHING) } },
    }
}

fn count(count: f64) -> Markup {
    html! { td.number data-value=(count) { (grouped(count)) } }
}

fn spread(spread: Option<Spread>) -> Markup {
    let Some(Spread { low, median, high }) = spread else { return figure(None) };
    html! {
        td.number data-value=(format!("{median:e}")) {
            (exact(median)) " "
            small { (exact(low)) " – " (exact(high)) }
        }
    }
}
