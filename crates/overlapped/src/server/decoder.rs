//! From the bytes of a stream to its messages.

use super::framing::{FrameError, Framing};
use crate::seldom::Seldom;
use std::fmt;
use std::ops::Deref;

/// A message that was received: its payload, which lies in the receive buffer, and its id.
///
/// It is the payload where one is wanted.
///
/// ```
/// # fn received(message: overlapped::server::Message<'_>) {
/// if message.id() == 7 && message.starts_with(b"hello") {
///     println!("{} bytes", message.len());
/// }
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Message<'a> {
    id: u16,
    payload: &'a [u8],
}

impl<'a> Message<'a> {
    /// The id in its header; 0 where the framing has none.
    pub fn id(&self) -> u16 {
        self.id
    }

    /// What the peer said; without framing, the bytes that came.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

impl Deref for Message<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.payload
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("id", &self.id).field("bytes", &self.payload.len()).finish()
    }
}

/// Cuts a stream into messages, in the buffer that it is received into: a message is copied only if it did not come
/// whole, and then only the part that had come.
///
/// ```
/// use overlapped::server::{Decoder, Framing};
/// use std::io::Read;
///
/// let mut stream: &[u8] = b"\x09\0\x07\0hello\x05\0\x08\0!";
/// let mut decoder = Decoder::new(Framing::packets());
/// let mut messages = Vec::new();
/// loop {
///     let bytes = stream.read(decoder.space())?;
///     if bytes == 0 {
///         break decoder.finish()?; // an error if the stream ended within a message
///     }
///     decoder.filled(bytes);
///     while let Some(message) = decoder.next()? {
///         messages.push((message.id(), message.to_vec()));
///     }
/// }
/// assert_eq!(messages, [(7, b"hello".to_vec()), (8, b"!".to_vec())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Decoder {
    framing: Framing,
    /// How large the buffer is to begin with.
    first: usize,
    /// Empty until there is something to come.
    buffer: Vec<u8>,
    /// What has come and was not given out: `buffer[start..end]`.
    start: usize,
    end: usize,
    /// Whether to ask for more behind what has filled it: a peer that sends ahead has more there, one that sends just as much as
    /// fits has not, and asking costs a call. Never, if there is none.
    pub(super) more: Option<Seldom<63>>,
}

impl Decoder {
    /// The receive buffer that it begins with, and the one that does without framing.
    pub const BUFFER: usize = 4096;

    /// With a buffer of [`BUFFER`](Self::BUFFER) bytes, which grows where the framing allows larger packets.
    pub fn new(framing: Framing) -> Self {
        Self::with_buffer(framing, Self::BUFFER)
    }

    /// With a buffer of so many bytes to begin with; but at least one, and not more than the largest packet. It is made when
    /// the first bytes are to come.
    pub fn with_buffer(framing: Framing, bytes: usize) -> Self {
        let most = framing.largest().unwrap_or(usize::MAX);
        let first = bytes.min(most).max(framing.header_bytes()).max(1);
        Self { framing, first, buffer: Vec::new(), start: 0, end: 0, more: Some(Seldom::default()) }
    }

    /// Where the next bytes of the stream go. Never empty. What was given out before is gone.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            if self.buffer.is_empty() {
                self.buffer = vec![0; self.first];
            }
        } else if self.end == self.buffer.len() {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            } else {
                // Only what has come makes it grow, not what a header promises.
                let most = self.framing.largest().unwrap_or(usize::MAX).max(self.buffer.len() + 1);
                self.buffer.resize(self.buffer.len().saturating_mul(2).min(most), 0);
            }
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes have come into the [`space`](Self::space).
    ///
    /// # Panics
    ///
    /// If there was no room for them.
    pub fn filled(&mut self, bytes: usize) {
        assert!(bytes <= self.buffer.len() - self.end, "more bytes than there is room for");
        self.end += bytes;
    }

    /// The next whole message; `None` until more bytes come.
    ///
    /// # Errors
    ///
    /// What the peer sends is no message. The stream is out of step then, so the same comes again.
    // No iterator: the message borrows the buffer.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Message<'_>>, FrameError> {
        let come = &self.buffer[self.start..self.end];
        if self.framing.is_raw() {
            self.start = self.end;
            return Ok((!come.is_empty()).then_some(Message { id: 0, payload: come }));
        }
        match self.framing.read(come)? {
            Some(packet) if packet.whole <= come.len() => {
                self.start += packet.whole;
                Ok(Some(Message { id: packet.id, payload: &come[packet.header..packet.whole] }))
            }
            _ => Ok(None),
        }
    }

    /// Whether it has memory: one that waits for a peer that says nothing needs none.
    pub(super) fn has_space(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Whether what came last has filled it: there may be more.
    pub(super) fn is_full(&self) -> bool {
        self.end == self.buffer.len()
    }

    /// Gives its memory back if nothing is left in it.
    pub(super) fn release(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
            self.buffer = Vec::new();
        }
    }

    /// Where a receive puts the next bytes. Without memory it is nowhere: then the receive only waits for data.
    pub(super) fn place(&mut self) -> &mut [u8] {
        if self.has_space() { self.space() } else { &mut [] }
    }

    /// Forgets what has come.
    pub(super) fn clear(&mut self) {
        self.start = self.end;
    }

    /// The stream has ended.
    ///
    /// # Errors
    ///
    /// [`FrameError::Truncated`] if that was within a message.
    pub fn finish(&self) -> Result<(), FrameError> {
        match self.end - self.start {
            0 => Ok(()),
            bytes => Err(FrameError::Truncated { bytes }),
        }
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder").field("framing", &self.framing).field("bytes", &(self.end - self.start)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random numbers that are the same in every run (xorshift).
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % sides as u64) as usize
        }
    }

    type Messages = Vec<(u16, Vec<u8>)>;

    fn framings() -> impl Iterator<Item = Framing> {
        let sizes = ["u16le", "u16be", "u32le", "u32be"];
        sizes
            .into_iter()
            .flat_map(|size| ["", "-id", "-all", "-id-all"].map(|rest| format!("{size}{rest}").parse().unwrap()))
    }

    /// Feeds the stream in parts whose sizes `part` says, as far as there is room.
    fn decode(
        decoder: &mut Decoder,
        mut stream: &[u8],
        mut part: impl FnMut() -> usize,
    ) -> Result<Messages, FrameError> {
        let mut messages = Messages::new();
        while !stream.is_empty() {
            let space = decoder.space();
            let bytes = part().clamp(1, stream.len()).min(space.len());
            space[..bytes].copy_from_slice(&stream[..bytes]);
            decoder.filled(bytes);
            stream = &stream[bytes..];
            while let Some(message) = decoder.next()? {
                messages.push((message.id(), message.to_vec()));
            }
        }
        decoder.finish().map(|()| messages)
    }

    #[test]
    fn any_split_of_a_stream_gives_the_same_messages() {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
        for framing in framings() {
            for _ in 0..if cfg!(miri) { 1 } else { 50 } {
                let mut sent = Messages::new();
                let mut stream = Vec::new();
                for _ in 0..1 + dice.roll(20) {
                    let most = if cfg!(miri) { 60 } else { 5000 };
                    let length = [dice.roll(3), dice.roll(40), dice.roll(most)][dice.roll(3)];
                    let message: Vec<u8> = (0..length).map(|_| dice.roll(256) as u8).collect();
                    let id = if framing.has_id() { dice.roll(65536) as u16 } else { 0 };
                    framing.encode(id, &message, &mut stream).unwrap();
                    sent.push((id, message));
                }
                let most = [1, 7, 100, 10_000][dice.roll(4)];
                let mut decoder = Decoder::with_buffer(framing, 1 + dice.roll(300));
                assert_eq!(decode(&mut decoder, &stream, || 1 + dice.roll(most)).as_ref(), Ok(&sent), "{framing}");
            }
        }
    }

    #[test]
    fn garbage_gives_messages_or_an_error_and_takes_no_more_memory_than_a_packet() {
        let mut dice = Dice(0xd1b5_4a32_d192_ed03);
        for framing in framings().map(|framing| framing.max(1000)) {
            for _ in 0..if cfg!(miri) { 1 } else { 200 } {
                let garbage: Vec<u8> =
                    (0..dice.roll(if cfg!(miri) { 200 } else { 5000 })).map(|_| dice.roll(256) as u8 & 3).collect();
                let mut decoder = Decoder::with_buffer(framing, 16);
                let first = decode(&mut decoder, &garbage, || 1 + dice.roll(100));
                assert!(decoder.buffer.len() <= 1000, "{framing}");
                if let Ok(messages) = first {
                    assert!(messages.iter().all(|(_, message)| message.len() <= 1000));
                }
            }
        }
    }

    #[test]
    fn a_bad_header_is_told_before_the_packet_has_come() {
        let error = |framing: Framing, bytes: &[u8]| decode(&mut Decoder::new(framing), bytes, || 1).unwrap_err();
        assert_eq!(error(Framing::packets(), b"\x03\0\0\0"), FrameError::TooShort { size: 3 });
        assert_eq!(error(Framing::packets().max(10), b"\x0b\0\0\0"), FrameError::TooLong { size: 11, most: 10 });
        let size = 4 + u32::MAX as usize;
        assert_eq!(error(Framing::prefixed().wide(), &[0xff; 4]), FrameError::TooLong { size, most: 1 << 20 });
        assert_eq!(error(Framing::packets(), b"\x05\0\0\0"), FrameError::Truncated { bytes: 4 });
    }

    #[test]
    fn the_promise_of_a_large_packet_takes_no_memory() {
        let mut decoder = Decoder::new(Framing::prefixed().wide());
        decoder.space()[..4].copy_from_slice(&1_000_000_u32.to_le_bytes());
        decoder.filled(4);
        assert_eq!(decoder.next(), Ok(None));
        decoder.space();
        assert_eq!(decoder.buffer.len(), Decoder::BUFFER);
    }

    #[test]
    fn a_packet_as_large_as_allowed_fits() {
        let framing = Framing::packets().max(10_000);
        let mut stream = Vec::new();
        framing.encode(1, &[7; 9_996], &mut stream).unwrap();
        let mut decoder = Decoder::with_buffer(framing, 16);
        assert_eq!(decode(&mut decoder, &stream, || usize::MAX), Ok(vec![(1, vec![7; 9_996])]));
        assert_eq!(decoder.buffer.len(), 10_000);
    }

    #[test]
    fn without_framing_a_message_is_what_came() {
        let mut decoder = Decoder::with_buffer(Framing::raw(), 4);
        assert_eq!(decode(&mut decoder, b"abcdef", || 9), Ok(vec![(0, b"abcd".to_vec()), (0, b"ef".to_vec())]));
        assert_eq!(decoder.buffer.len(), 4);
    }
}
