//! A wait for readiness that also ends for what is queued to its thread.
//!
//! The thread blocks with its sockets, so whoever leaves something for it rings a bell that is watched along with them; the
//! driver that carries the thread's operations tells in its own way. What has neither is looked at now and then.

use super::{Events, LOOK};
use crate::delivery::Unwanted;
use crate::driver::{Alarm, Attempt, Context, Gate, Watch};
use crate::home::Home;
use crate::sync;
use crate::thread::Engine;
use std::sync::Arc;
use std::time::Duration;

/// How others end the wait.
pub(super) struct Bell {
    gate: Arc<dyn Gate>,
    raw: i32,
}

impl Bell {
    fn new(context: &'static Context) -> Option<Self> {
        let (gate, raw) = context.system.bell().ok()?;
        Some(Self { gate, raw })
    }
}

/// Has the system look until one of the watched is ready, something may have been queued to the thread, or the time is over.
pub(super) fn look(
    engine: &Engine,
    context: &'static Context,
    bell: &mut Option<Bell>,
    watched: &mut Vec<Watch>,
    time: Option<Duration>,
    mut look: impl FnMut(&mut Vec<Watch>, Option<Duration>) -> Attempt<()>,
) -> Attempt<()> {
    if bell.is_none() {
        *bell = Bell::new(context);
    }
    let bell = bell.as_ref();
    let home = engine.busy_home();
    let sockets = watched.len();
    // First: from here on nothing is missed.
    let alarm = Listening::begin(home, bell);
    let own = bell.map(|bell| bell.raw);
    watched.extend(own.into_iter().chain(alarm.descriptor()).map(|raw| Watch {
        raw,
        wants: Events::READ,
        is: Events::NONE,
    }));
    let due = engine.next_due().map(|due| due.saturating_duration_since(sync::now()));
    let deaf = bell.is_none() || alarm.is_deaf();
    let time = [time, due, deaf.then_some(LOOK)].into_iter().flatten().min();
    engine.is_polled();
    let mut unwanted = Unwanted::default();
    let away = engine.step_away();
    let mut looked = Ok(());
    let mut block = || {
        home.inspect(|home| home.poll());
        let there = home.is_some_and(Home::is_ready);
        looked = look(watched, if there { Some(Duration::ZERO) } else { time });
    };
    match bell {
        Some(bell) => engine.core().park_in(&bell.gate, block),
        None => block(),
    }
    if let Some(bell) = bell.filter(|_| watched.get(sockets).is_some_and(|bell| !bell.is.is_empty())) {
        bell.gate.block(Some(Duration::ZERO));
    }
    drop(alarm);
    watched.truncate(sockets);
    if let Some(home) = home {
        home.harvest(&mut unwanted);
    }
    // Code of the program runs from here on.
    drop(away);
    looked
}

/// Being told by the driver of the thread's operations; dropping it ends that.
struct Listening<'a> {
    gate: Option<&'a Arc<dyn Gate>>,
    alarm: Alarm,
}

impl<'a> Listening<'a> {
    fn begin(home: Option<&'a Home>, bell: Option<&Bell>) -> Self {
        let gate = home.map(Home::gate);
        let alarm = gate.zip(bell).map_or(Alarm::Silent, |(gate, bell)| gate.alarm(bell.raw));
        Self { gate, alarm }
    }

    fn descriptor(&self) -> Option<i32> {
        match self.alarm {
            Alarm::Descriptor(raw) => Some(raw),
            Alarm::Bell | Alarm::Silent => None,
        }
    }

    fn is_deaf(&self) -> bool {
        self.gate.is_some() && self.alarm == Alarm::Silent
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        if let Some(gate) = self.gate {
            gate.end_alarm();
        }
    }
}
