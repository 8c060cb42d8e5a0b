//! Alertable waits: the only places where completion routines and APCs run.
//!
//! Each thread has an APC queue. A completed operation's routine, that of a
//! [timer](crate::Timer::set_with), or an APC that a thread [queues](Thread::queue), waits there
//! until its thread waits *alertably*: with one of the functions here. Then everything that is queued runs, in the order in which it was queued, and
//! so does what is queued meanwhile; then the wait returns [`Waited::Routines`], once.
//!
//! That is why a routine may take a lock that its own thread uses between waits: it never
//! interrupts the code that holds it.
//!
//! | this | Winsock and Win32 |
//! |---|---|
//! | [`sleep`] | `SleepEx` |
//! | [`one`] | `WaitForSingleObjectEx` |
//! | [`any`], [`all`] | `WSAWaitForMultipleEvents`, `WaitForMultipleObjectsEx` |
//! | [`signal_and_wait`] | `SignalObjectAndWait` |
//! | [`Thread::queue`] | `QueueUserAPC` |
//! | [`spawn`], [`suspended`] | `CreateThread`, `ResumeThread` |
//!
//! A signalled object wins over queued routines and leaves them queued; queued routines win over
//! the timeout. A routine may wait alertably itself: that inner wait runs the rest of the queue.
//! Each such level takes stack, so chains of thousands are better written without.
//!
//! A panic in a routine unwinds through the wait; what is still queued runs in the next one.

mod threads;

pub(crate) use threads::Beginning;
pub use threads::{Suspended, Thread, current, spawn, suspended};

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::object::{Signal, Waitable};
use crate::thread;
use crate::wait::{Goal, Waited, distinct, wait};
use std::time::Duration;

/// Waits for completion routines and APCs (`SleepEx` with `TRUE`), for ever with `None`.
///
/// Returns [`Waited::Routines`] as soon as some have run, also before the time is over; with
/// nothing pending and nobody to queue an APC, `None` really is for ever.
///
/// # Errors
///
/// `ERROR_GEN_FAILURE` in a destructor that runs at the end of the thread.
///
/// ```
/// use overlapped::{alertable, Waited};
/// use std::time::Duration;
///
/// alertable::current().queue(|| println!("runs in the alertable wait"))?;
/// assert_eq!(alertable::sleep(None)?, Waited::Routines);
/// assert_eq!(alertable::sleep(Some(Duration::ZERO))?, Waited::TimedOut);
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "SleepEx")]
pub fn sleep(timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::Nothing, true, timeout)
}

/// Waits alertably for one object (`WaitForSingleObjectEx` with `TRUE`).
///
/// # Errors
///
/// `ERROR_GEN_FAILURE` in a destructor that runs at the end of the thread.
#[doc(alias = "WaitForSingleObjectEx")]
pub fn one(object: &dyn Waitable, timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::Any(&[object]), true, timeout)
}

/// Waits alertably until one of several objects is signalled, see [`wait::any`](crate::wait::any)
/// (`WSAWaitForMultipleEvents`, `WaitForMultipleObjectsEx` with `fAlertable`).
///
/// # Errors
///
/// `WSA_INVALID_PARAMETER` without an object; no routine runs then. `ERROR_GEN_FAILURE` in a
/// destructor that runs at the end of the thread.
///
/// ```
/// use overlapped::{alertable, Event, Waited};
///
/// let stop = Event::manual();
/// alertable::current().queue({
///     let stop = stop.clone();
///     move || stop.set()
/// })?;
/// assert_eq!(alertable::any(&[&stop], None)?, Waited::Routines);
/// assert_eq!(alertable::any(&[&stop], None)?, Waited::Object(0));
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "WSAWaitForMultipleEvents")]
#[doc(alias = "WaitForMultipleObjectsEx")]
pub fn any(objects: &[&dyn Waitable], timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::Any(objects), true, timeout)
}

/// Waits alertably until all objects are signalled at the same time, see
/// [`wait::all`](crate::wait::all).
///
/// # Errors
///
/// As for [`any`].
#[doc(alias = "WSAWaitForMultipleEvents")]
#[doc(alias = "WaitForMultipleObjectsEx")]
pub fn all(objects: &[&dyn Waitable], timeout: Option<Duration>) -> Result<Waited> {
    wait(&Goal::All(&distinct(objects)), true, timeout)
}

/// Signals one object and then waits alertably for another, see
/// [`wait::signal_and_wait`](crate::wait::signal_and_wait) (`SignalObjectAndWait` with `TRUE`).
///
/// The first object is signalled also if routines or APCs end the wait.
///
/// # Errors
///
/// As for the plain one, and `ERROR_GEN_FAILURE` in a destructor that runs at the end of the
/// thread; nothing is signalled then.
///
/// ```
/// use overlapped::{alertable, Event, Waited};
///
/// let (ready, go) = (Event::manual(), Event::manual());
/// alertable::current().queue(|| println!("runs in the wait"))?;
/// assert_eq!(alertable::signal_and_wait(&ready, &go, None)?, Waited::Routines);
/// assert!(ready.is_set());
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "SignalObjectAndWait")]
pub fn signal_and_wait(signal: &dyn Signal, object: &dyn Waitable, timeout: Option<Duration>) -> Result<Waited> {
    if thread::with(|_| ()).is_none() {
        return Err(Error::new(Operation::Wait, codes::ERROR_GEN_FAILURE));
    }
    signal.signal()?;
    one(object, timeout)
}
