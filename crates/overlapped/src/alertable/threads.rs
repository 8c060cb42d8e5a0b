//! Threads as others know them: to queue APCs to, to wait for, and to start.

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::object::sealed::Sealed;
use crate::object::{Object, Waitable};
use crate::sync::thread::{Builder, JoinHandle};
use crate::thread::{self, Mail, ThreadCore};
use std::fmt;
use std::sync::Arc;

/// The calling thread, as one to queue APCs to and to wait for.
///
/// In a destructor that runs at the end of the thread it is one that has ended.
pub fn current() -> Thread {
    Thread(thread::current_core().unwrap_or_else(ended))
}

fn ended() -> Arc<ThreadCore> {
    let core = Arc::new(ThreadCore::new());
    core.close();
    core.finish();
    core
}

/// Starts a thread that others can queue APCs to, and wait for, at once (`CreateThread`).
///
/// APCs that are queued before it begins run before `function`. Its exit code is what `function`
/// returns, which std's handle gives.
///
/// # Errors
///
/// Those of the system, as for [`std::thread::Builder::spawn`].
///
/// ```
/// use overlapped::{alertable, wait, Event, Waited};
///
/// let stop = Event::manual();
/// let stopped = stop.clone();
/// let (thread, handle) = alertable::spawn(move || {
///     while alertable::one(&stopped, None)? != Waited::Object(0) {}
///     Ok::<(), overlapped::Error>(())
/// })?;
/// thread.queue(move || stop.set())?; // on that thread, before its function or in one of its waits
/// wait::one(&thread, None)?;
/// handle.join().unwrap()?;
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "CreateThread")]
pub fn spawn<T: Send + 'static>(function: impl FnOnce() -> T + Send + 'static) -> Result<(Thread, JoinHandle<T>)> {
    suspended(function).resume()
}

/// Prepares a thread that begins when it is [resumed](Suspended::resume) (`CreateThread` with
/// `CREATE_SUSPENDED`).
///
/// ```
/// use overlapped::alertable;
///
/// let suspended = alertable::suspended(|| println!("second"));
/// suspended.thread().queue(|| println!("first"))?;
/// let (_thread, handle) = suspended.resume()?;
/// handle.join().unwrap();
/// # Ok::<(), overlapped::Error>(())
/// ```
#[doc(alias = "CreateThread")]
pub fn suspended<T: Send + 'static>(function: impl FnOnce() -> T + Send + 'static) -> Suspended<T> {
    Suspended { beginning: Beginning::new(), function: Box::new(function) }
}

/// A thread that has not begun, see [`suspended`]. The system has it only once it begins; one that
/// is dropped before has ended.
#[must_use = "the thread begins when it is resumed"]
pub struct Suspended<T> {
    beginning: Beginning,
    function: Box<dyn FnOnce() -> T + Send>,
}

impl<T: Send + 'static> Suspended<T> {
    /// The thread, to queue APCs to and to wait for.
    pub fn thread(&self) -> Thread {
        self.beginning.thread()
    }

    /// Lets the thread begin (`ResumeThread`): the APCs queued to it run, then its function.
    ///
    /// # Errors
    ///
    /// As for [`spawn`]; the thread has ended then.
    #[doc(alias = "ResumeThread")]
    pub fn resume(self) -> Result<(Thread, JoinHandle<T>)> {
        let Self { beginning, function } = self;
        let thread = beginning.thread();
        let started = Builder::new().spawn(move || {
            beginning.begin();
            function()
        });
        started.map(|handle| (thread, handle)).map_err(|error| Error::from_io(Operation::Thread, &error))
    }
}

impl<T> fmt::Debug for Suspended<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suspended").finish_non_exhaustive()
    }
}

/// The other side of a thread that has not begun; a thread that never will has ended.
pub(crate) struct Beginning(Option<Arc<ThreadCore>>);

impl Beginning {
    pub(crate) fn new() -> Self {
        Self(Some(Arc::new(ThreadCore::new())))
    }

    pub(crate) fn thread(&self) -> Thread {
        Thread(self.0.clone().unwrap_or_else(ended))
    }

    pub(crate) fn begin(mut self) {
        if let Some(core) = self.0.take() {
            thread::begin(core);
        }
    }
}

impl fmt::Debug for Beginning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beginning").finish_non_exhaustive()
    }
}

impl Drop for Beginning {
    fn drop(&mut self) {
        if let Some(core) = self.0.take() {
            core.close();
            core.finish();
            // Here rather than with the last handle, wherever that is.
            drop(core.take_mail());
        }
    }
}

/// A thread: its APC queue, for any thread to put something in, and an object to wait for, which
/// is signalled for ever once the thread has ended.
///
/// Destructors of its thread-locals may still run then; std's `join` waits for those too.
///
/// Corresponds to the `HANDLE` of `CreateThread`, and to that of `OpenThread`.
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

    pub(crate) fn has_ended(&self) -> bool {
        self.0.ended().is_signalled()
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thread").finish_non_exhaustive()
    }
}

impl Sealed for Thread {
    fn waits_for(&self) -> &Arc<Object> {
        self.0.ended()
    }
}

impl Waitable for Thread {}
