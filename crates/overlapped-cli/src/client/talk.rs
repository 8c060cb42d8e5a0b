//! What a client does next, whatever the model: when to send, what to print, when it is over.

use crate::output::{Count, Said, say};
use overlapped::Result;
use overlapped::server::{Decoder, FrameError, Framing};
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

/// The buffer that what comes back is received into.
const BUFFER: usize = 64 * 1024;

/// One conversation with a server.
#[derive(Clone)]
pub(super) struct Talk {
    framing: Framing,
    id: u16,
    /// The message with its header.
    wire: Vec<u8>,
    every: Duration,
    count: Option<u64>,
    sent: u64,
    /// Bytes, with headers.
    received: u64,
    /// When the next message is due.
    due: Instant,
    /// When something was last sent or received.
    heard: Instant,
    sending: bool,
    end: Option<End>,
}

#[derive(Clone)]
enum End {
    /// The server has ended its stream.
    Closed,
    Failed(String),
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send,
    /// Wait for a completion, at most so long.
    Wait(Option<Duration>),
    Leave,
}

impl Talk {
    /// How long a server that echoes may be silent after the last message; others never answer.
    const STRAGGLERS: Duration = Duration::from_secs(1);

    /// An error if the framing does not allow so long a message.
    pub(super) fn new(
        framing: Framing,
        id: u16,
        message: &[u8],
        every: Duration,
        count: Option<u64>,
    ) -> std::result::Result<Self, FrameError> {
        let (mut wire, now) = (Vec::new(), Instant::now());
        framing.encode(id, message, &mut wire)?;
        let (sent, received, sending, end) = (0, 0, false, None);
        Ok(Self { framing, id, wire, every, count, sent, received, due: now, heard: now, sending, end })
    }

    /// What is sent again and again.
    pub(super) fn wire(&self) -> &[u8] {
        &self.wire
    }

    /// What the stream of the server is received into.
    pub(super) fn decoder(&self) -> Decoder {
        Decoder::with_buffer(self.framing, BUFFER)
    }

    fn bytes_sent(&self) -> u64 {
        self.sent * self.wire.len() as u64
    }

    pub(super) fn next(&mut self) -> Next {
        let now = Instant::now();
        if self.end.is_some() {
            Next::Leave
        } else if self.sending {
            Next::Wait(None)
        } else if self.count.is_none_or(|count| self.sent < count) {
            match self.due.checked_duration_since(now) {
                Some(pause) if !pause.is_zero() => Next::Wait(Some(pause)),
                _ => {
                    self.sending = true;
                    Next::Send
                }
            }
        } else if self.received >= self.bytes_sent() {
            Next::Leave
        } else {
            match (self.heard + Self::STRAGGLERS).checked_duration_since(now) {
                Some(pause) if !pause.is_zero() => Next::Wait(Some(pause)),
                _ => Next::Leave,
            }
        }
    }

    /// A message has left, or not.
    pub(super) fn sent(&mut self, done: Result<()>) {
        self.sending = false;
        match done {
            Ok(()) => {
                self.sent += 1;
                say!("sent {}", Said(self.framing, self.id, &self.wire[self.framing.header_bytes()..]));
            }
            Err(error) => drop(self.fail(&error)),
        }
        self.heard = Instant::now();
        self.due = self.heard + self.every;
    }

    /// So many bytes have arrived in the decoder's space, or the receive has failed; answers whether to receive again.
    pub(super) fn received(&mut self, decoder: &mut Decoder, done: Result<usize>) -> bool {
        match done {
            Ok(0) => {
                if let Err(error) = decoder.finish() {
                    return self.fail(&error);
                }
                self.end.get_or_insert(End::Closed);
                false
            }
            Ok(bytes) => {
                self.received += bytes as u64;
                self.heard = Instant::now();
                decoder.filled(bytes);
                loop {
                    match decoder.next() {
                        Ok(Some(message)) => say!("received {}", Said(self.framing, message.id(), &message)),
                        Ok(None) => return true,
                        Err(error) => return self.fail(&error),
                    }
                }
            }
            Err(error) => self.fail(&error),
        }
    }

    /// The first failure counts. There is nothing to receive any more.
    fn fail(&mut self, why: &dyn Display) -> bool {
        self.end.get_or_insert_with(|| End::Failed(why.to_string()));
        false
    }

    pub(super) fn failure(&self) -> Option<&str> {
        match &self.end {
            Some(End::Failed(why)) => Some(why),
            _ => None,
        }
    }
}

impl Display for Talk {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(End::Closed) = self.end {
            f.write_str("the server has closed the connection\n")?;
        }
        let (messages, sent, received) = (Count(self.sent, "message"), self.bytes_sent(), self.received);
        write!(f, "sent {messages}: {sent} bytes sent, {received} bytes received")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talk(framing: Framing, every: Duration, count: Option<u64>) -> Talk {
        Talk::new(framing, 7, b"hello", every, count).unwrap()
    }

    fn arrive(talk: &mut Talk, decoder: &mut Decoder, bytes: &[u8]) -> bool {
        decoder.space()[..bytes.len()].copy_from_slice(bytes);
        talk.received(decoder, Ok(bytes.len()))
    }

    #[test]
    fn sends_one_message_at_a_time_and_leaves_when_all_is_back() {
        for framing in [Framing::raw(), Framing::packets()] {
            let mut talk = talk(framing, Duration::ZERO, Some(2));
            let mut decoder = talk.decoder();
            assert_eq!(talk.next(), Next::Send);
            assert_eq!(talk.next(), Next::Wait(None));
            talk.sent(Ok(()));
            assert_eq!(talk.next(), Next::Send);
            talk.sent(Ok(()));
            assert!(matches!(talk.next(), Next::Wait(Some(_))));
            let back = talk.wire().repeat(2);
            assert!(arrive(&mut talk, &mut decoder, &back));
            assert_eq!(talk.next(), Next::Leave);
            assert!(talk.failure().is_none());
        }
    }

    #[test]
    fn pauses_between_messages() {
        let mut talk = talk(Framing::raw(), Duration::from_secs(60), None);
        assert_eq!(talk.next(), Next::Send);
        talk.sent(Ok(()));
        assert!(matches!(talk.next(), Next::Wait(Some(pause)) if pause > Duration::from_secs(30)));
    }

    #[test]
    fn leaves_when_the_server_does() {
        let mut talk = talk(Framing::raw(), Duration::ZERO, None);
        let mut decoder = talk.decoder();
        assert!(!talk.received(&mut decoder, Ok(0)));
        assert_eq!(talk.next(), Next::Leave);
        assert!(talk.to_string().starts_with("the server has closed the connection\n"));
    }

    #[test]
    fn fails_when_the_server_sends_no_packets() {
        for (bytes, says) in [(&b"\x01\0\0\0"[..], "less than its header"), (b"\x09\0\x07\0", "ended after 4 bytes")] {
            let mut talk = talk(Framing::packets(), Duration::ZERO, None);
            let mut decoder = talk.decoder();
            if arrive(&mut talk, &mut decoder, bytes) {
                assert!(!talk.received(&mut decoder, Ok(0)));
            }
            assert_eq!(talk.next(), Next::Leave);
            assert!(talk.failure().is_some_and(|why| why.contains(says)), "{:?}", talk.failure());
        }
    }
}
