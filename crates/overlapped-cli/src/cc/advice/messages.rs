//! What g++ and clang++ say: `FILE:LINE:COLUMN: error: TEXT`.

/// An error or a note.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) text: String,
    /// A note belongs to the error before it.
    pub(crate) note: bool,
}

/// The errors, and the notes, which may tell more. Quotes are plain, colours are gone.
pub(crate) fn parse(said: &str) -> Vec<Message> {
    plain(said).lines().filter_map(message).collect()
}

fn message(line: &str) -> Option<Message> {
    let kinds = [": fatal error: ", ": error: ", ": note: "];
    let (at, kind) = kinds.iter().filter_map(|kind| Some((line.find(kind)?, kind))).min()?;
    let text = line[at + kind.len()..].to_owned();
    // A column follows the line, if it is not left out.
    let mut place = &line[..at];
    let mut number = None;
    for _ in 0..2 {
        let Some((before, digits)) = place.rsplit_once(':') else { break };
        let Ok(found) = digits.parse() else { break };
        (place, number) = (before, Some(found));
    }
    Some(Message { file: place.to_owned(), line: number?, text, note: *kind == ": note: " })
}

/// Without escape sequences, and with plain quotes.
fn plain(said: &str) -> String {
    let mut plain = String::with_capacity(said.len());
    let mut rest = said.chars();
    while let Some(char) = rest.next() {
        match char {
            '\u{1b}' => {
                // `ESC [ … m` and `ESC [ K`.
                let _ = rest.by_ref().skip(1).find(char::is_ascii_alphabetic);
            }
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_places() {
        let said = "In file included from a.h:1:\n\u{1b}[01m\u{1b}[Ksrc/a.cpp:12:5:\u{1b}[m\u{1b}[K \u{1b}[01;31m\u{1b}[Kerror: \u{1b}[m\u{1b}[K‘x’ was not\n  12 | x\nb.cpp:3: fatal error: no\nld: error: x\ncc1plus: error: y\n";
        let message =
            |file: &str, line, text: &str| Message { file: file.into(), line, text: text.into(), note: false };
        assert_eq!(parse(said), [message("src/a.cpp", 12, "'x' was not"), message("b.cpp", 3, "no")]);
    }
}
