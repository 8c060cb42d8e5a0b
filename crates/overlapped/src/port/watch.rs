//! Threads that sleep where the port does not see it: in a lock of std, in a read.
//!
//! They count as running, and may wait for what another packet would do. With the gate closed the waiter that came first looks
//! every millisecond: if a packet has waited that long and a running thread sleeps, that thread does not count any more, and the
//! next is released. One that computes is not replaced. The watch goes on for a while when the gate is open again, since it
//! usually closes soon, and to begin is a wake-up.

use super::queue::{Leader, Queue, State};
use crate::delivery::Unwanted;
use crate::thread::{ThreadCore, Waking};
use std::sync::Arc;
use std::time::Duration;

/// How long a packet waits before the port looks for a thread that sleeps.
pub(super) const PERIOD: Duration = Duration::from_millis(1);

/// As long as packets are taken, only each so many looks ask whether a thread sleeps: to ask costs more than the look.
const BUSY: u32 = 8;

/// So many looks at an open gate end the watch.
const QUIET: u32 = 100;

#[derive(Default)]
pub(super) struct Watch {
    on: bool,
    /// How many packets had been queued at the last look.
    queued: u64,
    /// How many had been taken.
    taken: u64,
    quiet: u32,
    /// Looks at which the first packet had waited, but others were taken meanwhile.
    busy: u32,
}

impl Watch {
    /// Begins; whether it was not on.
    pub(super) fn begin(&mut self) -> bool {
        !std::mem::replace(&mut self.on, true)
    }

    pub(super) fn is_on(&self) -> bool {
        self.on
    }

    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}

impl<P: Send + 'static> Queue<P> {
    /// One look, by a waiter.
    pub(super) fn look<'a>(
        &'a self,
        mut state: Waking<'a, State<P>>,
        watcher: &Arc<ThreadCore>,
        unwanted: &mut Unwanted,
    ) -> Waking<'a, State<P>> {
        if self.is_open(&state) {
            state.watch.quiet += 1;
            if state.watch.quiet > QUIET {
                state.watch.end();
            }
            return state;
        }
        if !state.has_packets() && !state.has_leader() {
            state = self.poll(state, watcher, unwanted);
        }
        let taken = state.taken;
        // The first of those that wait was there at the last look.
        let stuck = state.has_packets() && taken < state.watch.queued;
        let busy = if stuck && taken > state.watch.taken { state.watch.busy + 1 } else { 0 };
        let queued = taken + state.queued() as u64;
        state.watch = Watch { on: state.watch.on, queued, taken, quiet: 0, busy: busy % BUSY };
        if !stuck || state.watch.busy > 0 {
            return state;
        }
        let running = state.running.clone();
        drop(state);
        let sleeper = running.iter().find(|run| run.worker.sleeps());
        let mut state = self.state();
        if sleeper.is_some_and(|sleeper| state.stop_run(sleeper)) {
            self.dispatch(&mut state);
        }
        state
    }

    /// Lets complete what can if nobody leads; never blocks.
    pub(super) fn poll<'a>(
        &'a self,
        mut state: Waking<'a, State<P>>,
        thread: &Arc<ThreadCore>,
        unwanted: &mut Unwanted,
    ) -> Waking<'a, State<P>> {
        let Some(home) = self.busy_home().filter(|_| !state.has_leader()) else { return state };
        state.set_leader(Leader::Awake, thread);
        drop(state);
        home.poll();
        home.harvest(unwanted);
        state = self.state();
        state.resign();
        state
    }
}
