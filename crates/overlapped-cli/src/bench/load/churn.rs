//! Connections that are made, exchange one message, and close: so many at a time.

use super::addresses::Addresses;
use super::protocol::{Job, Slice};
use super::sessions::{Line, Outcome, PATIENCE, Packet, Sessions, Stream, silent};
use super::{Generator, Watch};
use crate::bench::latencies::Latencies;
use overlapped::Overlapped;
use std::net::Ipv4Addr;
use std::process;
use std::time::{Duration, Instant};

pub(super) struct Churn {
    sessions: Sessions,
    stream: Stream,
    size: usize,
    addresses: Option<Addresses>,
    /// By session: what it is at.
    visits: Vec<Visit>,
}

/// One connection.
#[derive(Clone, Copy)]
struct Visit {
    /// Where its message stands in the stream.
    place: u64,
    begin: Instant,
    received: usize,
}

/// How a slice goes on.
struct Course {
    open: u64,
    messages: u64,
    errors: u64,
    /// Since the last that went well.
    in_a_row: u64,
    latencies: Latencies,
}

impl Churn {
    /// More failures without a success in between are no accident.
    const TOLERATED: u64 = 1000;
    const BUFFER: usize = 64 << 10;
    /// Connections from an address: far fewer than it has ports.
    const EACH: u16 = 1000;

    pub(super) fn new(job: &Job) -> Self {
        let begin = Instant::now();
        // Another loader is likely to begin elsewhere.
        let first = Ipv4Addr::new(127, 16 + (process::id() % 200) as u8, 0, 1);
        Self {
            sessions: Sessions::new(job),
            stream: Stream::new(job.size),
            size: job.size,
            addresses: Addresses::new(job.to.ip(), first, Self::EACH),
            visits: (0..job.sessions).map(|number| Visit { place: number as u64 * 131, begin, received: 0 }).collect(),
        }
    }

    fn dial(&mut self, number: usize, course: &mut Course) -> Outcome<()> {
        let visit = &mut self.visits[number];
        *visit = Visit { place: visit.place + self.size as u64, begin: Instant::now(), received: 0 };
        let from = self.addresses.as_mut().map(Addresses::next);
        let buffer = self.size.min(Self::BUFFER);
        self.sessions.dial(number, from, buffer).map_err(|error| format!("cannot connect: {error}"))?;
        course.open += 1;
        Ok(())
    }

    /// A packet of a connection; the line is given back while it goes on.
    fn step(&mut self, packet: Packet) -> std::result::Result<Step, (usize, String)> {
        match packet {
            Packet::Connected(line, done) => {
                let number = line.number;
                let failed = |error: overlapped::Error| (number, error.to_string());
                done.map_err(failed)?;
                let _ = line.socket.set_nodelay(true);
                line.socket.give_copy(self.stream.at(self.visits[number].place, self.size)).map_err(failed)?;
                Ok(Step::Going(line))
            }
            Packet::Received(line, done) => {
                let number = line.number;
                let bytes = Sessions::arrived(number, done).map_err(|why| (number, why))?;
                let visit = &mut self.visits[number];
                let fits = visit.received + bytes <= self.size;
                if !fits || line.buffer[..bytes] != *self.stream.at(visit.place + visit.received as u64, bytes) {
                    return Ok(Step::Wrong);
                }
                visit.received += bytes;
                Ok(if visit.received == self.size { Step::Over(number) } else { Step::Going(line) })
            }
        }
    }
}

enum Step {
    Going(Overlapped<Line>),
    /// The message has come back, and the connection is closed.
    Over(usize),
    Wrong,
}

impl Generator for Churn {
    fn slice(&mut self, length: Duration) -> Outcome<Slice> {
        let watch = Watch::start();
        let mut course = Course { open: 0, messages: 0, errors: 0, in_a_row: 0, latencies: Latencies::new() };
        for number in 0..self.visits.len() {
            self.dial(number, &mut course)?;
        }
        let (mut packets, mut last) = (Vec::new(), watch.begin);
        while course.open > 0 {
            self.sessions.wait(&mut packets, PATIENCE)?;
            if packets.is_empty() {
                return Err(silent(course.open));
            }
            for packet in packets.drain(..) {
                let number = match self.step(packet) {
                    Ok(Step::Going(line)) => {
                        self.sessions.receive(line);
                        continue;
                    }
                    Ok(Step::Wrong) => return Err("the server answers wrongly: other bytes than were sent".into()),
                    Ok(Step::Over(number)) => {
                        last = Instant::now();
                        course.latencies.record(last - self.visits[number].begin);
                        course.messages += 1;
                        course.in_a_row = 0;
                        number
                    }
                    Err((number, why)) => {
                        course.errors += 1;
                        course.in_a_row += 1;
                        if course.in_a_row > Self::TOLERATED {
                            return Err(format!("{} connections in a row have failed: {why}", course.in_a_row));
                        }
                        number
                    }
                };
                course.open -= 1;
                if watch.begin.elapsed() < length {
                    self.dial(number, &mut course)?;
                }
            }
        }
        let Course { messages, errors, latencies, .. } = course;
        Ok(Slice { messages, errors, latencies: latencies.counted(), ..watch.stop(last) })
    }
}
