//! The page of a report: one file with everything in it, which needs neither a network nor, to be read, a script.

mod axis;
mod bars;
mod canvas;
mod colours;
mod figures;
mod growth;
mod latency;
mod numbers;
mod picture;
mod plot;
mod summary;
mod table;
#[cfg(test)]
mod tests;

use super::report::Report;
use figures::Figures;
use growth::Growth;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use numbers::Unit;

/// Nothing is loaded from anywhere, and nothing sent.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// The whole page.
pub(crate) fn render(report: &Report) -> String {
    let figures = Figures::of(report);
    let heading = summary::heading(&figures);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (heading) " – overlapped bench" }
                style { (PreEscaped(plot::STYLE)) (PreEscaped(include_str!("page/style.css"))) (PreEscaped(colours::style())) }
            }
            body {
                (header(&figures, &heading))
                @if !figures.servers.is_empty() { (legend(&figures)) }
                main {
                    @if !figures.servers.is_empty() {
                        (over_sessions(&figures))
                        (side_by_side(&figures))
                        (tables(&figures))
                    }
                }
                script { (PreEscaped(include_str!("page/script.js"))) }
            }
        }
    };
    page.into_string()
}

/// One plot of it, which is a file of its own.
pub(crate) fn picture(report: &Report) -> String {
    picture::draw(&Figures::of(report)).into_string()
}

fn header(figures: &Figures<'_>, heading: &str) -> Markup {
    html! {
        header {
            h1 { (heading) }
            @let failures = summary::failures(figures);
            @if !failures.is_empty() {
                ul.failures { @for failure in failures { li { (failure) } } }
            }
            @for sentence in summary::sentences(figures) { p.summary { (sentence) } }
            dl {
                @for (name, fact) in summary::facts(figures) {
                    div { dt { (name) } dd { (fact) } }
                }
            }
            @if !figures.report.notes.is_empty() {
                ul.notes { @for note in &figures.report.notes { li { (note) } } }
            }
        }
    }
}

/// The script makes buttons of the names.
fn legend(figures: &Figures<'_>) -> Markup {
    html! {
        nav.legend aria-label="Servers" {
            ul {
                @for (server, name) in figures.servers.iter().enumerate() {
                    li data-shows=(server) { (colours::swatch(server)) " " (name) }
                }
            }
        }
    }
}

fn cpu_title(figures: &Figures<'_>) -> String {
    format!("CPU time of the server per {}", summary::words(figures.report.settings.shape).0)
}

fn throughput_title(figures: &Figures<'_>) -> String {
    let mut title = format!("{} per second", summary::words(figures.report.settings.shape).1);
    title[..1].make_ascii_uppercase();
    title
}

fn over_sessions(figures: &Figures<'_>) -> Markup {
    let reference = figures.report.settings.reference.as_deref();
    let to_reference = format!("{}, to that of {}", cpu_title(figures), reference.unwrap_or("the reference"));
    let throughput = Growth {
        title: &throughput_title(figures),
        unit: Unit::Messages,
        measure: figures::throughput,
        missing: "Nothing was counted.",
    };
    let cpu = Growth {
        title: &cpu_title(figures),
        unit: Unit::Nanoseconds,
        measure: figures::cpu,
        missing: "CPU time of the servers was not measured.",
    };
    let ratio = Growth { title: &to_reference, unit: Unit::Ratio, measure: figures::ratio, missing: "" };
    let memory = Growth {
        title: "Memory per session",
        unit: Unit::Bytes,
        measure: figures::memory,
        missing: "Memory of the servers was not measured.",
    };
    html! {
        section {
            h2 { "Over sessions" }
            p.how { "Lines are medians over the rounds, the areas around them reach from the lowest to the highest." }
            div.plots {
                (throughput.draw(figures))
                (cpu.draw(figures))
                @if !figures.growth(figures::ratio).is_empty() { (ratio.draw(figures)) }
                (memory.draw(figures))
            }
        }
    }
}

/// Each number of sessions has its part; the script shows one of them at a time.
fn side_by_side(figures: &Figures<'_>) -> Markup {
    html! {
        section #side-by-side {
            h2 { "Side by side" }
            p.how { "Bars are medians over the rounds, whiskers reach from the lowest to the highest." }
            @for sessions in &figures.sessions {
                div.sessions data-sessions=(sessions) {
                    h3 { (summary::plural(*sessions, "session")) }
                    div.plots {
                        (bars::draw(figures, *sessions, &cpu_title(figures), Unit::Nanoseconds, figures::cpu))
                        (bars::draw(figures, *sessions, &throughput_title(figures), Unit::Messages, figures::throughput))
                        (latency::draw(figures, *sessions))
                    }
                }
            }
        }
    }
}

fn tables(figures: &Figures<'_>) -> Markup {
    html! {
        section {
            h2 { "All figures" }
            p.how { "Medians over the rounds, with the lowest and the highest." }
            (table::outcomes(figures))
            @if figures.report.results.iter().any(|outcome| latency::points(outcome).next().is_some()) {
                details {
                    summary { "Latency by percentile" }
                    (table::latencies(figures))
                }
            }
        }
    }
}
