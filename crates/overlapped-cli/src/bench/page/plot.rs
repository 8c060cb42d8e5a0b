//! What all plots have in common: the frame with its axes, and the marks in it.

use super::axis::Axis;
use super::canvas::{Canvas, Ink, Sheet};
use super::colours;
use maud::{Markup, html};
use plotters::chart::ChartContext;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::DrawingAreaErrorKind;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::convert::Infallible;
use std::ops::Range;

/// Units across a plot; a phone shows some three of them as one pixel.
pub(super) const WIDTH: u32 = 1040;
/// Down a plot of lines.
pub(super) const HEIGHT: u32 = 620;
/// Of letters, as in the style for phones.
pub(super) const LETTER: u32 = 32;

/// How what is drawn looks.
pub(super) const STYLE: &str = include_str!("plot.css");

pub(super) type Failure = DrawingAreaErrorKind<Infallible>;
type Chart<'a> = ChartContext<'a, Canvas<'a>, Cartesian2d<Direction<'a>, Direction<'a>>>;

/// A plot to be drawn.
pub(super) struct Plot<'a> {
    pub(super) x: &'a Axis,
    pub(super) y: &'a Axis,
    /// What the horizontal axis shows, if its ticks do not say it.
    pub(super) x_name: &'a str,
    pub(super) height: u32,
    /// Units left of the vertical axis, for its labels.
    pub(super) left: u32,
    /// What it shows, for people who have it read out.
    pub(super) label: &'a str,
}

impl Plot<'_> {
    /// The frame, and what is drawn in it.
    pub(super) fn draw(&self, inside: impl FnOnce(&mut Pen<'_, '_>) -> Result<(), Failure>) -> Markup {
        let sheet = Sheet::new((WIDTH, self.height));
        match self.draw_on(&sheet, inside) {
            Ok(()) => sheet.finish(self.label),
            Err(failure) => html! { p.missing { "This plot could not be drawn: " (failure) } },
        }
    }

    fn draw_on(
        &self,
        sheet: &Sheet,
        inside: impl FnOnce(&mut Pen<'_, '_>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let [axis, grid, text] = ["axis", "grid", "label"].map(|class| sheet.ink(Ink { class, ..Ink::default() }));
        let root = sheet.canvas().into_drawing_area();
        let mut chart = ChartBuilder::on(&root)
            .margin_top(LETTER / 2)
            .margin_right(LETTER)
            .x_label_area_size(if self.x_name.is_empty() { LETTER * 3 / 2 } else { LETTER * 5 / 2 })
            .y_label_area_size(self.left)
            .build_cartesian_2d(Direction(self.x), Direction(self.y))?;
        let letters = ("sans-serif", LETTER).into_font().color(&text);
        chart
            .configure_mesh()
            .axis_style(axis)
            .bold_line_style(grid)
            .max_light_lines(0)
            .label_style(letters.clone())
            .axis_desc_style(letters)
            .x_desc(self.x_name)
            .draw()?;
        inside(&mut Pen { sheet, chart: &mut chart, root: &root })
    }
}

/// An axis as `plotters` sees it: places from 0 to 1, and those of the ticks.
struct Direction<'a>(&'a Axis);

impl Ranged for Direction<'_> {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (from, to): (i32, i32)) -> i32 {
        from + (f64::from(to - from) * place).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.0.ticks.iter().map(|tick| tick.place).collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..1.0
    }
}

impl ValueFormatter<f64> for Direction<'_> {
    fn format_ext(&self, place: &f64) -> String {
        self.0.label(*place)
    }
}

/// Draws what belongs to servers. Points are places on the axes.
pub(super) struct Pen<'a, 'b> {
    sheet: &'a Sheet,
    chart: &'a mut Chart<'b>,
    root: &'a DrawingArea<Canvas<'b>, plotters::coord::Shift>,
}

pub(super) type Point = (f64, f64);

impl Pen<'_, '_> {
    fn ink(&self, server: usize, class: &'static str, title: &str) -> RGBColor {
        self.sheet.ink(Ink { class, server: Some(server), title: title.into() })
    }

    pub(super) fn line(&mut self, server: usize, title: &str, points: Vec<Point>) -> Result<(), Failure> {
        let ink = self.ink(server, "line", title);
        self.chart.draw_series([PathElement::new(points, ink)])?;
        Ok(())
    }

    /// The area between two lines.
    pub(super) fn band(&mut self, server: usize, corners: Vec<Point>) -> Result<(), Failure> {
        let ink = self.ink(server, "band", "");
        self.chart.draw_series([Polygon::new(corners, ink)])?;
        Ok(())
    }

    /// The server's mark, which tells the title.
    pub(super) fn mark(&mut self, server: usize, title: &str, at: Point) -> Result<(), Failure> {
        let ink = self.ink(server, "mark", title);
        let corners = colours::corners(server).to_vec();
        self.chart.draw_series([EmptyElement::at(at) + Polygon::new(corners, ink)])?;
        Ok(())
    }

    /// A line with a small bar at each end, for a spread; it is level or upright.
    pub(super) fn whisker(&mut self, server: usize, from: Point, to: Point) -> Result<(), Failure> {
        let (dx, dy) = if from.0 == to.0 { (8, 0) } else { (0, 8) };
        // Upon a halo, since the colour below may be as dark, or as light.
        for class in ["halo", "whisker"] {
            let ink = self.ink(server, class, "");
            self.chart.draw_series([PathElement::new(vec![from, to], ink)])?;
            let ends = [from, to].map(|end| EmptyElement::at(end) + PathElement::new(vec![(-dx, -dy), (dx, dy)], ink));
            self.chart.draw_series(ends)?;
        }
        Ok(())
    }

    pub(super) fn bar(&mut self, server: usize, title: &str, one: Point, other: Point) -> Result<(), Failure> {
        let ink = self.ink(server, "bar", title);
        self.chart.draw_series([Rectangle::new([one, other], ink.filled())])?;
        Ok(())
    }

    /// Words that begin some units right of a point, or end left of it.
    pub(super) fn words(
        &mut self,
        server: usize,
        words: &str,
        title: &str,
        at: Point,
        units: i32,
    ) -> Result<(), Failure> {
        let ink = self.ink(server, "label", title);
        let (x, y) = self.chart.backend_coord(&at);
        let side = if units < 0 { HPos::Right } else { HPos::Left };
        let style = ("sans-serif", LETTER).into_font().color(&ink).pos(Pos::new(side, VPos::Center));
        self.root.draw(&Text::new(words.to_owned(), (x + units, y), style))
    }
}
