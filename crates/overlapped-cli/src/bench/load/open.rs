//! An echo where messages are due at their times, whether answers have come or not. How long one took counts from when it was due,
//! so one that had to wait for the server to take those before it has taken long: that is what *coordinated omission* would hide.

use super::protocol::{Job, Slice};
use super::sessions::{Outcome, PATIENCE, Packet, silent};
use super::talk::Talk;
use super::{Generator, Watch};
use crate::bench::latencies::Latencies;
use std::time::{Duration, Instant};

pub(super) struct Open {
    talk: Talk,
    depth: u64,
    /// Messages per second.
    rate: f64,
    alone: bool,
    /// By session: messages sent and answered in this slice.
    counts: Vec<(u64, u64)>,
}

/// When the messages of a slice are due: the sessions take turns.
#[derive(Clone, Copy)]
struct Schedule {
    begin: Instant,
    rate: f64,
    sessions: u64,
    /// All of the slice.
    total: u64,
}

impl Schedule {
    fn due(&self, message: u64) -> Instant {
        self.begin + Duration::from_secs_f64(message as f64 / self.rate)
    }

    /// The message of this place in the order of a session.
    fn of(&self, session: usize, place: u64) -> u64 {
        session as u64 + place * self.sessions
    }
}

/// How a slice goes on.
struct Course {
    schedule: Schedule,
    /// The first message that was never looked at.
    next: u64,
    on_the_way: u64,
    ends: Instant,
    latencies: Latencies,
    late: Latencies,
}

impl Open {
    /// How long a loader with a processor of its own does not sleep for: it would wake too late.
    const SHORT: Duration = Duration::from_micros(200);
    /// How many messages that were never sent are put down one by one.
    const STEPS: u64 = 10_000;

    pub(super) fn new(talk: Talk, job: &Job, rate: f64) -> Self {
        Self { talk, depth: job.depth as u64, rate, alone: job.alone, counts: vec![(0, 0); job.active] }
    }

    /// Sends what is due.
    fn catch_up(&mut self, course: &mut Course) -> Outcome<()> {
        let now = Instant::now();
        while course.next < course.schedule.total {
            let due = course.schedule.due(course.next);
            if due > now {
                break;
            }
            let session = (course.next % course.schedule.sessions) as usize;
            let (sent, answered) = self.counts[session];
            // Otherwise it is sent when an answer has come.
            if course.schedule.of(session, sent) == course.next && sent - answered < self.depth {
                course.late.record(Instant::now() - due);
                self.send(session, course)?;
            }
            course.next += 1;
        }
        Ok(())
    }

    fn send(&mut self, session: usize, course: &mut Course) -> Outcome<()> {
        self.talk.send(session, 1)?;
        self.counts[session].0 += 1;
        course.on_the_way += 1;
        Ok(())
    }

    /// So many messages have come back on a session.
    fn answered(&mut self, session: usize, whole: usize, course: &mut Course) -> Outcome<Instant> {
        let now = Instant::now();
        for _ in 0..whole {
            let place = &mut self.counts[session].1;
            course.latencies.record(now - course.schedule.due(course.schedule.of(session, *place)));
            *place += 1;
        }
        course.on_the_way -= whole as u64;
        // What was due, and had no room.
        while now < course.ends {
            let (sent, answered) = self.counts[session];
            let message = course.schedule.of(session, sent);
            if message >= course.next || sent - answered >= self.depth {
                break;
            }
            self.send(session, course)?;
        }
        Ok(now)
    }

    /// How long to wait for something to come.
    fn pause(&self, course: &Course) -> Duration {
        if course.next >= course.schedule.total {
            return PATIENCE;
        }
        let pause = course.schedule.due(course.next).saturating_duration_since(Instant::now());
        if self.alone && pause < Self::SHORT { Duration::ZERO } else { pause }
    }

    /// What was due and was never sent has taken until now at least; how many these are.
    fn give_up(&self, course: &mut Course) -> u64 {
        let (now, mut unsent) = (Instant::now(), 0);
        for (session, &(sent, _)) in self.counts.iter().enumerate() {
            let Schedule { sessions, total, .. } = course.schedule;
            let all = total.saturating_sub(session as u64).div_ceil(sessions);
            let step = (all - sent).div_ceil(Self::STEPS).max(1);
            let mut place = sent;
            while place < all {
                let many = step.min(all - place);
                course.latencies.record_many(now - course.schedule.due(course.schedule.of(session, place)), many);
                place += many;
            }
            unsent += all - sent;
        }
        unsent
    }
}

impl Generator for Open {
    fn slice(&mut self, length: Duration) -> Outcome<Slice> {
        let watch = Watch::start();
        self.counts.fill((0, 0));
        let total = (self.rate * length.as_secs_f64()) as u64;
        let schedule = Schedule { begin: watch.begin, rate: self.rate, sessions: self.counts.len() as u64, total };
        let (latencies, late, ends) = (Latencies::new(), Latencies::new(), watch.begin + length);
        let mut course = Course { schedule, next: 0, on_the_way: 0, ends, latencies, late };
        let (mut packets, mut last, mut heard) = (Vec::new(), watch.begin, Instant::now());
        while course.next < total || course.on_the_way > 0 {
            self.catch_up(&mut course)?;
            self.talk.sessions.wait(&mut packets, self.pause(&course))?;
            if packets.is_empty() && course.on_the_way > 0 && heard.elapsed() >= PATIENCE {
                return Err(silent(course.on_the_way));
            }
            if !packets.is_empty() || course.on_the_way == 0 {
                heard = Instant::now();
            }
            for packet in packets.drain(..) {
                let Packet::Received(line, done) = packet else { continue };
                let (session, whole) = (line.number, self.talk.heard(&line, done)?);
                if whole > 0 {
                    last = self.answered(session, whole, &mut course)?;
                }
                self.talk.sessions.receive(line);
            }
        }
        let messages = self.counts.iter().map(|&(_, answered)| answered).sum();
        let unsent = self.give_up(&mut course);
        let (latencies, late) = (course.latencies.counted(), course.late.counted());
        Ok(Slice { messages, latencies, late, unsent, ..watch.stop(last) })
    }
}
