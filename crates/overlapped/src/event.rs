//! Event objects.

use crate::error::Result;
use crate::object::sealed::{Sealed, Signals};
use crate::object::{Object, Signal, Waitable};
use std::fmt;
use std::sync::Arc;

/// Who resets an [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// It stays signalled for everybody until [`Event::reset`] or the next operation issued with it.
    Manual,
    /// The wait that it satisfies resets it: one wait for one signal.
    Auto,
}

/// An event object: set and reset by the program or by the completion of an operation, waited for
/// by any thread.
///
/// A cheap handle: clones are the same event. It lives in user space; setting an event that
/// nobody waits for is no system call.
///
/// Corresponds to `WSAEVENT` and to the `HANDLE` of `CreateEvent`.
///
/// ```
/// use overlapped::{wait, Event, Waited};
/// use std::time::Duration;
///
/// let event = Event::auto();
/// event.set();
/// assert_eq!(wait::one(&event, None)?, Waited::Object(0));
/// assert_eq!(wait::one(&event, Some(Duration::ZERO))?, Waited::TimedOut); // the wait reset it
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Clone)]
pub struct Event(Arc<Object>);

impl Event {
    /// An event that starts as `signalled` says (`CreateEvent`).
    #[doc(alias = "CreateEvent")]
    pub fn new(reset: Reset, signalled: bool) -> Self {
        Self(Arc::new(Object::event(reset == Reset::Auto, signalled)))
    }

    /// A manual-reset event, not signalled (`WSACreateEvent`).
    #[doc(alias = "WSACreateEvent")]
    pub fn manual() -> Self {
        Self::new(Reset::Manual, false)
    }

    /// An auto-reset event, not signalled.
    pub fn auto() -> Self {
        Self::new(Reset::Auto, false)
    }

    /// Signals the event (`WSASetEvent`, `SetEvent`): manual-reset wakes every waiter, auto-reset
    /// one, or the next to come.
    #[doc(alias = "WSASetEvent")]
    #[doc(alias = "SetEvent")]
    pub fn set(&self) {
        self.0.set();
    }

    /// Takes the signal back (`WSAResetEvent`, `ResetEvent`).
    #[doc(alias = "WSAResetEvent")]
    #[doc(alias = "ResetEvent")]
    pub fn reset(&self) {
        self.0.reset();
    }

    /// Whether the event is signalled now. Consumes nothing. While it is not, this lets pending
    /// operations on events complete first, which is a system call.
    pub fn is_set(&self) -> bool {
        if !self.0.is_signalled() {
            crate::hub::poll();
        }
        self.0.is_signalled()
    }

    pub(crate) fn object(&self) -> &Arc<Object> {
        &self.0
    }
}

impl Sealed for Event {
    fn waits_for(&self) -> &Arc<Object> {
        &self.0
    }
}

impl Signals for Event {
    fn signal(&self) -> Result<()> {
        self.set();
        Ok(())
    }
}

impl Waitable for Event {}
impl Signal for Event {}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("signalled", &self.0.is_signalled()).finish_non_exhaustive()
    }
}
