//! One plot as a file of its own, for a text that shows it: title and names are in it, and so is its style.

use super::figures::{self, Figures, Measure};
use super::growth::Growth;
use super::numbers::Unit;
use super::plot::{HEIGHT, LETTER, STYLE, WIDTH};
use super::{colours, cpu_title, throughput_title};
use maud::{Markup, PreEscaped, html};

/// Names in a row below the plot.
const NAMES: usize = 3;

/// Processor time over the number of sessions or, where none was measured, throughput.
pub(super) fn draw(figures: &Figures<'_>) -> Markup {
    let (title, unit, measure): (_, _, Measure) = match figures.growth(figures::cpu).is_empty() {
        false => (cpu_title(figures), Unit::Nanoseconds, figures::cpu),
        true => (throughput_title(figures), Unit::Messages, figures::throughput),
    };
    let plot = Growth { title: &title, unit, measure, missing: "" }.plot(figures);
    let head = LETTER * 2;
    let drawn: Vec<_> = figures.growth(measure).into_iter().map(|(server, _)| server).collect();
    let rows = drawn.len().div_ceil(NAMES) as u32;
    let height = head + HEIGHT + LETTER / 2 + rows * LETTER * 3 / 2;
    html! {
        svg.plot xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label=(title) {
            style { (PreEscaped(STYLE)) (PreEscaped(colours::style())) }
            rect width="100%" height="100%" style="fill: var(--page)" {}
            text x=(LETTER) y=(LETTER * 5 / 4) style="font-weight: 600" { (title) }
            svg y=(head) width=(WIDTH) height=(HEIGHT) { (plot) }
            @for (place, server) in drawn.into_iter().enumerate() {
                @let (column, row) = ((place % NAMES) as u32, (place / NAMES) as u32);
                @let (x, y) = (LETTER * 2 + column * (WIDTH - LETTER * 2) / NAMES as u32, head + HEIGHT + LETTER + row * LETTER * 3 / 2);
                g transform={ "translate(" (x) " " (y) ")" } class=(colours::class(server)) {
                    path class="line" d="M-24 0H24" {}
                    polygon class="mark" points=(colours::outline(server)) {}
                    text x="36" y="9" { (figures.servers[server]) }
                }
            }
        }
    }
}
