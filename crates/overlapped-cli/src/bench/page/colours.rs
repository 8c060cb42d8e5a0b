//! Colours and marks of the servers: told apart by people who see fewer colours, and once more by their shapes.

use maud::{Markup, html};
use std::fmt::Write;

/// On a light page. As far from each other as eight colours can be for every kind of sight, which a test holds.
const LIGHT: [&str; 8] = ["#0072b2", "#d55e00", "#781108", "#880ff6", "#838252", "#c17da3", "#162b9b", "#502f45"];
/// On a dark page.
const DARK: [&str; 8] = ["#56b4e9", "#e6801a", "#2cfad1", "#e3eb5d", "#f0219d", "#d99882", "#3a63f2", "#f01d43"];
/// Of the page, as in the style of its plots.
#[cfg(test)]
const PAGES: [&str; 2] = ["#ffffff", "#15181d"];

/// Corners of a mark around its middle, in units of a plot.
type Corners = &'static [(i32, i32)];

/// There are seven, so that colour and mark come together again after 56 servers only.
const MARKS: [Corners; 7] = [
    &[(-3, -8), (3, -8), (8, -3), (8, 3), (3, 8), (-3, 8), (-8, 3), (-8, -3)],
    &[(-7, -7), (7, -7), (7, 7), (-7, 7)],
    &[(0, -10), (9, 7), (-9, 7)],
    &[(0, -10), (10, 0), (0, 10), (-10, 0)],
    &[(0, 10), (9, -7), (-9, -7)],
    &[(-3, -9), (3, -9), (3, -3), (9, -3), (9, 3), (3, 3), (3, 9), (-3, 9), (-3, 3), (-9, 3), (-9, -3), (-3, -3)],
    &[(-9, -5), (9, -5), (9, 5), (-9, 5)],
];

/// The mark of a server.
pub(super) fn corners(server: usize) -> Corners {
    MARKS[server % MARKS.len()]
}

/// The classes that give what belongs to a server its colour and, where colours come a second time, broken lines.
pub(super) fn class(server: usize) -> String {
    let again = if (server / LIGHT.len()) % 2 == 1 { " again" } else { "" };
    format!("c{}{again}", server % LIGHT.len())
}

/// The mark as SVG has it.
pub(super) fn outline(server: usize) -> String {
    let points: Vec<_> = corners(server).iter().map(|(x, y)| format!("{x},{y}")).collect();
    points.join(" ")
}

/// A server's line and mark, for beside its name.
pub(super) fn swatch(server: usize) -> Markup {
    html! {
        svg class={ "swatch " (class(server)) } viewBox="-24 -12 48 24" aria-hidden="true" {
            path class="line" d="M-24 0H24" {}
            polygon class="mark" points=(outline(server)) {}
        }
    }
}

/// The style that defines the colours.
pub(super) fn style() -> String {
    let mut style = String::new();
    for (place, colour) in LIGHT.iter().enumerate() {
        let _ = writeln!(style, ".c{place} {{ --colour: {colour}; }}");
    }
    style.push_str("@media (prefers-color-scheme: dark) {\n");
    for (place, colour) in DARK.iter().enumerate() {
        let _ = writeln!(style, "  .c{place} {{ --colour: {colour}; }}");
    }
    style.push_str("}\n");
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How people see who have all, or lack the first, the second or the third kind of cones (Machado, Oliveira and
    /// Fernandes 2009), on linear colours.
    const SIGHTS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
    ];

    fn linear(colour: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| {
            let part = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("two digits")) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn dot(row: [f64; 3], colour: [f64; 3]) -> f64 {
        row.iter().zip(colour).map(|(weight, part)| weight * part).sum()
    }

    fn luminance(colour: [f64; 3]) -> f64 {
        dot([0.2126, 0.7152, 0.0722], colour)
    }

    /// In CIE L*a*b*, where a distance of 2 is just seen.
    fn lab(colour: [f64; 3]) -> [f64; 3] {
        let root = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let x = root(dot([0.4124, 0.3576, 0.1805], colour) / 0.9505);
        let y = root(luminance(colour));
        let z = root(dot([0.0193, 0.1192, 0.9505], colour) / 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn colours_are_far_apart_for_every_sight() {
        for (place, first) in LIGHT.iter().zip(DARK).enumerate() {
            for second in LIGHT.iter().zip(DARK).skip(place + 1) {
                for (first, second) in [(*first.0, *second.0), (first.1, second.1)] {
                    for sight in SIGHTS {
                        let [first_seen, second_seen] =
                            [first, second].map(|c| lab(sight.map(|row| dot(row, linear(c)).clamp(0.0, 1.0))));
                        let squares = first_seen.iter().zip(second_seen).map(|(one, other)| (one - other).powi(2));
                        let distance = squares.sum::<f64>().sqrt();
                        assert!(distance > 20.0, "{first} and {second}: {distance}");
                    }
                }
            }
        }
    }

    #[test]
    fn colours_stand_out_from_the_page() {
        for (page, colours) in PAGES.iter().zip([LIGHT, DARK]) {
            for colour in colours {
                let [page, ink] = [*page, colour].map(|colour| luminance(linear(colour)) + 0.05);
                assert!(page.max(ink) / page.min(ink) >= 3.0, "{colour}");
            }
        }
    }

    #[test]
    fn the_page_has_the_colours_that_the_test_means() {
        let style = super::super::plot::STYLE;
        for page in PAGES {
            assert!(style.contains(&format!("--page: {page};")), "{page}");
        }
    }
}
