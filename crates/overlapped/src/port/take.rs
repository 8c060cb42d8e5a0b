//! How a thread takes packets: it finds one, leads, follows or watches until it is handed one.

use super::queue::{Leader, Packet, Queue, State};
use super::watch::PERIOD;
use crate::codes;
use crate::delivery::Unwanted;
use crate::driver;
use crate::error::{Error, Operation, Result};
use crate::sync;
use crate::thread::{Engine, ThreadCore, Waking};
use crate::wait::LOOK;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What ended a take.
pub(super) enum Took<P> {
    Packet(Packet<P>),
    Routines,
    TimedOut,
}

pub(super) struct Take<'a, P> {
    pub(super) queue: &'a Arc<Queue<P>>,
    pub(super) core: &'a Arc<ThreadCore>,
    /// None when the thread is ending.
    pub(super) engine: Option<&'a Engine>,
    pub(super) alertable: bool,
}

fn closed() -> Error {
    Error::new(Operation::Port, codes::ERROR_ABANDONED_WAIT_0)
}

impl<P: Send + 'static> Take<'_, P> {
    /// The order of what can end it: a packet, queued routines, the timeout.
    pub(super) fn run(&self, timeout: Option<Duration>) -> Result<Took<P>> {
        if let Some(engine) = self.engine.filter(|_| self.alertable) {
            engine.resume_timers();
        }
        // From when it may be handed a packet.
        self.core.show();
        if let Some(packet) = self.enter()? {
            return Ok(Took::Packet(packet));
        }
        if let Some(engine) = self.routines() {
            engine.poll_home();
            if engine.run() > 0 {
                return Ok(Took::Routines);
            }
        }
        let deadline = timeout.and_then(|timeout| sync::now().checked_add(timeout));
        // With no time the kernel is asked, and nobody waits.
        let mut asked = timeout != Some(Duration::ZERO);
        loop {
            if asked {
                if let Some(took) = self.wait(deadline)? {
                    return Ok(took);
                }
            }
            // However short the time: what has completed by now counts.
            if let Some(took) = self.ask()? {
                return Ok(took);
            }
            if deadline.is_some_and(|deadline| sync::now() >= deadline) {
                return Ok(Took::TimedOut);
            }
            asked = true;
        }
    }

    /// The thread has come back; a packet that is there is its own.
    fn enter(&self) -> Result<Option<Packet<P>>> {
        let mut state = self.queue.state();
        state.stop(self.core);
        if state.closed {
            return Err(closed());
        }
        let packet = self.queue.take(&mut state, self.core);
        if packet.is_some() && self.queue.is_poll_due(&mut state) {
            let mut unwanted = Unwanted::default();
            let mut state = self.queue.poll(state, self.core, &mut unwanted);
            self.queue.dispatch(&mut state);
        }
        Ok(packet)
    }

    /// Asks the kernel, without blocking.
    fn ask(&self) -> Result<Option<Took<P>>> {
        let mut unwanted = Unwanted::default();
        if let Some(engine) = self.driven() {
            engine.poll_home();
        }
        let mut state = self.queue.poll(self.queue.state(), self.core, &mut unwanted);
        if state.closed {
            return Err(closed());
        }
        if let Some(packet) = self.queue.take(&mut state, self.core) {
            self.queue.appoint(&mut state);
            return Ok(Some(Took::Packet(packet)));
        }
        self.queue.appoint(&mut state);
        drop(state);
        Ok(self.routines().filter(|engine| engine.run() > 0).map(|_| Took::Routines))
    }

    /// The engine, if the wait is alertable and something is queued.
    fn routines(&self) -> Option<&Engine> {
        self.engine.filter(|engine| self.alertable && engine.has_queued())
    }

    /// The engine, if its home is driven by this wait.
    fn driven(&self) -> Option<&Engine> {
        self.engine.filter(|engine| self.alertable || engine.carries_for_others())
    }

    /// Waits as one of the port's waiters. `None` if the time was over, if what was queued has been taken back, or if something
    /// had to be dropped meanwhile, which may run code of the program that waits itself.
    fn wait(&self, deadline: Option<Instant>) -> Result<Option<Took<P>>> {
        let mut unwanted = Unwanted::default();
        let mut leads = false;
        let mut distant = false;
        let mut routines = false;
        let mut state = self.queue.state();
        if let Some(packet) = self.queue.take(&mut state, self.core) {
            return Ok(Some(Took::Packet(packet)));
        }
        state.waiters.push(Arc::clone(self.core));
        if !self.queue.wants_leader(&state) {
            self.queue.appoint(&mut state);
        }
        let took = loop {
            if let Some(packet) = self.queue.fetch(&mut state, self.core) {
                break Ok(Some(Took::Packet(packet)));
            }
            let expired = || deadline.is_some_and(|deadline| sync::now() >= deadline);
            if state.closed || routines || !unwanted.is_empty() || expired() {
                state.withdraw(self.core);
                break if state.closed { Err(closed()) } else { Ok(None) };
            }
            state = self.block(state, &mut leads, &mut distant, deadline, &mut unwanted);
            if let Some(engine) = self.driven() {
                // Not under the port's lock: it may come to sockets.
                drop(state);
                engine.catch_up();
                routines = self.routines().is_some();
                state = self.queue.state();
            }
        };
        if leads {
            state.resign();
        }
        self.queue.is_near(&mut state, distant);
        self.queue.appoint(&mut state);
        drop(state);
        drop(unwanted);
        if routines && matches!(took, Ok(None)) {
            return Ok(self.routines().filter(|engine| engine.run() > 0).map(|_| Took::Routines));
        }
        took
    }

    /// Blocks once, wherever what comes next wakes the thread.
    fn block<'s>(
        &'s self,
        mut state: Waking<'s, State<P>>,
        leads: &mut bool,
        distant: &mut bool,
        deadline: Option<Instant>,
        unwanted: &mut Unwanted,
    ) -> Waking<'s, State<P>> {
        let own = self.driven().and_then(Engine::busy_home);
        if own.is_some() {
            // Its routines come first; somebody else drives the port meanwhile.
            if std::mem::take(leads) {
                state.resign();
            }
            self.queue.is_distant(&mut state, distant);
        }
        let due = self.engine.filter(|_| self.alertable).and_then(Engine::next_due);
        let soon = state.watches(self.core).then(|| sync::now() + PERIOD);
        // Where no thread can be started to help, each that waits does its work now and then.
        let hub = driver::present().map(|context| &context.hub).filter(|hub| hub.is_helpless());
        let helps = hub.is_some() || own.is_some() && state.helper.is_refused();
        let look = helps.then(|| sync::now() + LOOK);
        let first = [deadline, due, soon, look].into_iter().flatten().min();
        let left = |first: Option<Instant>| first.map(|first| first.saturating_duration_since(sync::now()));
        if let Some(own) = own {
            drop(state);
            own.prepare();
            self.core.park_in(own.gate(), || own.block(left(first)));
            own.harvest(unwanted);
            state = self.queue.state();
        } else {
            *leads |= self.queue.wants_leader(&state);
            if let Some(home) = self.queue.busy_home().filter(|_| *leads) {
                // First: whoever issues between the two would believe that this thread still looks.
                state.set_leader(Leader::Blocked, self.core);
                drop(state);
                home.prepare();
                self.core.park_in(home.gate(), || home.block(left(first)));
                self.queue.state().set_leader(Leader::Awake, self.core);
                home.harvest(unwanted);
                state = self.queue.state();
                if !self.queue.is_open(&state) {
                    *leads = false;
                    state.resign();
                    self.queue.appoint(&mut state);
                }
            } else {
                if std::mem::take(leads) {
                    state.resign();
                }
                drop(state);
                self.core.park(first);
                state = self.queue.state();
            }
        }
        if helps {
            drop(state);
            hub.inspect(|hub| hub.poll_into(unwanted));
            state = self.queue.poll(self.queue.state(), self.core, unwanted);
        }
        if soon.is_some_and(|soon| sync::now() >= soon) && state.watches(self.core) {
            state = self.queue.look(state, self.core, unwanted);
        }
        state
    }
}
