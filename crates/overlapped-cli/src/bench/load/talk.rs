//! The sessions of an echo: what each has sent, and what must come back.

use super::protocol::Job;
use super::sessions::{Line, Outcome, Sessions, Stream};
use overlapped::{Completion, Overlapped, Result};

/// Sessions that talk, and others that do not.
pub(super) struct Talk {
    pub(super) sessions: Sessions,
    stream: Stream,
    size: usize,
    /// By number, of those that talk: bytes sent and received.
    places: Vec<(u64, u64)>,
}

impl Talk {
    /// A receive takes what is on the way at a time, within reason.
    const BUFFER: std::ops::RangeInclusive<usize> = 1024..=64 << 10;

    pub(super) fn new(job: &Job) -> Self {
        let longest = (job.size * job.depth).max(*Self::BUFFER.end());
        Self { sessions: Sessions::new(job), stream: Stream::new(longest), size: job.size, places: Vec::new() }
    }

    /// Opens those that talk.
    pub(super) fn connect(&mut self, job: &Job) -> Outcome<()> {
        let buffer = (job.size * job.depth).clamp(*Self::BUFFER.start(), *Self::BUFFER.end());
        for _ in 0..job.active {
            self.sessions.connect(buffer)?;
            self.places.push((0, 0));
        }
        Ok(())
    }

    /// Sends so many messages on a session.
    pub(super) fn send(&mut self, number: usize, messages: usize) -> Outcome<()> {
        let (length, place) = (messages * self.size, &mut self.places[number].0);
        self.sessions.give(number, self.stream.at(*place + Self::begin(number), length))?;
        *place += length as u64;
        Ok(())
    }

    /// Each session is at another place of the stream, so that the bytes of one are never right for another.
    fn begin(number: usize) -> u64 {
        number as u64 * 131
    }

    /// Something has come on a session: its number, and how many messages are whole now that were not before.
    pub(super) fn heard(&mut self, line: &Overlapped<Line>, done: Result<Completion>) -> Outcome<usize> {
        let number = line.number;
        let bytes = Sessions::arrived(number, done)?;
        let Some((sent, received)) = self.places.get_mut(number) else {
            return Err(format!(
                "the server answers wrongly: {bytes} bytes on session {}, which is silent",
                number + 1
            ));
        };
        if *received + bytes as u64 > *sent {
            return Err(format!("the server answers wrongly: more comes on session {} than was sent", number + 1));
        }
        let expected = self.stream.at(*received + Self::begin(number), bytes);
        if let Some(wrong) = line.buffer[..bytes].iter().zip(expected).position(|(got, expected)| got != expected) {
            let place = *received + wrong as u64 + 1;
            return Err(format!(
                "the server answers wrongly: byte {place} of session {} is not what was sent",
                number + 1
            ));
        }
        let before = *received / self.size as u64;
        *received += bytes as u64;
        Ok((*received / self.size as u64 - before) as usize)
    }
}
