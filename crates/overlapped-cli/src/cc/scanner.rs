//! A source as the first phases of a compiler see it: comments and the insides of literals are blank, directives are found.

use std::ops::Range;

/// A source and its blanked twin of the same length.
#[derive(Debug)]
pub(crate) struct Source {
    text: String,
    code: String,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// A line, numbered from 1: as it is written, and without comments and the insides of literals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) number: usize,
    pub(crate) start: usize,
    pub(crate) text: &'a str,
    pub(crate) code: &'a str,
}

/// `#include "name"` or `#include <name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Include {
    pub(crate) line: usize,
    /// The name with what encloses it.
    pub(crate) place: Range<usize>,
    pub(crate) name: String,
    pub(crate) angled: bool,
}

impl Source {
    pub(crate) fn new(text: String) -> Self {
        let code = blank(&text);
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, code, starts }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        (1..=self.starts.len()).filter_map(|number| self.line(number))
    }

    /// The line of that number, if there is one.
    pub(crate) fn line(&self, number: usize) -> Option<Line<'_>> {
        let start = *self.starts.get(number.checked_sub(1)?)?;
        let end = self.starts.get(number).map_or(self.text.len(), |next| next - 1);
        Some(Line { number, start, text: self.text.get(start..end)?, code: self.code.get(start..end)? })
    }

    pub(crate) fn includes(&self) -> Vec<Include> {
        self.lines().filter_map(include).collect()
    }

    /// Every place of a word that stands by itself in the code.
    pub(crate) fn words<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        words(&self.code, word)
    }
}

/// Every place of a word that stands by itself.
pub(crate) fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = code.as_bytes()[..at].last();
        let after = code.as_bytes().get(at + word.len());
        !before.is_some_and(|byte| is_word(*byte)) && !after.is_some_and(|byte| is_word(*byte))
    })
}

pub(crate) fn has_word(code: &str, word: &str) -> bool {
    words(code, word).next().is_some()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// What follows `#` and the name of a directive in a line, with its place in the line.
pub(crate) fn directive<'a>(line: Line<'a>, name: &str) -> Option<(usize, &'a str)> {
    let after = line.code.trim_start().strip_prefix('#')?.trim_start().strip_prefix(name)?;
    let ends = after.as_bytes().first().is_none_or(|byte| !is_word(*byte));
    ends.then(|| (line.code.len() - after.len(), after))
}

fn include(line: Line<'_>) -> Option<Include> {
    let (at, after) = directive(line, "include")?;
    let open = at + (after.len() - after.trim_start().len());
    let end = match line.code.as_bytes().get(open)? {
        b'"' => '"',
        b'<' => '>',
        _ => return None,
    };
    let length = line.text.get(open + 1..)?.find(end)?;
    let name = line.text.get(open + 1..open + 1 + length)?.to_owned();
    let place = line.start + open..line.start + open + length + 2;
    Some(Include { line: line.number, place, name, angled: end == '>' })
}

/// The text with blanks for comments and for what stands within quotes. Lines and places stay.
fn blank(text: &str) -> String {
    let mut blanker = Blanker { text: text.as_bytes(), code: text.as_bytes().to_vec(), at: 0 };
    blanker.run();
    // Whole characters are replaced by spaces byte by byte.
    String::from_utf8(blanker.code).unwrap_or_else(|_| " ".repeat(text.len()))
}

struct Blanker<'a> {
    text: &'a [u8],
    code: Vec<u8>,
    at: usize,
}

impl Blanker<'_> {
    fn run(&mut self) {
        let mut fresh = true;
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b'/' if self.follows(b"//") => self.blank_line(),
                b'/' if self.follows(b"/*") => self.blank_comment(),
                b'#' if fresh => self.directive(),
                b'"' => self.string(),
                b'\'' if !self.separates_digits() => self.quoted(b'\''),
                _ => self.at += 1,
            }
            fresh = byte == b'\n' || (fresh && byte.is_ascii_whitespace());
        }
    }

    fn follows(&self, bytes: &[u8]) -> bool {
        self.text.get(self.at..).is_some_and(|rest| rest.starts_with(bytes))
    }

    /// Blanks as far as there, except line ends.
    fn blank_to(&mut self, end: usize) {
        let end = end.min(self.text.len());
        for byte in self.code.get_mut(self.at..end).unwrap_or_default() {
            if *byte != b'\n' && *byte != b'\r' {
                *byte = b' ';
            }
        }
        self.at = end;
    }

    /// A line that ends in a backslash goes on.
    fn blank_line(&mut self) {
        let mut end = self.at;
        while let Some(&byte) = self.text.get(end) {
            let spliced = matches!(self.text.get(..end), Some([.., b'\\'] | [.., b'\\', b'\r']));
            if byte == b'\n' && !spliced {
                break;
            }
            end += 1;
        }
        self.blank_to(end);
    }

    fn blank_comment(&mut self) {
        let rest = &self.text[self.at + 2..];
        let length = rest.windows(2).position(|pair| pair == b"*/").map_or(rest.len(), |at| at + 2);
        self.blank_to(self.at + 2 + length);
    }

    /// A header's name knows no escapes; what follows `#error` and `#pragma region` is prose, in which an apostrophe is no quote.
    fn directive(&mut self) {
        let line: Vec<u8> = self.text[self.at + 1..].iter().copied().take_while(|byte| *byte != b'\n').collect();
        let line = String::from_utf8_lossy(&line).into_owned();
        let word = line.trim_start().split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
        self.at += 1 + (line.len() - line.trim_start().len());
        match word.as_str() {
            "include" | "import" => {
                self.at += word.len();
                while self.text.get(self.at).is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
                    self.at += 1;
                }
                let end = match self.text.get(self.at) {
                    Some(b'"') => b'"',
                    Some(b'<') => b'>',
                    _ => return,
                };
                let rest = &self.text[self.at + 1..];
                let length = rest.iter().position(|byte| *byte == end || *byte == b'\n').unwrap_or(rest.len());
                self.at += 1 + length + usize::from(rest.get(length) == Some(&end));
            }
            "error" | "warning" | "region" | "endregion" => self.blank_line(),
            "pragma" if line.split_whitespace().any(|word| word.ends_with("region") || word == "message") => {
                self.blank_line();
            }
            _ => {}
        }
    }

    fn string(&mut self) {
        let raw = matches!(self.text.get(..self.at), Some([.., b'R'])) && {
            let start = self.text[..self.at].iter().rposition(|byte| !is_word(*byte)).map_or(0, |at| at + 1);
            matches!(&self.text[start..self.at], b"R" | b"LR" | b"uR" | b"UR" | b"u8R")
        };
        if !raw {
            return self.quoted(b'"');
        }
        let rest = &self.text[self.at + 1..];
        let delimiter = rest.iter().position(|byte| *byte == b'(').unwrap_or(0);
        let mut end = vec![b')'];
        end.extend_from_slice(&rest[..delimiter]);
        end.push(b'"');
        let length = rest.windows(end.len()).position(|part| part == end).map_or(rest.len(), |at| at + end.len() - 1);
        self.at += 1;
        self.blank_to(self.at + length);
        self.at += 1;
    }

    /// What is not closed ends with the line.
    fn quoted(&mut self, quote: u8) {
        let mut end = self.at + 1;
        while let Some(&byte) = self.text.get(end) {
            match byte {
                b'\\' => end += 2,
                b'\n' => break,
                _ if byte == quote => break,
                _ => end += 1,
            }
        }
        self.at += 1;
        self.blank_to(end);
        if self.text.get(self.at) == Some(&quote) {
            self.at += 1;
        }
    }

    /// `1'000'000`.
    fn separates_digits(&self) -> bool {
        let start =
            self.text[..self.at].iter().rposition(|byte| !is_word(*byte) && *byte != b'\'').map_or(0, |at| at + 1);
        self.text.get(start).is_some_and(u8::is_ascii_digit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new(text.to_owned()).code().to_owned()
    }

    #[test]
    fn comments_and_literals_are_blank() {
        assert_eq!(code("a // b\nc /* d\ne */ f"), "a     \nc     \n     f");
        assert_eq!(code(r#"f("x\"y", 'z', '\'');"#), r#"f("    ", ' ', '  ');"#);
        assert_eq!(code("x = 1'000; // '"), "x = 1'000;     ");
        assert_eq!(code("a \"open\nb"), "a \"    \nb");
        assert_eq!(code("R\"-(a\")b)-\" c"), "R\"        \" c");
        assert_eq!(code("// 한글 \\\nstill\nx"), format!("{}\n     \nx", " ".repeat("// 한글 \\".len())));
        assert_eq!(code("#error don't\nint a;"), "#error don't\nint a;".replace("error don't", "           "));
    }

    #[test]
    fn nothing_confuses_it() {
        for text in ["", "\"", "'", "R\"", "R\"(", "/*", "//", "\\", "#", "#include", "#include <", "\"\\", "'\\", "/"]
        {
            assert_eq!(code(text).len(), text.len(), "{text}");
        }
    }

    #[test]
    fn includes_are_found_where_they_are_directives() {
        let source = Source::new(
            "#include <WinSock2.h>\r\n  # include \"..\\Common\\pch.h\" // theirs\n// #include <no.h>\n\"#include <no.h>\"\n#include NAME\n"
                .to_owned(),
        );
        let found = source.includes();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].line, found[0].name.as_str(), found[0].angled), (1, "WinSock2.h", true));
        assert_eq!((found[1].line, found[1].name.as_str(), found[1].angled), (2, "..\\Common\\pch.h", false));
        assert_eq!(&source.text()[found[1].place.clone()], "\"..\\Common\\pch.h\"");
    }

    #[test]
    fn words_stand_by_themselves() {
        let source = Source::new("wmain mywmain wmain2 (wmain) \"wmain\"".to_owned());
        assert_eq!(source.words("wmain").collect::<Vec<_>>(), [0, 22]);
    }
}
