//! Waits for objects, and what all waits have in common.
//!
//! The functions here are the plain waits: they never run a completion routine or an APC. Their
//! [`alertable`](crate::alertable) counterparts do. None has a limit of 64 objects.
//!
//! A wait is one blocking system call, whatever it waits for. While a thread waits for objects it
//! may carry operations of other threads on events to their completion.
//!
//! ```
//! use overlapped::{wait, Event, Waited};
//!
//! let (first, second) = (Event::manual(), Event::manual());
//! second.set();
//! assert_eq!(wait::any(&[&first, &second], None)?, Waited::Object(1));
//! first.set();
//! assert_eq!(wait::all(&[&first, &second], None)?, Waited::Object(0));
//! # Ok::<(), overlapped::Error>(())
//! ```

use crate::codes;
use crate::delivery::Unwanted;
use crate::driver;
use crate::error::{Error, Operation, Result};
use crate::hub::Lead;
use crate::object::{Object, Role, Signal, Waitable, take_all};
use crate::sync;
use crate::thread::{self, Engine, ThreadCore};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waited {
    /// An object, by its index; 0 when one or all were waited for (`WAIT_OBJECT_0`).
    Object(usize),
    /// As `Object`, and the object or, where all were waited for, one of them is a mutex whose owner
    /// ended without releasing it (`WAIT_ABANDONED_0`). The waiting thread owns it now.
    Abandoned(usize),
    /// Completion routines or APCs have run (`WAIT_IO_COMPLETION`); alertable waits only.
    Routines,
    /// The time was over (`WAIT_TIMEOUT`).
    TimedOut,
}

/// Waits for one object, for ever with `None` (`WaitForSingleObject`).
///
/// # Errors
///
/// None at present.
#[doc(alias = "WaitForSingleObject")]
pub fn one(object: &dyn Waitable, timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::Any(&[object]), false, timeout)
}

/// Waits until one of several objects is signalled: the lowest index that is, and only that one
/// is consumed (`WSAWaitForMultipleEvents`, `WaitForMultipleObjects`).
///
/// # Errors
///
/// `WSA_INVALID_PARAMETER` without an object.
#[doc(alias = "WSAWaitForMultipleEvents")]
#[doc(alias = "WaitForMultipleObjects")]
pub fn any(objects: &[&dyn Waitable], timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::Any(objects), false, timeout)
}

/// Waits until all objects are signalled at the same time; nothing is consumed before
/// (`WSAWaitForMultipleEvents`, `WaitForMultipleObjects` with `TRUE`).
///
/// # Errors
///
/// `WSA_INVALID_PARAMETER` without an object.
#[doc(alias = "WSAWaitForMultipleEvents")]
#[doc(alias = "WaitForMultipleObjects")]
pub fn all(objects: &[&dyn Waitable], timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::All(&distinct(objects)), false, timeout)
}

/// Signals one object and then waits for another (`SignalObjectAndWait`): sets an event, releases
/// a semaphore by one, or releases a mutex.
///
/// # Errors
///
/// Those of [`Semaphore::release`](crate::Semaphore::release) and
/// [`MutexObject::release`](crate::MutexObject::release); there is no wait then.
///
/// ```
/// use overlapped::{wait, Event, Semaphore, Waited};
/// use std::time::Duration;
///
/// let (done, next) = (Semaphore::new(0, 1)?, Event::auto());
/// assert_eq!(wait::signal_and_wait(&done, &next, Some(Duration::ZERO))?, Waited::TimedOut);
/// assert_eq!(wait::one(&done, None)?, Waited::Object(0));
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "SignalObjectAndWait")]
pub fn signal_and_wait(signal: &dyn Signal, object: &dyn Waitable, timeout: Option<Duration>) -> Result<Waited> {
    signal.signal()?;
    one(object, timeout)
}

/// Waits until `done`, which becomes so when `object` is set; returns whether it is.
pub(crate) fn until(object: &Arc<Object>, done: impl Fn() -> bool, timeout: Option<Duration>) -> bool {
    matches!(wait(&Goal::Until(object, &done), false, timeout), Ok(Waited::Object(_)))
}

/// What a wait is for.
pub(crate) enum Goal<'a> {
    Any(&'a [&'a dyn Waitable]),
    /// Distinct objects by address.
    All(&'a [&'a Arc<Object>]),
    Until(&'a Arc<Object>, &'a dyn Fn() -> bool),
    /// Routines only.
    Nothing,
}

/// The objects of a wait for all, each once and in the one order in which they are locked.
pub(crate) fn distinct<'a>(objects: &[&'a dyn Waitable]) -> Vec<&'a Arc<Object>> {
    let mut distinct: Vec<_> = objects.iter().map(|object| object.waits_for()).collect();
    distinct.sort_by_key(|object| Arc::as_ptr(object));
    distinct.dedup_by_key(|object| Arc::as_ptr(object));
    distinct
}

impl Goal<'_> {
    /// Takes what satisfies the wait, if it is there.
    fn take(&self, thread: &Arc<ThreadCore>) -> Option<usize> {
        match self {
            Self::Any(objects) => objects.iter().position(|object| object.waits_for().take(thread)),
            Self::All(objects) => take_all(objects, thread).then_some(0),
            Self::Until(_, done) => done().then_some(0),
            Self::Nothing => None,
        }
    }

    /// The lowest index that is signalled, given one that was claimed for the wait: several events may
    /// have been set in one go. What was claimed is given back.
    fn lowest(&self, claimed: usize, thread: &Arc<ThreadCore>) -> usize {
        let Self::Any(objects) = self else { return claimed };
        let (lower, claimed_one) = (&objects[..claimed], objects[claimed].waits_for());
        lower.iter().position(|object| object.waits_for().take_instead(claimed_one, thread)).unwrap_or(claimed)
    }

    /// What the wait returns, given what it has taken.
    #[inline]
    fn satisfied(&self, index: usize, thread: &Arc<ThreadCore>) -> Waited {
        let abandoned = match self {
            Self::Any(objects) => objects[index].waits_for().settle(thread),
            Self::All(objects) => objects.iter().fold(false, |any, object| object.settle(thread) | any),
            Self::Until(..) | Self::Nothing => false,
        };
        if abandoned { Waited::Abandoned(index) } else { Waited::Object(index) }
    }

    /// Signals the timers that are due; when the next one is.
    fn look(&self) -> Option<Instant> {
        match self {
            Self::Any(objects) => objects.iter().filter_map(|object| object.waits_for().look()).min(),
            Self::All(objects) => objects.iter().filter_map(|object| object.look()).min(),
            Self::Until(..) | Self::Nothing => None,
        }
    }

    fn has_mutex(&self) -> bool {
        match self {
            Self::Any(objects) => objects.iter().any(|object| object.waits_for().is_mutex()),
            Self::All(objects) => objects.iter().any(|object| object.is_mutex()),
            Self::Until(..) | Self::Nothing => false,
        }
    }

    fn register(&self, thread: &Arc<ThreadCore>, wait: u32) {
        match self {
            Self::Any(objects) => {
                for (index, object) in (0..).zip(*objects) {
                    object.waits_for().register(thread, wait, Role::Claim(index));
                    if thread.claimed().is_some() {
                        return;
                    }
                }
            }
            Self::All(objects) => {
                for object in *objects {
                    object.register(thread, wait, Role::All);
                }
            }
            Self::Until(object, _) => object.register(thread, wait, Role::Notify),
            Self::Nothing => {}
        }
    }

    fn unregister(&self, thread: &Arc<ThreadCore>) {
        match self {
            Self::Any(objects) => objects.iter().for_each(|object| object.waits_for().unregister(thread)),
            Self::All(objects) => objects.iter().for_each(|object| object.unregister(thread)),
            Self::Until(object, _) => object.unregister(thread),
            Self::Nothing => {}
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Any([]) | Self::All([]) => Err(Error::new(Operation::Wait, codes::WSA_INVALID_PARAMETER)),
            _ => Ok(()),
        }
    }

    fn has_objects(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

/// Every wait of the library. The order of what can end it: a signalled object, queued routines,
/// the timeout.
pub(crate) fn wait(goal: &Goal<'_>, alertable: bool, timeout: Option<Duration>) -> Result<Waited> {
    goal.check()?;
    let waited = thread::with(|engine| {
        let wait = Wait { goal, core: engine.core(), engine: Some(engine), alertable };
        wait.run(timeout)
    });
    match waited {
        Some(waited) => Ok(waited),
        // The thread is ending and has no queue any more: it can wait for objects only.
        None if alertable => Err(Error::new(Operation::Wait, codes::ERROR_GEN_FAILURE)),
        None => {
            let core = match thread::late_core() {
                Some(core) => core,
                None if goal.has_mutex() => return Err(Error::new(Operation::Wait, codes::ERROR_GEN_FAILURE)),
                None => Arc::new(ThreadCore::new()),
            };
            Ok(wait_as(&core, goal, timeout))
        }
    }
}

/// Waits as a thread without an engine, for objects only.
pub(crate) fn wait_as(core: &Arc<ThreadCore>, goal: &Goal<'_>, timeout: Option<Duration>) -> Waited {
    Wait { goal, core, engine: None, alertable: false }.run(timeout)
}

struct Wait<'a> {
    goal: &'a Goal<'a>,
    core: &'a Arc<ThreadCore>,
    engine: Option<&'a Engine>,
    alertable: bool,
}

/// How often a wait elsewhere looks after the hub when there can be no helper.
pub(crate) const LOOK: Duration = Duration::from_millis(5);

impl Wait<'_> {
    fn run(&self, timeout: Option<Duration>) -> Waited {
        if let Some(engine) = self.engine.filter(|_| self.alertable) {
            engine.resume_timers();
        }
        if self.engine.is_some_and(Engine::is_poll_due) {
            self.poll();
        }
        if let Some(waited) = self.take() {
            return waited;
        }
        if let Some(engine) = self.routines() {
            // With them comes whatever else has completed by now.
            engine.poll_home();
            if engine.run() > 0 {
                return Waited::Routines;
            }
        }
        if timeout == Some(Duration::ZERO) {
            self.poll();
            return self.ready().unwrap_or(Waited::TimedOut);
        }
        // A time too far away to be expressed never comes.
        let deadline = timeout.and_then(|timeout| sync::now().checked_add(timeout));
        let mut asked = false;
        loop {
            if let Some(waited) = self.block_until(deadline, asked) {
                return waited;
            }
            // However short the time: what has completed by now counts.
            self.poll();
            asked = true;
            if let Some(waited) = self.ready() {
                return waited;
            }
        }
    }

    /// What would end the wait now.
    fn ready(&self) -> Option<Waited> {
        if let Some(waited) = self.take() {
            return Some(waited);
        }
        self.routines().filter(|engine| engine.run() > 0).map(|_| Waited::Routines)
    }

    fn take(&self) -> Option<Waited> {
        self.goal.take(self.core).map(|index| self.goal.satisfied(index, self.core))
    }

    /// The engine, if the wait is alertable and something is queued.
    fn routines(&self) -> Option<&Engine> {
        self.engine.filter(|engine| self.alertable && engine.has_queued())
    }

    /// The engine, if its home is driven by this wait.
    fn driven(&self) -> Option<&Engine> {
        self.engine.filter(|engine| self.alertable || engine.carries_for_others())
    }

    /// Lets complete what can, without blocking.
    fn poll(&self) {
        if self.goal.has_objects() {
            crate::hub::poll();
        }
        if let Some(engine) = self.driven() {
            engine.poll_home();
        }
    }

    /// Waits, registered with the objects. `None` if the time was over before the kernel was
    /// `asked`, if what was queued has been taken back, or if something had to be dropped meanwhile, which may run code of the program that
    /// waits itself: the wait begins anew then.
    fn block_until(&self, deadline: Option<Instant>, mut asked: bool) -> Option<Waited> {
        // A port that the thread works for may release another one meanwhile.
        let away = self.engine.and_then(Engine::step_away);
        let number = self.core.begin_wait();
        self.goal.register(self.core, number);
        let mut lead = None;
        let mut unwanted = Unwanted::default();
        let mut led = false;
        let waited = loop {
            let due = self.goal.look();
            if let Some(index) = self.core.claimed() {
                let index = self.goal.lowest(index, self.core);
                break Some(self.goal.satisfied(index, self.core));
            }
            if !matches!(self.goal, Goal::Any(_)) {
                if let Some(waited) = self.take() {
                    break Some(waited);
                }
            }
            let expired = deadline.is_some_and(|deadline| sync::now() >= deadline);
            if (!unwanted.is_empty() || expired && !asked) && self.core.abandon(number) {
                break None;
            }
            if (expired || self.routines().is_some()) && self.core.abandon(number) {
                break Some(if self.routines().is_some() { Waited::Routines } else { Waited::TimedOut });
            }
            asked = true;
            let own = self.engine.filter(|_| self.alertable).and_then(Engine::next_due);
            let first = [deadline, due, own].into_iter().flatten().min();
            led |= self.block(&mut lead, first, &mut unwanted);
        };
        self.goal.unregister(self.core);
        // Whoever was woken to lead and leaves must not be the last to know.
        drop(lead);
        if led {
            if let Some(context) = driver::present() {
                context.hub.pass_on();
            }
        }
        // Code of the program runs from here on.
        drop(away);
        drop(unwanted);
        if waited == Some(Waited::Routines) {
            // The object may have been set meanwhile; the routines came first all the same.
            return waited.filter(|_| self.engine.is_some_and(|engine| engine.run() > 0));
        }
        waited
    }

    /// Blocks once, in the one place where everything that matters wakes the thread. Returns
    /// whether the thread offered to lead the hub.
    fn block<'h>(&self, lead: &mut Option<Lead<'h>>, deadline: Option<Instant>, unwanted: &mut Unwanted) -> bool {
        self.engine.map(Engine::is_polled);
        let hub = driver::present().map(|context| &context.hub);
        let hub = hub.filter(|hub| self.goal.has_objects() || hub.is_helpless());
        let own = self.driven().and_then(|engine| {
            // Also a plain wait: what others ask to be cancelled may lie before what it waits for.
            engine.catch_up();
            engine.busy_home()
        });
        match (own, hub) {
            (Some(home), hub) => {
                *lead = None;
                let _distant = hub.filter(|_| self.goal.has_objects()).map(|hub| hub.distant());
                // Nobody leads the hub then, and nothing wakes this thread for it: it looks now and then.
                let helpless = hub.filter(|hub| hub.is_helpless());
                let soon = helpless.map(|_| sync::now() + LOOK);
                let deadline = [deadline, soon].into_iter().flatten().min();
                home.prepare();
                self.core.park_in(home.gate(), || {
                    home.block(deadline.map(|deadline| deadline.saturating_duration_since(sync::now())));
                });
                home.harvest(unwanted);
                if let Some(hub) = helpless {
                    hub.poll_into(unwanted);
                }
                false
            }
            (None, Some(hub)) => {
                hub.take_turn(lead, self.core, deadline, unwanted);
                true
            }
            (None, None) if self.goal.has_objects() => {
                driver::park_early(self.core, deadline);
                false
            }
            (None, None) => {
                self.core.park(deadline);
                false
            }
        }
    }
}
