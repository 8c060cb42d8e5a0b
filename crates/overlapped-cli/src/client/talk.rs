//! What a client does next, whatever the model: when to send, what to print, when it is over.

use crate::output::{Count, Preview, say};
use overlapped::{Completion, Error, Result};
use std::fmt::{self, Display, Formatter};
use std::time::{Duration, Instant};

/// One conversation with a server.
#[derive(Clone)]
pub(super) struct Talk {
    size: usize,
    every: Duration,
    count: Option<u64>,
    sent: u64,
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
    Failed(Error),
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

    pub(super) fn new(size: usize, every: Duration, count: Option<u64>) -> Self {
        let now = Instant::now();
        Self { size, every, count, sent: 0, received: 0, due: now, heard: now, sending: false, end: None }
    }

    fn bytes_sent(&self) -> u64 {
        self.sent * self.size as u64
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
    pub(super) fn sent(&mut self, message: &[u8], done: Result<Completion>) {
        self.sending = false;
        match done {
            Ok(done) => {
                self.sent += 1;
                say!("sent {} bytes: {}", done.bytes, Preview(message));
            }
            Err(error) => self.fail(error),
        }
        self.heard = Instant::now();
        self.due = self.heard + self.every;
    }

    /// Something has arrived, or the receive has failed; answers whether to receive again.
    pub(super) fn received(&mut self, buffer: &[u8], done: Result<Completion>) -> bool {
        match done {
            Ok(done) if done.bytes > 0 => {
                self.received += done.bytes as u64;
                self.heard = Instant::now();
                say!("received {} bytes: {}", done.bytes, Preview(&buffer[..done.bytes]));
                return true;
            }
            Ok(_) => self.end = self.end.take().or(Some(End::Closed)),
            Err(error) => self.fail(error),
        }
        false
    }

    fn fail(&mut self, error: Error) {
        self.end = self.end.take().or(Some(End::Failed(error)));
    }

    pub(super) fn failure(&self) -> Option<&Error> {
        match &self.end {
            Some(End::Failed(error)) => Some(error),
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

    fn done(bytes: usize) -> Result<Completion> {
        let mut done = Completion::default();
        done.bytes = bytes;
        Ok(done)
    }

    #[test]
    fn sends_one_message_at_a_time_and_leaves_when_all_is_back() {
        let mut talk = Talk::new(5, Duration::ZERO, Some(2));
        assert_eq!(talk.next(), Next::Send);
        assert_eq!(talk.next(), Next::Wait(None));
        talk.sent(b"hello", done(5));
        assert_eq!(talk.next(), Next::Send);
        talk.sent(b"hello", done(5));
        assert!(matches!(talk.next(), Next::Wait(Some(_))));
        assert!(talk.received(b"hellohello", done(10)));
        assert_eq!(talk.next(), Next::Leave);
        assert!(talk.failure().is_none());
    }

    #[test]
    fn pauses_between_messages() {
        let mut talk = Talk::new(5, Duration::from_secs(60), None);
        assert_eq!(talk.next(), Next::Send);
        talk.sent(b"hello", done(5));
        assert!(matches!(talk.next(), Next::Wait(Some(pause)) if pause > Duration::from_secs(30)));
    }

    #[test]
    fn leaves_when_the_server_does() {
        let mut talk = Talk::new(5, Duration::ZERO, None);
        assert!(!talk.received(b"", done(0)));
        assert_eq!(talk.next(), Next::Leave);
        assert!(talk.to_string().starts_with("the server has closed the connection\n"));
    }
}
