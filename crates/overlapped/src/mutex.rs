//! Mutex objects.

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::object::sealed::{Sealed, Signals};
use crate::object::{Object, Signal, Waitable};
use crate::thread;
use std::fmt;
use std::sync::Arc;

/// A mutex object: signalled while no thread owns it, and owned by the thread whose wait it satisfies.
///
/// The owner may wait for it again, which it satisfies at once, and releases it as often. If the
/// owner ends without that, the mutex is abandoned: the next wait that takes it returns
/// [`Waited::Abandoned`](crate::Waited::Abandoned), and what the mutex protects may be half done.
///
/// A cheap handle: clones are the same mutex. It guards no data and unlocks nothing by itself;
/// it is for code that waits for several things at once. Where a lock will do,
/// [`std::sync::Mutex`] is the better one: this type has Win32's longer word for it so that the two
/// stand side by side in a program.
///
/// Corresponds to the `HANDLE` of `CreateMutex`.
///
/// ```
/// use overlapped::{wait, MutexObject, Waited};
///
/// let mutex = MutexObject::new();
/// assert_eq!(wait::one(&mutex, None)?, Waited::Object(0));
/// // ... this thread is the only one here ...
/// mutex.release()?;
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Clone)]
pub struct MutexObject(Arc<Object>);

impl MutexObject {
    /// A mutex that no thread owns (`CreateMutex`).
    #[doc(alias = "CreateMutex")]
    #[expect(clippy::new_without_default, reason = "as for the other objects, there is no default kind")]
    pub fn new() -> Self {
        Self(Arc::new(Object::mutex()))
    }

    /// A mutex that the calling thread owns (`CreateMutex` with `bInitialOwner`).
    ///
    /// # Errors
    ///
    /// `ERROR_GEN_FAILURE` in one of the last destructors at the end of the thread.
    #[doc(alias = "CreateMutex")]
    pub fn owned() -> Result<Self> {
        let owner = thread::current_core().ok_or_else(|| Error::new(Operation::Object, codes::ERROR_GEN_FAILURE))?;
        let mutex = Arc::new(Object::mutex());
        mutex.take(&owner);
        mutex.settle(&owner);
        Ok(Self(mutex))
    }

    /// Undoes one wait of the calling thread (`ReleaseMutex`); after the last the mutex is free.
    ///
    /// # Errors
    ///
    /// `ERROR_NOT_OWNER` if it does not belong to the calling thread.
    ///
    /// ```
    /// use overlapped::{codes, wait, MutexObject};
    ///
    /// let mutex = MutexObject::owned()?;
    /// wait::one(&mutex, None)?; // again
    /// mutex.release()?;
    /// mutex.release()?;
    /// assert_eq!(mutex.release().unwrap_err().code(), codes::ERROR_NOT_OWNER);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "ReleaseMutex")]
    pub fn release(&self) -> Result<()> {
        match thread::current_core() {
            Some(thread) if self.0.release(&thread) => Ok(()),
            _ => Err(Error::new(Operation::Release, codes::ERROR_NOT_OWNER)),
        }
    }
}

impl Sealed for MutexObject {
    fn waits_for(&self) -> &Arc<Object> {
        &self.0
    }
}

impl Signals for MutexObject {
    fn signal(&self) -> Result<()> {
        self.release()
    }
}

impl Waitable for MutexObject {}
impl Signal for MutexObject {}

impl fmt::Debug for MutexObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MutexObject").field("free", &self.0.is_signalled()).finish_non_exhaustive()
    }
}
