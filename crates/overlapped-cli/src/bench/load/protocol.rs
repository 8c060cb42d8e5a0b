//! What the bench and its loaders tell each other, a line of JSON each: the loader's input is a job and then orders, its output
//! one answer for each of them.

use super::super::latencies::Counted;
use super::super::report::Shape;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// What a loader is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Job {
    /// Where the server listens.
    pub(in super::super) to: SocketAddr,
    /// Which one it is of those who share the sessions.
    pub(in super::super) part: usize,
    pub(in super::super) shape: Shape,
    pub(in super::super) sessions: usize,
    /// How many of them talk.
    pub(in super::super) active: usize,
    /// Bytes of a message.
    pub(in super::super) size: usize,
    /// Messages on the way on each session, at most.
    pub(in super::super) depth: usize,
    /// Messages per second of all sessions together.
    pub(in super::super) rate: Option<f64>,
    /// The processor is the loader's alone: it may look at the clock again and again for a message to be due.
    pub(in super::super) alone: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum Order {
    /// Open the sessions.
    Connect,
    /// Load the server for so many seconds.
    Slice(f64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in super::super) enum Reply {
    /// The job was read, and the server has given a right answer.
    Ready,
    Connected,
    Slice(Slice),
    /// It is over.
    Failed(String),
}

/// What came of a slice. At its end no message is on the way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(in super::super) struct Slice {
    pub(in super::super) messages: u64,
    /// From the first message to the last answer.
    pub(in super::super) seconds: f64,
    /// Processor time of the loader, if the system tells.
    pub(in super::super) busy: Option<f64>,
    pub(in super::super) errors: u64,
    pub(in super::super) latencies: Counted,
    /// How late the loader itself was with messages that were due at a time.
    pub(in super::super) late: Counted,
    /// Messages that were due and could not be sent, because too many were on the way.
    pub(in super::super) unsent: u64,
}
