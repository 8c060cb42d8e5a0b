//! Standard output: whole lines, flushed, and a reader that has gone ends the command in peace.

use overlapped::server::Framing;
use std::fmt::{self, Display, Formatter, Write as _};
use std::io::{self, ErrorKind, Write as _};
use std::process;

/// Writes a line to standard output.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::write(&format!("{}\n", format_args!($($text)*))) };
}
pub(crate) use say;

/// Writes a line to standard error, where nobody may be listening. At once: standard error keeps nothing to write it together.
macro_rules! complain {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = std::io::stderr().write_all(format!("{}\n", format_args!($($text)*)).as_bytes());
    }};
}
pub(crate) use complain;

/// Writes whole lines to standard output, in one system call where possible.
pub(crate) fn write(lines: &str) {
    let mut out = io::stdout().lock();
    match out.write_all(lines.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => {}
        // `overlapped … | head` has seen what it wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            complain!("error: cannot write to standard output: {error}");
            process::exit(1);
        }
    }
}

/// A number of things, in words.
pub(crate) struct Count(pub(crate) u64, pub(crate) &'static str);

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.0, self.1, if self.0 == 1 { "" } else { "s" })
    }
}

/// The beginning of what was received, readable whatever it is; the zeros a message is padded with
/// are left out.
pub(crate) struct Preview<'a>(pub(crate) &'a [u8]);

impl Preview<'_> {
    const CHARS: usize = 40;
    /// No character of UTF-8 is longer than four bytes.
    const BYTES: usize = Self::CHARS * 4;
}

impl Display for Preview<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let end = self.0.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        let text = String::from_utf8_lossy(&self.0[..end.min(Self::BYTES)]);
        f.write_char('"')?;
        for char in text.chars().take(Self::CHARS) {
            write!(f, "{}", char.escape_debug())?;
        }
        f.write_char('"')?;
        let cut = end > Self::BYTES || text.chars().nth(Self::CHARS).is_some();
        f.write_str(if cut { "…" } else { "" })
    }
}

/// A message: its length, its id where the framing has one, and its beginning.
pub(crate) struct Said<'a>(pub(crate) Framing, pub(crate) u16, pub(crate) &'a [u8]);

impl Display for Said<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(framing, id, payload) = self;
        write!(f, "{} bytes", payload.len())?;
        if framing.has_id() {
            write!(f, " with id {id}")?;
        }
        write!(f, ": {}", Preview(payload))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_short_and_readable() {
        let mut padded = b"Hello World".to_vec();
        padded.resize(100, 0);
        for (bytes, shown) in [
            (&padded[..], "\"Hello World\""),
            (&[][..], "\"\""),
            (&[0, 0][..], "\"\""),
            (b"a\nb\"", "\"a\\nb\\\"\""),
            ("안녕".as_bytes(), "\"안녕\""),
            (&[0xff, b'x'][..], "\"\u{fffd}x\""),
        ] {
            assert_eq!(Preview(bytes).to_string(), shown);
        }
        let long = Preview(&[b'x'; 1000]).to_string();
        assert_eq!(long, format!("\"{}\"…", "x".repeat(40)));
    }
}
