//! What a server has done: counted by each thread for itself, added up at the end.

use crate::output::Count;
use overlapped::Error;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) clients: u64,
    /// Receives that brought data; a stream knows no messages.
    pub(super) messages: u64,
    pub(super) received: u64,
    pub(super) sent: u64,
    /// Clients that were closed because they did not read.
    pub(super) evicted: u64,
    errors: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(super) fn failed(&mut self, error: &Error) {
        *self.errors.entry(error.name()).or_default() += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.clients += other.clients;
        self.messages += other.messages;
        self.received += other.received;
        self.sent += other.sent;
        self.evicted += other.evicted;
        for (name, count) in &other.errors {
            *self.errors.entry(name).or_default() += count;
        }
    }
}

impl Display for Tally {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { clients, messages, received, sent, evicted, errors } = self;
        let (clients, messages) = (Count(*clients, "client"), Count(*messages, "message"));
        write!(f, "served {clients}: {messages}, {received} bytes received, {sent} bytes sent")?;
        if *evicted > 0 {
            write!(f, "; {evicted} closed because they did not read")?;
        }
        f.write_str("; errors: ")?;
        if errors.is_empty() {
            return f.write_str("none");
        }
        for (place, (name, count)) in errors.iter().enumerate() {
            write!(f, "{}{name} {count}", if place == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
