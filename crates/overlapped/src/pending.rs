//! A pending operation on an event, as a value.

use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::fork;
use crate::object::Object;
use crate::op::{Act, Delivery, Op, OpRef};
use crate::operation::{Completion, Issued};
use crate::overlapped::Overlapped;
use crate::wait;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::time::Duration;

/// An operation issued with an [`Event`](crate::Event), until somebody takes its result.
///
/// May go to another thread, be polled, waited for and finished there. Dropping it cancels the
/// operation; the session is dropped when the kernel has let go of its buffer.
///
/// Corresponds to a `WSAOVERLAPPED` with `hEvent` in flight, [`finish`](Self::finish) to
/// `WSAGetOverlappedResult`.
///
/// ```
/// use overlapped::{Event, Overlapped, Socket};
///
/// let listener = Socket::listen("127.0.0.1:0")?;
/// let connected = Event::manual();
/// let pending = Overlapped::new(listener).accept_event(&connected, |listener| listener);
/// assert!(!pending.poll());
/// pending.cancel()?;
/// let (_listener, client) = pending.finish();
/// assert!(client.unwrap_err().is_aborted());
/// # Ok::<(), overlapped::Error>(())
/// ```
#[must_use = "dropping a pending operation cancels it"]
pub struct Pending<T, R = Completion> {
    op: OpRef,
    issued: Issued,
    /// Takes the outcome out of the completed operation.
    take: fn(&Op) -> Result<R>,
    owns: PhantomData<Overlapped<T>>,
}

// SAFETY: the block comes back as an `Overlapped<T>` to whoever finishes, which `T: Send` allows;
// until then only the header's atomics are used.
unsafe impl<T: Send, R> Send for Pending<T, R> {}
// SAFETY: shared access gives no access to `T`.
unsafe impl<T: Send, R> Sync for Pending<T, R> {}

impl<T, R> Pending<T, R> {
    pub(crate) fn new(op: OpRef, issued: Issued, take: fn(&Op) -> Result<R>) -> Self {
        Self { op, issued, take, owns: PhantomData }
    }

    /// Whether the operation completed at once when it was issued, or was pending.
    pub fn issued(&self) -> Issued {
        self.issued
    }

    /// Whether the operation is known to have completed: without asking the kernel, so it costs
    /// nothing. Right after a wait it finds everything that completed along with what ended the wait.
    pub fn is_done(&self) -> bool {
        self.op.is_done()
    }

    /// Whether the operation has completed (`HasOverlappedIoCompleted`). Never blocks, but lets
    /// operations complete that can, which is a system call while this one has not.
    #[doc(alias = "HasOverlappedIoCompleted")]
    pub fn poll(&self) -> bool {
        if !self.op.is_done() {
            crate::hub::poll();
        }
        self.op.is_done()
    }

    /// Waits until the operation has completed, for ever with `None`; returns whether it has.
    ///
    /// Not alertable, and independent of the event: another thread may have consumed its signal.
    /// In a forked child, which no operation of its parent completes in, it does not wait.
    pub fn wait(&self, timeout: Option<Duration>) -> bool {
        if fork::in_child() {
            return self.is_done();
        }
        wait::until(self.object(), || self.op.is_done(), timeout)
    }

    /// Cancels the operation (`CancelIoEx`): it completes with `WSA_OPERATION_ABORTED`, or with
    /// its result if that came first. No data is lost.
    ///
    /// # Errors
    ///
    /// `ERROR_NOT_FOUND` if it has completed already.
    #[doc(alias = "CancelIoEx")]
    pub fn cancel(&self) -> Result<()> {
        // The socket belongs to the block, which may be gone from its lane but not yet from here.
        if !self.op.is_done() && self.op.socket().cancel_op(self.op) {
            return Ok(());
        }
        Err(Error::new(Operation::Cancel, codes::ERROR_NOT_FOUND))
    }

    /// Waits for the completion and takes the result (`WSAGetOverlappedResult`, `fWait = TRUE`):
    /// the session back, and what the operation brought. Leaves the event as it is.
    ///
    /// # Errors
    ///
    /// In the second half of what it returns: those of the operation; in a forked child `WSASYSNOTREADY`.
    #[doc(alias = "WSAGetOverlappedResult")]
    pub fn finish(self) -> (Overlapped<T>, Result<R>) {
        if !self.wait(None) {
            // A forked child: the kernel's copy of the buffer is the parent's, this one is nobody's.
            self.op.set_result(-codes::WSASYSNOTREADY);
        }
        // The completion marks the operation done and sets the event in one step: see its end.
        self.object().sync();
        let this = ManuallyDrop::new(self);
        let outcome = (this.take)(&this.op);
        // SAFETY: the operation has completed and was not left as an orphan, so the block is this
        // value's, which is not used again; it is a `Block<T>`.
        (unsafe { Overlapped::from_op(this.op.pointer()) }, outcome)
    }

    /// Takes the result if the operation has completed (`WSAGetOverlappedResult`,
    /// `fWait = FALSE`).
    ///
    /// # Errors
    ///
    /// The operation itself, if it is still pending (`WSA_IO_INCOMPLETE`).
    #[doc(alias = "WSAGetOverlappedResult")]
    pub fn try_finish(self) -> std::result::Result<(Overlapped<T>, Result<R>), Self> {
        if self.poll() { Ok(self.finish()) } else { Err(self) }
    }

    fn object(&self) -> &Arc<Object> {
        match self.op.delivery() {
            Delivery::Event(object, _) => object,
            _ => unreachable!("a pending operation is one on an event"),
        }
    }
}

impl<T, R> Drop for Pending<T, R> {
    fn drop(&mut self) {
        // Cancel while the block is still ours: afterwards the completion may free it any time.
        let _ = self.cancel();
        let context = self.op.socket().context();
        if context.hub.abandon(self.op) {
            // SAFETY: it had completed, so this is the last reference; `T: Send` lets any thread drop it.
            unsafe { self.op.act(Act::Discard) };
        }
    }
}

impl<T, R> fmt::Debug for Pending<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("done", &self.op.is_done()).finish_non_exhaustive()
    }
}
