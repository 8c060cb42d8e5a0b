//! What happens at its time: the tick, and what the first thread looks after for all sessions.

use super::common::Common;
use super::counters::Tally;
use super::handle::Handle;
use super::reason::Reason;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) type OnTick = Box<dyn FnMut(&Handle) + Send>;

/// The clock of the first thread. Sessions have no timers: it looks at all of them now and then.
pub(super) struct Clock {
    tick: Option<Tick>,
    looked: Instant,
}

/// A call at a fixed rate.
pub(super) struct Tick {
    every: Duration,
    next: Instant,
    call: OnTick,
}

impl Tick {
    /// A tick that is further behind leaves some out.
    const BEHIND: u32 = 16;

    pub(super) fn new(every: Duration, call: OnTick) -> Self {
        // Nothing is called without an end.
        let every = every.max(Duration::from_micros(100));
        Self { every, next: Instant::now() + every, call }
    }

    /// Makes one call if one is due, at whole numbers of periods after the start. What else has become due is made up for in
    /// the next turns: calls that take longer than their period would leave no time for anything else.
    fn run(&mut self, common: &Arc<Common>, tally: &Tally) {
        let late = Instant::now().saturating_duration_since(self.next);
        let behind = (late.as_nanos() / self.every.as_nanos()).try_into().unwrap_or(u32::MAX);
        if let Some(missed) = behind.checked_sub(Self::BEHIND) {
            self.next += self.every * missed;
            tally.missed_ticks.bump(missed.into());
        }
        if self.next <= Instant::now() {
            self.next += self.every;
            tally.ticks.bump(1);
            let handle = Handle::new(Arc::clone(common));
            if catch_unwind(AssertUnwindSafe(|| (self.call)(&handle))).is_err() {
                tally.panics.bump(1);
            }
        }
    }
}

impl Clock {
    pub(super) fn new(tick: Option<Tick>) -> Self {
        Self { tick, looked: Instant::now() }
    }

    pub(super) fn has_tick(&self) -> bool {
        self.tick.is_some()
    }

    /// Nothing is called any more.
    pub(super) fn stop(&mut self) -> Option<Tick> {
        self.tick.take()
    }

    /// When there is something to do.
    pub(super) fn due(&self, common: &Common) -> Option<Instant> {
        let tick = self.tick.as_ref().map(|tick| tick.next);
        let look = self.looks_every(common).map(|every| self.looked + every);
        let drain = Some(common.drain_by()).filter(|by| *by != u64::MAX).and_then(|by| common.instant(by));
        [tick, look, drain].into_iter().flatten().min()
    }

    /// How often it looks at the sessions: often enough that nothing is late by more than an eighth.
    fn looks_every(&self, common: &Common) -> Option<Duration> {
        let config = &common.config;
        let heartbeat = config.heartbeat.as_ref().map(|(every, _)| *every);
        let linger = common.watches_ends().then_some(config.linger);
        let shortest = [config.idle, heartbeat, linger].into_iter().flatten().min()?;
        Some(Duration::from_millis((shortest / 8).clamp(5, 1000)))
    }

    pub(super) fn run(&mut self, common: &Arc<Common>, tally: &Tally) {
        if let Some(tick) = &mut self.tick {
            tick.run(common, tally);
        }
        let now = common.now();
        let cut = now >= common.drain_by();
        let due = self.looks_every(common).is_some_and(|every| self.looked.elapsed() >= every);
        if cut || due {
            self.looked = Instant::now();
            look(common, now, cut);
        }
    }
}

/// Sends heartbeats, and ends the sessions whose time is over.
fn look(common: &Common, now: u64, cut: bool) {
    let config = &common.config;
    let mut late = Vec::new();
    // Both times are cut to milliseconds, so only one more is surely as long as was asked for.
    common.registry.each(|session| {
        if cut || session.end_by() <= now {
            late.push((session.clone(), None));
        } else if config.idle.is_some_and(|idle| session.silent_for(now) > idle) && !session.is_ending() {
            late.push((session.clone(), Some(Reason::Idle)));
        } else if let Some((every, packet)) = &config.heartbeat {
            // What still waits for the peer does the same.
            if session.said_nothing_for(now) > *every && session.queued_bytes() == 0 {
                session.send(packet.clone());
            }
        }
    });
    for (session, reason) in late {
        match reason {
            Some(reason) => session.end(reason, false),
            None => session.end(Reason::Drained, true),
        }
    }
}
