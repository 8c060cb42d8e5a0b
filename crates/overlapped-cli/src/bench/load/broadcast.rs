//! A chat room: one says something, all others hear it, and then the next one speaks. A message counts once for each who hears it.

use super::protocol::{Job, Slice};
use super::sessions::{Line, Outcome, PATIENCE, Packet, Sessions, Stream, silent};
use super::{Generator, Watch};
use crate::bench::latencies::Latencies;
use overlapped::{Completion, Overlapped, Result};
use std::time::{Duration, Instant};

pub(super) struct Broadcast {
    sessions: Sessions,
    stream: Stream,
    size: usize,
    /// How many messages one says in a row.
    depth: usize,
    speakers: usize,
    /// A server may send to the speaker, too.
    hears_itself: bool,
    turn: u64,
    /// By session: bytes heard in this turn.
    heard: Vec<usize>,
    /// What waits for it to be heard again.
    packets: Vec<Packet>,
}

/// Before the talk begins all must be there. These bytes fill messages until then, and are told apart whatever their number.
const HELLO: u8 = b'h';
const SILENCE: u8 = b's';
const ANSWER: u8 = b'a';

impl Broadcast {
    /// How often one says hello who was not heard by all.
    const AGAIN: Duration = Duration::from_millis(50);

    /// Opens the sessions, and finds out who hears whom.
    pub(super) fn new(job: &Job) -> Outcome<Self> {
        let length = job.size * job.depth;
        let buffer = length.clamp(1024, 64 << 10);
        let mut room = Self {
            sessions: Sessions::new(job),
            stream: Stream::new(length.max(buffer)),
            size: job.size,
            depth: job.depth,
            speakers: job.active,
            hears_itself: false,
            turn: 0,
            heard: vec![0; job.sessions],
            packets: Vec::new(),
        };
        for _ in 0..job.sessions {
            room.sessions.connect(buffer)?;
        }
        room.meet()?;
        Ok(room)
    }

    /// The first says hello until all have heard it; then that it is silent. The second answers, and what the first has heard by
    /// then tells whether one hears oneself.
    fn meet(&mut self) -> Outcome<()> {
        let mut last = vec![0; self.heard.len()];
        let mut counts = vec![[0; 3]; self.heard.len()];
        let begin = Instant::now();
        while counts[1..].iter().any(|count| count[0] == 0) {
            self.say(0, HELLO)?;
            let again = Instant::now() + Self::AGAIN;
            while Instant::now() < again && counts[1..].iter().any(|count| count[0] == 0) {
                self.count(&mut counts, &mut last, again.saturating_duration_since(Instant::now()))?;
            }
            if begin.elapsed() > PATIENCE {
                let deaf = counts[1..].iter().position(|count| count[0] == 0).map_or(0, |place| place + 2);
                return Err(format!("session {deaf} does not hear what another says: does the server send to all?"));
            }
        }
        self.say(0, SILENCE)?;
        self.until(&mut counts, &mut last, |size, counts| counts[1..].iter().all(|count| count[1] >= size))?;
        self.say(1, ANSWER)?;
        let others = |(number, count): (usize, &[usize; 3]), size| number == 1 || count[2] >= size;
        self.until(&mut counts, &mut last, |size, counts| counts.iter().enumerate().all(|one| others(one, size)))?;
        self.hears_itself = counts[0][1] > 0;
        if self.hears_itself {
            self.until(&mut counts, &mut last, |size, counts| counts[1][2] >= size)?;
        }
        Ok(())
    }

    fn say(&self, number: usize, byte: u8) -> Outcome<()> {
        self.sessions.give(number, &vec![byte; self.size])
    }

    fn until(
        &mut self,
        counts: &mut [[usize; 3]],
        last: &mut [usize],
        done: impl Fn(usize, &[[usize; 3]]) -> bool,
    ) -> Outcome<()> {
        while !done(self.size, counts) {
            if !self.count(counts, last, PATIENCE)? {
                return Err(silent(1));
            }
        }
        Ok(())
    }

    /// Counts by session and word what is heard; whether something was.
    fn count(&mut self, counts: &mut [[usize; 3]], last: &mut [usize], timeout: Duration) -> Outcome<bool> {
        let mut packets = std::mem::take(&mut self.packets);
        self.sessions.wait(&mut packets, timeout)?;
        let something = !packets.is_empty();
        for packet in packets.drain(..) {
            let Packet::Received(line, done) = packet else { continue };
            let (number, bytes) = (line.number, Sessions::arrived(line.number, done)?);
            for byte in &line.buffer[..bytes] {
                let word = [HELLO, SILENCE, ANSWER].iter().position(|word| word == byte);
                let word = word.filter(|&word| word >= last[number]);
                let word = word.ok_or_else(|| wrong(number))?;
                last[number] = word;
                counts[number][word] += 1;
            }
            self.sessions.receive(line);
        }
        self.packets = packets;
        Ok(something)
    }

    /// Something has come on a session: how many messages are whole now.
    fn hear(&mut self, line: &Overlapped<Line>, done: Result<Completion>, speaker: usize) -> Outcome<usize> {
        let (number, length) = (line.number, self.size * self.depth);
        let bytes = Sessions::arrived(number, done)?;
        let deaf = number == speaker && !self.hears_itself;
        let (place, heard) = (self.turn * length as u64, &mut self.heard[number]);
        if deaf || *heard + bytes > length || line.buffer[..bytes] != *self.stream.at(place + *heard as u64, bytes) {
            return Err(wrong(number));
        }
        let before = *heard / self.size;
        *heard += bytes;
        Ok(*heard / self.size - before)
    }
}

fn wrong(number: usize) -> String {
    format!("the server answers wrongly: session {} hears what nobody has said", number + 1)
}

impl Generator for Broadcast {
    fn slice(&mut self, length: Duration) -> Outcome<Slice> {
        let (watch, mut latencies, mut messages) = (Watch::start(), Latencies::new(), 0);
        let (mut packets, mut last) = (std::mem::take(&mut self.packets), watch.begin);
        let hearers = self.heard.len() - usize::from(!self.hears_itself);
        while last - watch.begin < length {
            let speaker = (self.turn % self.speakers as u64) as usize;
            let (bytes, begin) = (self.size * self.depth, Instant::now());
            self.sessions.give(speaker, self.stream.at(self.turn * bytes as u64, bytes))?;
            let mut on_the_way = hearers * self.depth;
            while on_the_way > 0 {
                self.sessions.wait(&mut packets, PATIENCE)?;
                if packets.is_empty() {
                    return Err(silent(on_the_way as u64));
                }
                for packet in packets.drain(..) {
                    let Packet::Received(line, done) = packet else { continue };
                    let whole = self.hear(&line, done, speaker)?;
                    if whole > 0 {
                        last = Instant::now();
                        latencies.record_many(last - begin, whole as u64);
                        messages += whole as u64;
                        on_the_way -= whole;
                    }
                    self.sessions.receive(line);
                }
            }
            self.turn += 1;
            self.heard.fill(0);
        }
        self.packets = packets;
        Ok(Slice { messages, latencies: latencies.counted(), ..watch.stop(last) })
    }
}
