//! An echo where each answer brings the next message: so many are on the way on each session, all the time.

use super::protocol::{Job, Slice};
use super::sessions::{Outcome, PATIENCE, Packet, silent};
use super::talk::Talk;
use super::{Generator, Watch};
use crate::bench::latencies::Latencies;
use std::time::{Duration, Instant};

pub(super) struct Closed {
    talk: Talk,
    depth: usize,
    /// When the messages on the way were sent: a ring for each session.
    sent: Vec<Ring>,
}

/// Messages come back in the order in which they were sent.
struct Ring {
    times: Box<[Instant]>,
    next: usize,
}

impl Closed {
    pub(super) fn new(talk: Talk, job: &Job) -> Self {
        let ring = || Ring { times: vec![Instant::now(); job.depth].into(), next: 0 };
        Self { talk, depth: job.depth, sent: (0..job.active).map(|_| ring()).collect() }
    }
}

impl Generator for Closed {
    fn slice(&mut self, length: Duration) -> Outcome<Slice> {
        let (watch, mut latencies, mut messages) = (Watch::start(), Latencies::new(), 0);
        let mut on_the_way = 0;
        for (number, ring) in self.sent.iter_mut().enumerate() {
            ring.times.fill(Instant::now());
            self.talk.send(number, self.depth)?;
            on_the_way += self.depth as u64;
        }
        let (mut packets, mut last) = (Vec::new(), watch.begin);
        while on_the_way > 0 {
            self.talk.sessions.wait(&mut packets, PATIENCE)?;
            if packets.is_empty() {
                return Err(silent(on_the_way));
            }
            for packet in packets.drain(..) {
                let Packet::Received(line, done) = packet else { continue };
                let (number, whole) = (line.number, self.talk.heard(&line, done)?);
                if whole > 0 {
                    last = Instant::now();
                    let Ring { times, next } = &mut self.sent[number];
                    for _ in 0..whole {
                        latencies.record(last - std::mem::replace(&mut times[*next], last));
                        *next = (*next + 1) % times.len();
                    }
                    messages += whole as u64;
                    on_the_way -= whole as u64;
                    if last - watch.begin < length {
                        self.talk.send(number, whole)?;
                        on_the_way += whole as u64;
                    }
                }
                self.talk.sessions.receive(line);
            }
        }
        Ok(Slice { messages, latencies: latencies.counted(), ..watch.stop(last) })
    }
}
