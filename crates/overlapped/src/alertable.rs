//! Alertable waits: the only places where completion routines and APCs run.
//!
//! Each thread has an APC queue. A completed operation's routine, or an APC that a thread
//! [queues](Thread::queue), waits there until its thread waits *alertably*: with one of the
//! functions here. Then everything that is queued runs, in the order in which it was queued, and
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
//! | [`Thread::queue`] | `QueueUserAPC` |
//!
//! A signalled object wins over queued routines and leaves them queued; queued routines win over
//! the timeout. A routine may wait alertably itself: that inner wait runs the rest of the queue.
//! Each such level takes stack, so chains of thousands are better written without.
//!
//! A panic in a routine unwinds through the wait; what is still queued runs in the next one.

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::object::Waitable;
use crate::thread::{self, Mail, ThreadCore};
use crate::wait::{Goal, Waited, distinct, wait};
use std::fmt;
use std::sync::Arc;
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

/// The calling thread, as one to queue APCs to.
///
/// In a destructor that runs at the end of the thread it is one that has ended.
pub fn current() -> Thread {
    let core = thread::with(|engine| Arc::clone(engine.core()));
    Thread(core.unwrap_or_else(|| {
        let ended = ThreadCore::new();
        ended.close();
        Arc::new(ended)
    }))
}

/// A thread's APC queue, for any thread to put something in.
#[derive(Clone)]
pub struct Thread(Arc<ThreadCore>);

impl Thread {
    /// Queues a function to run on this thread, in one of its alertable waits (`QueueUserAPC`).
    ///
    /// Queued to the calling thread itself it comes behind all operations that have completed.
    /// One that is still queued when the thread ends is dropped.
    ///
    /// # Errors
    ///
    /// `ERROR_GEN_FAILURE` if the thread has ended.
    ///
    /// ```
    /// use overlapped::alertable;
    ///
    /// let (give, take) = std::sync::mpsc::channel();
    /// let worker = std::thread::spawn(move || {
    ///     give.send(alertable::current()).unwrap();
    ///     alertable::sleep(None).unwrap();
    /// });
    /// take.recv()?.queue(|| println!("on the worker"))?;
    /// worker.join().unwrap();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "QueueUserAPC")]
    pub fn queue(&self, apc: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut apc: Option<Box<dyn FnOnce() + Send>> = Some(Box::new(apc));
        if thread::is_current(&self.0) {
            thread::with(|engine| apc.take().map(|apc| engine.queue_apc(apc)));
        }
        match apc.map_or(Ok(()), |apc| self.0.post(Mail::Apc(apc))) {
            Ok(()) => Ok(()),
            Err(_) => Err(Error::new(Operation::QueueApc, codes::ERROR_GEN_FAILURE)),
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").finish_non_exhaustive()
    }
}
