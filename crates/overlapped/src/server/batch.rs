//! What goes out in one operation.

use crate::error::Result;
use crate::socket::{Payload, Socket};
use std::io::IoSlice;

/// Messages in order, to be sent as one. Used again and again, it allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Headers, and what was copied because nobody owned it.
    copied: Vec<u8>,
    pieces: Vec<Piece>,
    /// How many bytes the system has not taken, and has.
    bytes: usize,
    gone: usize,
    messages: u64,
}

#[derive(Debug)]
enum Piece {
    /// The next so many of the copied bytes.
    Copied(usize),
    Payload(Payload),
}

impl Batch {
    /// Memory that a batch keeps for the next time.
    const KEPT: usize = 64 << 10;

    /// Buffers that the system is given at a time.
    const SLICES: usize = 64;

    /// Whether nothing is left to send.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// What is left to send.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn messages(&self) -> u64 {
        self.messages
    }

    pub(super) fn push(&mut self, header: &[u8], payload: Payload) {
        self.copy(header);
        let bytes = payload.bytes().len();
        if bytes > 0 {
            self.pieces.push(Piece::Payload(payload));
        }
        self.bytes += bytes;
        self.messages += 1;
    }

    pub(super) fn push_copy(&mut self, header: &[u8], payload: &[u8]) {
        self.copy(header);
        self.copy(payload);
        self.messages += 1;
    }

    /// The system has taken so many more of its first bytes.
    pub(super) fn has_gone(&mut self, bytes: usize) {
        self.gone += bytes;
        self.bytes -= bytes;
    }

    fn copy(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.copied.extend_from_slice(bytes);
        self.bytes += bytes.len();
        match self.pieces.last_mut() {
            Some(Piece::Copied(last)) => *last += bytes.len(),
            _ => self.pieces.push(Piece::Copied(bytes.len())),
        }
    }

    /// The bytes that are left to send, in order; none of the slices is empty.
    pub(super) fn slices(&self) -> impl Iterator<Item = &[u8]> {
        let mut copied = &self.copied[..];
        let mut skip = self.gone;
        let slices = self.pieces.iter().map(move |piece| match piece {
            Piece::Copied(bytes) => {
                let (piece, rest) = copied.split_at(*bytes);
                copied = rest;
                piece
            }
            Piece::Payload(payload) => payload.bytes(),
        });
        slices.filter_map(move |slice| {
            let skipped = skip.min(slice.len());
            skip -= skipped;
            Some(&slice[skipped..]).filter(|slice| !slice.is_empty())
        })
    }

    /// Sends what the system takes at once; how many bytes. If something is left then, the system must be waited for.
    pub(super) fn send_now(&mut self, socket: &Socket) -> Result<usize> {
        let before = self.bytes;
        while !self.is_empty() {
            // Nearly always it is one buffer, and a call for one costs less.
            let sent = match self.pieces.len() {
                1 => self.slices().next().map_or(Ok(0), |slice| socket.try_send(slice)),
                _ => {
                    let mut slices = [IoSlice::new(&[]); Self::SLICES];
                    let left = slices.iter_mut().zip(self.slices());
                    let count = left.map(|(place, slice)| *place = IoSlice::new(slice)).count();
                    socket.try_send_vectored(&slices[..count])
                }
            };
            match sent {
                Ok(bytes) => self.has_gone(bytes),
                // What it fails of, the next one says too.
                Err(error) if error.is_would_block() || self.bytes < before => break,
                Err(error) => return Err(error),
            }
        }
        Ok(before - self.bytes)
    }

    /// Forgets what was sent, and keeps the memory, but for that of an unusual burst.
    pub(super) fn clear(&mut self) {
        self.copied.clear();
        self.copied.shrink_to(Self::KEPT);
        self.pieces.clear();
        self.pieces.shrink_to(Self::KEPT / size_of::<Piece>());
        (self.bytes, self.gone, self.messages) = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn messages_are_sent_in_order_and_what_is_shared_is_not_copied() {
        let shared: Arc<[u8]> = Arc::from(*b"shared");
        let mut batch = Batch::default();
        batch.push_copy(b"1", b"one");
        batch.push_copy(b"2", b"two");
        batch.push(b"3", Payload::from(Arc::clone(&shared)));
        batch.push(b"", Payload::from(b"static"));
        batch.push(b"4", Payload::from(Vec::new()));
        let slices: Vec<_> = batch.slices().collect();
        assert_eq!(slices, [&b"1one2two3"[..], b"shared", b"static", b"4"]);
        assert_eq!(slices[1].as_ptr(), shared.as_ptr());
        assert_eq!((batch.bytes(), batch.messages()), (22, 5));
        batch.clear();
        assert_eq!((batch.bytes(), batch.messages(), batch.slices().count()), (0, 0, 0));
        assert_eq!(Arc::strong_count(&shared), 1);
    }
}
