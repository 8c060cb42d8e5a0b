//! Where `plotters` draws: SVG whose colours and fonts are the page's style's, and in which the parts of a server are
//! groups that the page can hide.
//!
//! `plotters` hands down nothing but colours. So a colour is the number of an ink here, and the ink says what is drawn.

use super::colours;
use maud::{Markup, PreEscaped, Render, html};
use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind, FontTransform};
use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write;

/// What is drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Ink {
    /// Of the style.
    pub(super) class: &'static str,
    /// Whose it is.
    pub(super) server: Option<usize>,
    /// What the browser tells when the pointer rests there.
    pub(super) title: String,
}

/// A drawing that grows.
pub(super) struct Sheet {
    size: (u32, u32),
    drawn: RefCell<Drawn>,
}

#[derive(Default)]
struct Drawn {
    inks: Vec<Ink>,
    /// Elements of SVG.
    elements: String,
    /// The server whose group is open.
    open: Option<usize>,
}

impl Sheet {
    pub(super) fn new(size: (u32, u32)) -> Self {
        Self { size, drawn: RefCell::default() }
    }

    /// The colour by which `plotters` names the ink.
    pub(super) fn ink(&self, ink: Ink) -> RGBColor {
        let inks = &mut self.drawn.borrow_mut().inks;
        inks.push(ink);
        let [_, red, green, blue] = u32::try_from(inks.len() - 1).unwrap_or(u32::MAX).to_be_bytes();
        RGBColor(red, green, blue)
    }

    pub(super) fn canvas(&self) -> Canvas<'_> {
        Canvas(self)
    }

    /// The whole, for people who see it and for those who have it read out.
    pub(super) fn finish(self, label: &str) -> Markup {
        let (width, height) = self.size;
        let mut drawn = self.drawn.into_inner();
        drawn.close();
        html! {
            svg.plot viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(label) {
                (PreEscaped(drawn.elements))
            }
        }
    }
}

impl Drawn {
    fn close(&mut self) {
        if self.open.take().is_some() {
            self.elements.push_str("</g>");
        }
    }

    /// Writes an element, with its ink's class and title, in the group of its server.
    fn element(&mut self, colour: BackendColor, name: &str, attributes: &str, text: &str) {
        let (red, green, blue) = colour.rgb;
        let number = u32::from_be_bytes([0, red, green, blue]);
        let ink = usize::try_from(number).ok().and_then(|number| self.inks.get(number)).cloned().unwrap_or_default();
        if self.open != ink.server {
            self.close();
            if let Some(server) = ink.server {
                let class = colours::class(server);
                let _ = write!(self.elements, r#"<g class="{class}" data-server="{server}">"#);
                self.open = Some(server);
            }
        }
        let _ = write!(self.elements, r#"<{name} class="{}" {attributes}>"#, ink.class);
        if !ink.title.is_empty() {
            self.elements.push_str("<title>");
            ink.title.render_to(&mut self.elements);
            self.elements.push_str("</title>");
        }
        text.render_to(&mut self.elements);
        let _ = write!(self.elements, "</{name}>");
    }
}

/// The handle that `plotters` owns.
pub(super) struct Canvas<'a>(&'a Sheet);

impl Canvas<'_> {
    fn element(&self, colour: BackendColor, name: &str, attributes: &str, text: &str) -> Done {
        self.0.drawn.borrow_mut().element(colour, name, attributes, text);
        Ok(())
    }
}

type Done = Result<(), DrawingErrorKind<Infallible>>;

fn points(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut text = String::from("points=\"");
    for (x, y) in points {
        let _ = write!(text, "{x},{y} ");
    }
    text.truncate(text.trim_end().len());
    text.push('"');
    text
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.0.size
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Done {
        self.element(colour, "rect", &format!(r#"x="{x}" y="{y}" width="1" height="1""#), "")
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.element(style.color(), "polyline", &points([from, to]), "")
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Done {
        self.element(style.color(), "polyline", &points(path), "")
    }

    fn draw_rect<S: BackendStyle>(&mut self, one: BackendCoord, other: BackendCoord, style: &S, _fill: bool) -> Done {
        let (x, y) = (one.0.min(other.0), one.1.min(other.1));
        let (width, height) = (one.0.abs_diff(other.0), one.1.abs_diff(other.1));
        self.element(style.color(), "rect", &format!(r#"x="{x}" y="{y}" width="{width}" height="{height}""#), "")
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, _fill: bool) -> Done {
        self.element(style.color(), "circle", &format!(r#"cx="{x}" cy="{y}" r="{radius}""#), "")
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, corners: I, style: &S) -> Done {
        self.element(style.color(), "polygon", &points(corners), "")
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Done {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let down = match style.anchor().v_pos {
            VPos::Top => "0.8em",
            VPos::Center => "0.33em",
            VPos::Bottom => "-0.25em",
        };
        let turned = match style.transform() {
            FontTransform::None => String::new(),
            FontTransform::Rotate90 => format!(r#" transform="rotate(90 {x} {y})""#),
            FontTransform::Rotate180 => format!(r#" transform="rotate(180 {x} {y})""#),
            FontTransform::Rotate270 => format!(r#" transform="rotate(270 {x} {y})""#),
        };
        let attributes = format!(r#"x="{x}" y="{y}" dy="{down}" text-anchor="{anchor}"{turned}"#);
        self.element(style.color(), "text", &attributes, text)
    }

    /// A guess: fonts are the browser's.
    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok(((text.chars().count() as f64 * style.size() * 0.6) as u32, style.size() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::prelude::*;

    #[test]
    fn what_belongs_to_a_server_is_one_group_with_its_number() {
        let sheet = Sheet::new((100, 50));
        let grid = sheet.ink(Ink { class: "grid", ..Ink::default() });
        let bar = sheet.ink(Ink { class: "bar", server: Some(1), title: "a<b".into() });
        let root = sheet.canvas().into_drawing_area();
        root.draw(&PathElement::new([(0, 0), (10, 10)], grid)).unwrap();
        root.draw(&Rectangle::new([(5, 9), (1, 2)], bar.filled())).unwrap();
        root.draw(&Text::new("x & y", (3, 4), ("sans-serif", 20).into_font().color(&bar))).unwrap();
        drop(root);
        let svg = sheet.finish("\"<all>\"").into_string();
        let text =
            r#"<text class="bar" x="3" y="4" dy="0.8em" text-anchor="start"><title>a&lt;b</title>x &amp; y</text>"#;
        assert_eq!(
            svg,
            [
                r#"<svg class="plot" viewBox="0 0 100 50" role="img" aria-label="&quot;&lt;all&gt;&quot;">"#,
                r#"<polyline class="grid" points="0,0 10,10"></polyline><g class="c1" data-server="1">"#,
                r#"<rect class="bar" x="1" y="2" width="4" height="7"><title>a&lt;b</title></rect>"#,
                text,
                "</g></svg>"
            ]
            .concat()
        );
    }
}
