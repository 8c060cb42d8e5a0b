//! How messages lie in the stream: their header.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

/// How a stream is cut into messages: not at all, or by a size in front of each packet.
///
/// It is the same for both ends: [`encode`](Self::encode) makes the bytes of a message, a
/// [`Decoder`](super::Decoder) finds the messages in the bytes.
///
/// ```
/// use overlapped::server::Framing;
///
/// let mut bytes = Vec::new();
/// Framing::packets().encode(7, b"hello", &mut bytes)?;
/// assert_eq!(bytes, b"\x09\0\x07\0hello"); // nine bytes in all, id 7
///
/// bytes.clear();
/// Framing::prefixed().wide().big_endian().encode(0, b"hello", &mut bytes)?;
/// assert_eq!(bytes, b"\0\0\0\x05hello"); // four bytes say how many follow
/// # Ok::<(), overlapped::server::FrameError>(())
/// ```
///
/// As a text it is `raw`, `packet`, or the parts of the header: `u16le`, `u16be`, `u32le` or `u32be`, then
/// `-id` if an id follows, then `-all` if the size counts the header too. `packet` is `u16le-id-all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Framing(Option<Layout>);

/// The header of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Layout {
    /// Four bytes of size instead of two.
    wide: bool,
    big_endian: bool,
    id: bool,
    /// The size counts the header.
    whole: bool,
    most: usize,
}

/// Why bytes are not a message, or a message has no bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// The size that stands in the header is less than the header itself.
    TooShort {
        /// The whole packet, by its header.
        size: usize,
    },
    /// The packet is larger than the framing allows.
    TooLong {
        /// The whole packet.
        size: usize,
        /// The largest one allowed.
        most: usize,
    },
    /// The stream ended within a packet.
    Truncated {
        /// How many bytes of it had come.
        bytes: usize,
    },
}

impl Display for FrameError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { size } => write!(f, "a packet says that it has {size} bytes, less than its header"),
            Self::TooLong { size, most } => write!(f, "a packet of {size} bytes, where {most} are allowed"),
            Self::Truncated { bytes } => write!(f, "the stream ended after {bytes} bytes of a packet"),
        }
    }
}

impl std::error::Error for FrameError {}

/// The bytes in front of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl Header {
    const MOST: usize = 6;

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// What a header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) id: u16,
    pub(super) header: usize,
    /// With its header.
    pub(super) whole: usize,
}

/// Changes the layout, if there is one.
macro_rules! with {
    ($framing:ident, $field:ident = $value:expr) => {
        match $framing.0 {
            None => $framing,
            Some(layout) => Self(Some(Layout { $field: $value, ..layout })),
        }
    };
}

impl Framing {
    /// The largest packet, if [`max`](Self::max) does not say another.
    const MOST: usize = 1 << 20;

    /// No framing: a message is what a receive brought.
    pub const fn raw() -> Self {
        Self(None)
    }

    /// Packets of a game server: a `u16` size, which counts the whole packet, and a `u16` id, both little-endian.
    pub const fn packets() -> Self {
        Self::prefixed().id().whole()
    }

    /// A `u16` size, little-endian, which counts what follows it.
    pub const fn prefixed() -> Self {
        Self(Some(Layout { wide: false, big_endian: false, id: false, whole: false, most: Self::MOST }))
    }

    /// The size has four bytes instead of two.
    pub const fn wide(self) -> Self {
        with!(self, wide = true)
    }

    /// Size and id are big-endian.
    pub const fn big_endian(self) -> Self {
        with!(self, big_endian = true)
    }

    /// A `u16` id follows the size.
    pub const fn id(self) -> Self {
        with!(self, id = true)
    }

    /// The size counts the whole packet, its header too.
    pub const fn whole(self) -> Self {
        with!(self, whole = true)
    }

    /// The largest packet that is taken or sent, with its header: a mebibyte, if nothing else is said, or what the size
    /// can express. A receive buffer grows up to that.
    pub const fn max(self, bytes: usize) -> Self {
        with!(self, most = bytes)
    }

    /// Whether there is no framing.
    pub const fn is_raw(&self) -> bool {
        self.0.is_none()
    }

    /// Whether a packet has an id.
    pub const fn has_id(&self) -> bool {
        matches!(self.0, Some(Layout { id: true, .. }))
    }

    /// How many bytes stand in front of a message; 0 without framing.
    pub const fn header_bytes(&self) -> usize {
        match &self.0 {
            None => 0,
            Some(layout) => layout.header(),
        }
    }

    /// The largest packet, with its header; `None` without framing.
    pub fn largest(&self) -> Option<usize> {
        self.0.map(|layout| layout.largest())
    }

    /// Writes a message behind what `to` holds: its header, and the payload. The id is left out where packets have none.
    ///
    /// # Errors
    ///
    /// [`FrameError::TooLong`]; nothing is written then.
    pub fn encode(&self, id: u16, payload: &[u8], to: &mut Vec<u8>) -> Result<(), FrameError> {
        let header = self.header(id, payload.len())?;
        to.extend_from_slice(header.bytes());
        to.extend_from_slice(payload);
        Ok(())
    }

    /// What stands in front of a message of so many bytes.
    pub(super) fn header(&self, id: u16, payload: usize) -> Result<Header, FrameError> {
        let mut header = Header { bytes: [0; Header::MOST], length: 0 };
        let Some(layout) = self.0 else { return Ok(header) };
        let size = payload.saturating_add(layout.header());
        if size > layout.largest() {
            return Err(FrameError::TooLong { size, most: layout.largest() });
        }
        let said = if layout.whole { size } else { payload };
        if layout.wide {
            header.push(said as u32, |said| if layout.big_endian { said.to_be_bytes() } else { said.to_le_bytes() });
        } else {
            header.push(said as u16, |said| layout.bytes(said));
        }
        if layout.id {
            header.push(id, |id| layout.bytes(id));
        }
        Ok(header)
    }

    /// What the header at the beginning of `bytes` says; `None` if not all of it is there yet, or there is none.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Option<Frame>, FrameError> {
        let Some(layout) = self.0 else { return Ok(None) };
        let header = layout.header();
        let Some(mut bytes) = bytes.get(..header) else { return Ok(None) };
        let said = if layout.wide {
            let said = take(&mut bytes);
            (if layout.big_endian { u32::from_be_bytes(said) } else { u32::from_le_bytes(said) }) as usize
        } else {
            usize::from(layout.number(take(&mut bytes)))
        };
        let id = if layout.id { layout.number(take(&mut bytes)) } else { 0 };
        let whole = if layout.whole { said } else { said.saturating_add(header) };
        if whole < header {
            return Err(FrameError::TooShort { size: whole });
        }
        if whole > layout.largest() {
            return Err(FrameError::TooLong { size: whole, most: layout.largest() });
        }
        Ok(Some(Frame { id, header, whole }))
    }
}

/// The first bytes of a header, which is known to have them.
fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (first, rest) = bytes.split_first_chunk().expect("a whole header");
    *bytes = rest;
    *first
}

impl Header {
    fn push<T, const N: usize>(&mut self, number: T, bytes: impl FnOnce(T) -> [u8; N]) {
        self.bytes[self.length..self.length + N].copy_from_slice(&bytes(number));
        self.length += N;
    }
}

impl Layout {
    const fn header(&self) -> usize {
        (if self.wide { 4 } else { 2 }) + (if self.id { 2 } else { 0 })
    }

    fn largest(&self) -> usize {
        let said = if self.wide { u32::MAX as usize } else { usize::from(u16::MAX) };
        self.most.min(if self.whole { said } else { said.saturating_add(self.header()) })
    }

    fn bytes(&self, number: u16) -> [u8; 2] {
        if self.big_endian { number.to_be_bytes() } else { number.to_le_bytes() }
    }

    fn number(&self, bytes: [u8; 2]) -> u16 {
        if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) }
    }
}

/// [`Framing::raw`].
impl Default for Framing {
    fn default() -> Self {
        Self::raw()
    }
}

impl Display for Framing {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Some(layout) = self.0 else { return f.pad("raw") };
        if self.max(0) == Self::packets().max(0) {
            return f.pad("packet");
        }
        let size = if layout.wide { "u32" } else { "u16" };
        let order = if layout.big_endian { "be" } else { "le" };
        let id = if layout.id { "-id" } else { "" };
        let all = if layout.whole { "-all" } else { "" };
        f.pad(&format!("{size}{order}{id}{all}"))
    }
}

impl FromStr for Framing {
    type Err = UnknownFraming;

    fn from_str(name: &str) -> Result<Self, UnknownFraming> {
        let unknown = || UnknownFraming(name.into());
        let mut parts = name.split('-');
        let mut framing = match parts.next() {
            Some("raw") if name == "raw" => return Ok(Self::raw()),
            Some("packet") if name == "packet" => return Ok(Self::packets()),
            Some("u16le") => Self::prefixed(),
            Some("u16be") => Self::prefixed().big_endian(),
            Some("u32le") => Self::prefixed().wide(),
            Some("u32be") => Self::prefixed().wide().big_endian(),
            _ => return Err(unknown()),
        };
        let mut next = parts.next();
        if next == Some("id") {
            framing = framing.id();
            next = parts.next();
        }
        if next == Some("all") {
            framing = framing.whole();
            next = parts.next();
        }
        next.map_or(Ok(framing), |_| Err(unknown()))
    }
}

/// A text that names no [`Framing`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFraming(Box<str>);

impl Display for UnknownFraming {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no framing `{}`; there are raw, packet, and u16le, u16be, u32le, u32be, \
             each also with -id, -all or -id-all",
            self.0
        )
    }
}

impl std::error::Error for UnknownFraming {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_framing_is_found_by_its_name() {
        for size in ["u16le", "u16be", "u32le", "u32be"] {
            for rest in ["", "-id", "-all", "-id-all"] {
                let name = format!("{size}{rest}");
                let framing: Framing = name.parse().unwrap();
                let said = if name == "u16le-id-all" { "packet" } else { &name };
                assert_eq!(framing.to_string(), said);
                assert_eq!(said.parse(), Ok(framing));
            }
        }
        assert_eq!("raw".parse(), Ok(Framing::raw()));
        for name in ["", "raw-id", "packet-all", "u16", "u16le-all-id", "u16le-id-id", "u16le-"] {
            let error = name.parse::<Framing>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}`")), "{error}");
        }
    }

    #[test]
    fn a_header_has_the_layout_that_was_asked_for() {
        let header = |framing: Framing, id, payload| framing.header(id, payload).unwrap().bytes().to_vec();
        assert_eq!(header(Framing::packets(), 0x102, 3), [7, 0, 2, 1]);
        assert_eq!(header(Framing::packets().big_endian(), 0x102, 3), [0, 7, 1, 2]);
        assert_eq!(header(Framing::prefixed(), 9, 3), [3, 0]);
        assert_eq!(header(Framing::prefixed().wide().id(), 9, 3), [3, 0, 0, 0, 9, 0]);
        assert_eq!(header(Framing::prefixed().wide().big_endian().whole(), 9, 3), [0, 0, 0, 7]);
        assert_eq!(header(Framing::raw(), 9, 3), []);
    }

    #[test]
    fn what_the_size_cannot_express_is_not_sent() {
        let packets = Framing::packets();
        assert!(packets.header(1, 65531).is_ok());
        assert_eq!(packets.header(1, 65532), Err(FrameError::TooLong { size: 65536, most: 65535 }));
        assert!(Framing::prefixed().header(1, 65535).is_ok(), "the header is not counted");
        let small = packets.max(100);
        assert_eq!(small.header(1, 97), Err(FrameError::TooLong { size: 101, most: 100 }));
        assert!(Framing::raw().header(1, usize::MAX).is_ok());
    }
}
