//! The thread that waits for what the pool is to react to: times and objects, all in one wait of the engine.

use super::callbacks::{Callbacks, Queued};
use super::{Pool, WT_EXECUTEINWATCHER, submit_as};
use crate::abi::Dword;
use crate::error::Code;
use crate::handle::Object;
use crate::kernel::thread::start;
use crate::kernel::wait::waitable;
use overlapped::{Event, Waitable, Waited, wait};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What is called when something has come, with whether it was the time.
type Call = Box<dyn Fn(bool) + Send + Sync>;

/// Something that is watched for.
pub(super) struct Watched {
    pool: Arc<Pool>,
    flags: Dword,
    call: Call,
    callbacks: Arc<Callbacks>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The object, while it is waited for.
    object: Option<Object>,
    due: Option<Instant>,
    /// From one time to the next.
    period: Option<Duration>,
    /// The object is waited for again, and so long.
    again: Option<(Object, Option<Duration>)>,
    /// It is among those that the thread looks at.
    listed: bool,
}

struct Watcher {
    list: Mutex<List>,
    /// The list has changed.
    changed: Event,
}

#[derive(Default)]
struct List {
    watched: Vec<Arc<Watched>>,
    running: bool,
}

static WATCHER: LazyLock<Watcher> = LazyLock::new(|| Watcher { list: Mutex::default(), changed: Event::auto() });

fn list() -> MutexGuard<'static, List> {
    WATCHER.list.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    pub(super) fn new(pool: Arc<Pool>, flags: Dword, call: impl Fn(bool) + Send + Sync + 'static) -> Arc<Self> {
        let callbacks = Callbacks::new();
        Arc::new(Self { pool, flags, call: Box::new(call), callbacks, state: Mutex::default() })
    }

    pub(super) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls at a time, and again each period.
    pub(super) fn at(self: &Arc<Self>, due: Option<Instant>, period: Option<Duration>) -> Result<(), Code> {
        {
            let mut state = self.state();
            state.due = due;
            state.period = period;
        }
        self.list_it()
    }

    /// Calls when an object is signalled, or when the time is over before; again and again if asked for.
    pub(super) fn on(self: &Arc<Self>, object: Object, time: Option<Duration>, again: bool) -> Result<(), Code> {
        {
            let mut state = self.state();
            state.again = again.then(|| (object.clone(), time));
            state.object = Some(object);
            state.due = time.and_then(|time| Instant::now().checked_add(time));
        }
        self.list_it()
    }

    /// Does not call any more, but for what is under way.
    pub(super) fn stop(&self) {
        let before = {
            let mut state = self.state();
            state.period = None;
            state.due = None;
            state.again = None;
            state.object.take()
        };
        WATCHER.changed.set();
        drop(before);
    }

    /// Whether a time is set.
    pub(super) fn is_set(&self) -> bool {
        self.state().due.is_some()
    }

    fn list_it(self: &Arc<Self>) -> Result<(), Code> {
        let mut list = list();
        if !std::mem::replace(&mut self.state().listed, true) {
            list.watched.push(Arc::clone(self));
        }
        let start = !std::mem::replace(&mut list.running, true);
        drop(list);
        if start {
            start::own(|| Run.run()).inspect_err(|_| self::list().running = false)?;
        }
        WATCHER.changed.set();
        Ok(())
    }

    /// What is to be called now, if that still holds: the object was signalled, or a time has come.
    fn take(self: &Arc<Self>, signalled: bool, now: Instant) -> Option<Queued> {
        let mut state = self.state();
        if signalled {
            state.object.as_ref()?;
        } else {
            state.due.filter(|due| *due <= now)?;
        }
        state.due = match (state.due, state.period) {
            (Some(due), Some(period)) if state.object.is_none() => {
                let next = due.checked_add(period);
                // What was missed counts once.
                next.filter(|next| *next > now).or_else(|| now.checked_add(period))
            }
            _ => None,
        };
        // It is waited for again when the call has begun, so that an object which stays signalled does not fill the queue.
        state.object = None;
        Some(self.callbacks.queue())
    }

    fn fire(self: &Arc<Self>, timed_out: bool, queued: Queued) {
        let watched = Arc::clone(self);
        let job = move || {
            let Some(_running) = queued.begin() else { return };
            watched.resume();
            (watched.call)(timed_out);
        };
        if self.flags & WT_EXECUTEINWATCHER != 0 {
            job();
        } else {
            // Without a thread for it the call is not made.
            let _ = submit_as(self.flags, &self.pool, job);
        }
    }

    fn resume(self: &Arc<Self>) {
        let again = {
            let mut state = self.state();
            let again = state.again.clone();
            if let Some((object, time)) = &again {
                state.object = Some(object.clone());
                state.due = time.and_then(|time| Instant::now().checked_add(time));
            }
            again.is_some()
        };
        if again {
            let _ = self.list_it();
        }
    }
}

/// The thread; dropping it starts another one, if the program has ended it from a call.
struct Run;

impl Run {
    fn run(&self) {
        loop {
            self.turn();
        }
    }

    /// Waits for the next that comes, and has it called.
    fn turn(&self) {
        let watched = self.current();
        let now = Instant::now();
        let mut due: Option<Instant> = None;
        let mut objects = Vec::with_capacity(watched.len());
        for one in &watched {
            if let Some(queued) = one.take(false, now) {
                one.fire(true, queued);
            }
            let state = one.state();
            due = due.into_iter().chain(state.due).min();
            if let Some(object) = &state.object {
                objects.push((one, object.clone()));
            }
        }
        let mut targets: Vec<&dyn Waitable> = vec![&WATCHER.changed];
        targets.extend(objects.iter().filter_map(|(_, object)| waitable(object)));
        let time = due.map(|due| due.saturating_duration_since(Instant::now()));
        let (Ok(Waited::Object(index)) | Ok(Waited::Abandoned(index))) = wait::any(&targets, time) else { return };
        let signalled = index.checked_sub(1).and_then(|index| objects.get(index));
        if let Some((one, _)) = signalled {
            if let Some(queued) = one.take(true, now) {
                one.fire(false, queued);
            }
            // Those behind it come first the next time.
            let mut list = list();
            if let Some(place) = list.watched.iter().position(|other| Arc::ptr_eq(one, other)) {
                let one = list.watched.remove(place);
                list.watched.push(one);
            }
        }
    }

    /// What is watched for; what is not any more leaves the list.
    fn current(&self) -> Vec<Arc<Watched>> {
        let mut gone = Vec::new();
        let mut list = list();
        list.watched.retain(|one| {
            let mut state = one.state();
            state.listed = state.due.is_some() || state.object.is_some();
            if !state.listed {
                gone.push(Arc::clone(one));
            }
            state.listed
        });
        let current = list.watched.clone();
        drop(list);
        current
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if start::own(|| Run.run()).is_err() {
            list().running = false;
        }
    }
}
