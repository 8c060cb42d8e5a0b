//! Semaphore objects.

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::object::sealed::{Sealed, Signals};
use crate::object::{Object, Signal, Waitable};
use std::fmt;
use std::sync::Arc;

/// A semaphore object: a count that each wait it satisfies takes one of, signalled while it is not zero.
///
/// A cheap handle: clones are the same semaphore. Any thread may release it.
///
/// Corresponds to the `HANDLE` of `CreateSemaphore`.
///
/// ```
/// use overlapped::{wait, Semaphore, Waited};
/// use std::time::Duration;
///
/// let places = Semaphore::new(1, 3)?;
/// assert_eq!(wait::one(&places, None)?, Waited::Object(0));
/// assert_eq!(wait::one(&places, Some(Duration::ZERO))?, Waited::TimedOut); // taken
/// assert_eq!(places.release(3)?, 0);
/// assert_eq!(wait::one(&places, None)?, Waited::Object(0));
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Clone)]
pub struct Semaphore(Arc<Object>);

impl Semaphore {
    /// A semaphore with `initial` to take and never more than `maximum` (`CreateSemaphore`).
    ///
    /// # Errors
    ///
    /// `WSA_INVALID_PARAMETER` if `maximum` is zero or less than `initial`.
    #[doc(alias = "CreateSemaphore")]
    pub fn new(initial: u32, maximum: u32) -> Result<Self> {
        if maximum == 0 || initial > maximum {
            return Err(Error::new(Operation::Object, codes::WSA_INVALID_PARAMETER));
        }
        Ok(Self(Arc::new(Object::semaphore(initial, maximum))))
    }

    /// Lets `count` more waits take one (`ReleaseSemaphore`); returns the count before.
    ///
    /// # Errors
    ///
    /// `ERROR_TOO_MANY_POSTS` if there were more than the maximum then, and `WSA_INVALID_PARAMETER`
    /// if `count` is zero; nothing is changed.
    ///
    /// ```
    /// use overlapped::{codes, Semaphore};
    ///
    /// let places = Semaphore::new(1, 3)?;
    /// assert_eq!(places.release(2)?, 1);
    /// assert_eq!(places.release(1).unwrap_err().code(), codes::ERROR_TOO_MANY_POSTS);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "ReleaseSemaphore")]
    pub fn release(&self, count: u32) -> Result<u32> {
        if count == 0 {
            return Err(Error::new(Operation::Release, codes::WSA_INVALID_PARAMETER));
        }
        self.0.add(count).ok_or_else(|| Error::new(Operation::Release, codes::ERROR_TOO_MANY_POSTS))
    }
}

impl Sealed for Semaphore {
    fn waits_for(&self) -> &Arc<Object> {
        &self.0
    }
}

impl Signals for Semaphore {
    fn signal(&self) -> Result<()> {
        self.release(1).map(drop)
    }
}

impl Waitable for Semaphore {}
impl Signal for Semaphore {}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore").field("signalled", &self.0.is_signalled()).finish_non_exhaustive()
    }
}
