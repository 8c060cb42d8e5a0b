//! Waitable timers.

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::event::Reset;
use crate::object::sealed::Sealed;
use crate::object::{Object, Serial, Waitable};
use crate::sync;
use crate::thread;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant, SystemTime};

/// A waitable timer: an object that becomes signalled when it is due, once or periodically, and
/// may call a routine.
///
/// A cheap handle: clones are the same timer, which is cancelled when the last of them is dropped.
/// It lives in user space, and no thread watches over it: a wait that includes it blocks no longer
/// than until it is due. Setting one is no system call.
///
/// Corresponds to the `HANDLE` of `CreateWaitableTimer`.
///
/// ```
/// use overlapped::{wait, Event, Timer, Waited};
/// use std::time::Duration;
///
/// let (stop, tick) = (Event::manual(), Timer::auto());
/// tick.set(Duration::from_millis(1), Some(Duration::from_millis(1)));
/// for _ in 0..3 {
///     assert_eq!(wait::any(&[&stop, &tick], None)?, Waited::Object(1));
/// }
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Clone)]
pub struct Timer(Arc<Handle>);

/// What the handles of a timer share; dropping it cancels.
struct Handle(Arc<Object>);

/// When a timer is due: after a [`Duration`] from now, at an [`Instant`], or at a [`SystemTime`].
///
/// The time of the system is compared with its clock when this is made; a change of the clock
/// after that moves nothing. A time that has passed is now.
///
/// Corresponds to `lpDueTime` of `SetWaitableTimer`.
///
/// ```
/// use overlapped::{wait, Timer, Waited};
/// use std::time::{Duration, Instant, SystemTime};
///
/// let timer = Timer::auto();
/// timer.set(Instant::now() + Duration::from_millis(1), None);
/// assert_eq!(wait::one(&timer, None)?, Waited::Object(0));
/// timer.set(SystemTime::now(), None);
/// assert_eq!(wait::one(&timer, None)?, Waited::Object(0));
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due(
    /// `None` for a time too far away to be expressed, which never comes.
    Option<Instant>,
);

impl From<Duration> for Due {
    fn from(after: Duration) -> Self {
        Self(sync::now().checked_add(after))
    }
}

impl From<Instant> for Due {
    fn from(at: Instant) -> Self {
        Self(Some(at))
    }
}

impl From<SystemTime> for Due {
    fn from(at: SystemTime) -> Self {
        at.duration_since(SystemTime::now()).unwrap_or_default().into()
    }
}

impl Timer {
    /// A timer that is not set (`CreateWaitableTimer`). An auto-reset one satisfies one wait each
    /// time it is due; a manual-reset one stays signalled until it is set again.
    #[doc(alias = "CreateWaitableTimer")]
    pub fn new(reset: Reset) -> Self {
        Self(Arc::new(Handle(Arc::new(Object::timer(reset == Reset::Auto)))))
    }

    /// A manual-reset timer, not set.
    pub fn manual() -> Self {
        Self::new(Reset::Manual)
    }

    /// An auto-reset timer, not set: a synchronization timer.
    pub fn auto() -> Self {
        Self::new(Reset::Auto)
    }

    /// Sets the timer, and makes it nonsignalled until it is due (`SetWaitableTimer`). With a
    /// period it is due again and again, at `due` and whole numbers of periods later, until it is
    /// set again or cancelled; times that nobody waited for count once. A period of zero is none.
    ///
    /// What it was set to before is taken back, as by [`cancel`](Self::cancel).
    #[doc(alias = "SetWaitableTimer")]
    pub fn set(&self, due: impl Into<Due>, period: Option<Duration>) {
        if let Some(replaced) = self.object().schedule(due.into().0, period, None) {
            replaced.discard();
        }
    }

    /// Sets the timer, and calls a routine each time it is due (`SetWaitableTimer` with
    /// `pfnCompletionRoutine`): on the calling thread, in one of its
    /// [alertable waits](crate::alertable), in line with its other routines and APCs. The timer is
    /// signalled on time all the same. While a call waits for its turn there is not another, and one
    /// wait makes one call, so that a routine which takes longer than its period keeps none from ending.
    ///
    /// The end of the calling thread cancels the timer. The routine is dropped on the calling
    /// thread: after its last call, or when the timer is cancelled, set again or dropped; if
    /// another thread does that, in the next alertable wait or at the end. One that panics is not
    /// called again.
    ///
    /// # Errors
    ///
    /// `ERROR_GEN_FAILURE` in a destructor that runs at the end of the thread; nothing is changed.
    ///
    /// ```
    /// use overlapped::{alertable, Timer, Waited};
    /// use std::{cell::Cell, rc::Rc, time::Duration};
    ///
    /// let calls = Rc::new(Cell::new(0));
    /// let timer = Timer::manual();
    /// timer.set_with(Duration::from_millis(1), None, {
    ///     let calls = Rc::clone(&calls);
    ///     move || calls.set(calls.get() + 1)
    /// })?;
    /// assert_eq!(alertable::sleep(None)?, Waited::Routines);
    /// assert_eq!(calls.get(), 1);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "SetWaitableTimer")]
    pub fn set_with(
        &self,
        due: impl Into<Due>,
        period: Option<Duration>,
        routine: impl FnMut() + 'static,
    ) -> Result<()> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let due = due.into().0;
        let set = thread::with(|engine| {
            let serial = Serial(NEXT.fetch_add(1, Relaxed));
            engine.add_timer(serial, self.object(), due, Box::new(routine));
            self.object().schedule(due, period, Some((engine.core(), serial)))
        });
        let replaced = set.ok_or_else(|| Error::new(Operation::Timer, codes::ERROR_GEN_FAILURE))?;
        if let Some(replaced) = replaced {
            replaced.discard();
        }
        Ok(())
    }

    /// Takes back what the timer was set to, with a call of its routine that has not begun
    /// (`CancelWaitableTimer`). If it is signalled, it stays so.
    ///
    /// ```
    /// use overlapped::{alertable, Timer, Waited};
    /// use std::time::Duration;
    ///
    /// let timer = Timer::manual();
    /// timer.set_with(Duration::ZERO, None, || unreachable!())?;
    /// timer.cancel();
    /// assert_eq!(alertable::sleep(Some(Duration::from_millis(1)))?, Waited::TimedOut);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "CancelWaitableTimer")]
    pub fn cancel(&self) {
        self.0.cancel();
    }

    fn object(&self) -> &Arc<Object> {
        &self.0.0
    }
}

impl Handle {
    fn cancel(&self) {
        if let Some(replaced) = self.0.unschedule() {
            replaced.discard();
        }
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.cancel();
    }
}

impl Sealed for Timer {
    fn waits_for(&self) -> &Arc<Object> {
        self.object()
    }
}

impl Waitable for Timer {}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("due", &self.object().look()).finish_non_exhaustive()
    }
}
