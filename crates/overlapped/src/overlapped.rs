//! `Overlapped<T>`: the operation header and the program's value in one allocation.

mod call;
mod datagram;
mod event;
mod port;
mod routine;
mod spare;
mod vectored;

pub use crate::op::More;
pub use call::{Begun, Call, Cancel, End, Issuer, Part, Telling, cancel, complete, issue};
pub use spare::Spare;

use crate::buffers::{Gather, Scatter};
use crate::message::{Message, Slot};
use crate::op::{Act, Kind, Op, OpRef, Outcome, Target};
use crate::socket::Socket;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut, RangeBounds};
use std::ptr::NonNull;

/// What a session must show so that operations can be issued on it: its socket and its buffer.
///
/// One borrow gives both, and it is asked for once per issue; until the completion nothing else
/// of the session is touched.
///
/// ```
/// use overlapped::{Session, Socket};
///
/// struct Client {
///     socket: Socket,
///     buffer: Vec<u8>,
/// }
///
/// impl Session for Client {
///     fn parts(&mut self) -> (&Socket, &mut [u8]) {
///         (&self.socket, &mut self.buffer)
///     }
/// }
/// ```
pub trait Session: 'static {
    /// The socket to use and the buffer to receive into or to send from.
    fn parts(&mut self) -> (&Socket, &mut [u8]);
}

/// One allocation that holds the header of an operation and the program's value `T`.
///
/// It is what an `OVERLAPPED` as the first member of a session is in Winsock, without the cast:
/// issuing an operation moves it into the library, the completion moves it back. While the
/// operation is pending nobody can touch, free or alias the buffer, and a session that is issued
/// again and again is allocated once.
///
/// Corresponds to `WSAOVERLAPPED`.
///
/// ```
/// use overlapped::Overlapped;
///
/// let mut value = Overlapped::new(vec![1, 2, 3]);
/// value.push(4);
/// assert_eq!(value.into_inner(), [1, 2, 3, 4]);
/// ```
///
/// # What happens to a pending operation
///
/// | the program | the operation | the value |
/// |---|---|---|
/// | cancels it, or closes the socket | completes with `WSA_OPERATION_ABORTED` | comes back with it |
/// | drops its `Pending` | is cancelled | is dropped when the kernel has let go |
/// | ends the issuing thread | is cancelled | routine: dropped by that thread; event: comes back |
/// | ends the process | ends with it | is not dropped |
pub struct Overlapped<T> {
    block: NonNull<Block<T>>,
    owns: PhantomData<Block<T>>,
}

/// The header comes first, so that a pointer to it is a pointer to the block.
#[repr(C)]
pub(crate) struct Block<T> {
    op: Op,
    value: T,
}

// SAFETY: an idle block is owned by one `Overlapped` and holds nothing bound to a thread but `T`.
unsafe impl<T: Send> Send for Overlapped<T> {}
// SAFETY: a shared `Overlapped` gives shared access to `T` only.
unsafe impl<T: Sync> Sync for Overlapped<T> {}

impl<T> Overlapped<T> {
    /// Allocates the header together with `value`.
    pub fn new(value: T) -> Self {
        let block = Box::new(Block { op: Op::idle(), value });
        Self { block: NonNull::from(Box::leak(block)), owns: PhantomData }
    }

    /// Takes the value out and frees the header.
    pub fn into_inner(self) -> T {
        let this = ManuallyDrop::new(self);
        // SAFETY: the block came from a box, this value owned it and does not drop it.
        let block = unsafe { Box::from_raw(this.block.as_ptr()) };
        block.value
    }

    fn into_raw(self) -> NonNull<Block<T>> {
        ManuallyDrop::new(self).block
    }

    /// # Safety
    ///
    /// `op` is the header of a `Block<T>` that was leaked by `into_raw` and is in no operation.
    pub(crate) unsafe fn from_op(op: NonNull<Op>) -> Self {
        let block = op.cast::<Block<T>>();
        // SAFETY: the caller gives the block back.
        unsafe { (*block.as_ptr()).op.clear() };
        Self { block, owns: PhantomData }
    }
}

impl<T: 'static> Overlapped<T> {
    /// Leaks the block as an operation on what `parts` shows.
    ///
    /// Soundness rests on this: from here to the completion the block is leaked, so the socket and
    /// buffer that `parts` borrowed from it are borrows of a leaked value. Whatever safe code can
    /// do elsewhere (drop other owners, forget, exit the thread), it cannot end such a borrow.
    pub(crate) fn leak(
        self,
        kind: Kind,
        parts: impl for<'a> FnOnce(&'a mut T, &mut Slot) -> Parts<'a>,
        delivery: crate::op::Delivery,
        act: unsafe fn(OpRef, Act),
        routine: *const (),
    ) -> OpRef {
        self.leak_as(|value, slot| (kind, parts(value, slot)), delivery, act, routine)
    }

    /// [`leak`](Self::leak) for an operation whose kind the parts say.
    fn leak_as(
        self,
        parts: impl for<'a> FnOnce(&'a mut T, &mut Slot) -> (Kind, Parts<'a>),
        delivery: crate::op::Delivery,
        act: unsafe fn(OpRef, Act),
        routine: *const (),
    ) -> OpRef {
        let target = {
            // SAFETY: the block is alive and ours; its two halves are borrowed apart.
            let (op, value) = unsafe {
                let block = self.block.as_ptr();
                (&mut (*block).op, &mut (*block).value)
            };
            let slot = op.message_slot();
            let (kind, mut parts) = parts(value, slot);
            // What a datagram is cut by shows in a message only.
            if kind == Kind::Receive && parts.socket.inner().is_datagram() && !parts.has_message {
                let scatter = Scatter::raw(parts.socket, parts.buffer, parts.length);
                parts = Parts::scatter(scatter, slot);
            }
            Target {
                kind,
                socket: parts.socket.as_ptr(),
                buffer: parts.buffer,
                length: parts.length,
                has_message: parts.has_message,
            }
        };
        let block = self.into_raw();
        // SAFETY: the block is alive and owned by us; only the header is borrowed, the borrows of
        // the value that the target points to stay untouched.
        let op = unsafe { &mut (*block.as_ptr()).op };
        op.prepare(&target, delivery, act, routine);
        // SAFETY: the header is the first field of the block, which is leaked by now and comes
        // back only through `act`. The pointer is that of the whole block.
        unsafe { OpRef::new(block.cast()) }
    }
}

/// Socket and buffer as the issue needs them.
pub(crate) struct Parts<'a> {
    socket: &'a Socket,
    buffer: *mut u8,
    length: usize,
    has_message: bool,
}

impl<'a> Parts<'a> {
    fn receive((socket, buffer): (&'a Socket, &'a mut [u8])) -> Self {
        Self { socket, length: buffer.len(), buffer: buffer.as_mut_ptr(), has_message: false }
    }

    pub(crate) fn send((socket, buffer): (&'a Socket, &'a [u8])) -> Self {
        Self { socket, length: buffer.len(), buffer: buffer.as_ptr().cast_mut(), has_message: false }
    }

    fn bare(socket: &'a Socket) -> Self {
        Self { socket, length: 0, buffer: NonNull::dangling().as_ptr(), has_message: false }
    }

    fn scatter(scatter: Scatter<'a>, slot: &mut Slot) -> Self {
        Self::message(scatter.socket, slot, |message| scatter.fill(message))
    }

    pub(crate) fn gather(gather: Gather<'a>, slot: &mut Slot) -> Self {
        Self::message(gather.socket, slot, |message| gather.fill(message))
    }

    fn message(socket: &'a Socket, slot: &mut Slot, fill: impl FnOnce(&mut Message) -> usize) -> Self {
        let message = slot.get_or_make();
        message.datagram = socket.inner().is_datagram();
        let length = fill(message);
        Self { length, has_message: true, ..Self::bare(socket) }
    }
}

/// The part of a session's buffer that a send names.
///
/// # Panics
///
/// If the range does not lie in the buffer, as slicing it would.
fn slice(buffer: &[u8], range: impl RangeBounds<usize>) -> &[u8] {
    &buffer[(range.start_bound().cloned(), range.end_bound().cloned())]
}

/// Runs the routine of a completed operation, or drops its block with what the operation brought.
///
/// # Safety
///
/// As for [`OpRef::act`]; the block is a `Block<T>`, and its routine a
/// `fn(Overlapped<T>, Result<R>)`, unless it is only ever discarded.
pub(crate) unsafe fn act<T: 'static, R: Outcome>(op: OpRef, act: Act) {
    let outcome = R::take(&op);
    let routine = op.routine;
    // SAFETY: the operation has ended, and the caller says that this is its block.
    let overlapped = unsafe { Overlapped::<T>::from_op(op.pointer()) };
    debug_assert!(matches!(act, Act::Deliver | Act::Discard), "not an operation to a port, nor a call");
    if act == Act::Deliver {
        // SAFETY: the issue stored a routine of just this type.
        let routine = unsafe { std::mem::transmute::<*const (), fn(Overlapped<T>, crate::Result<R>)>(routine) };
        routine(overlapped, outcome);
    }
}

impl<T> Drop for Overlapped<T> {
    fn drop(&mut self) {
        // SAFETY: the block came from a box, and an `Overlapped` owns it while in no operation.
        drop(unsafe { Box::from_raw(self.block.as_ptr()) });
    }
}

impl<T> Deref for Overlapped<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the block is alive and ours.
        unsafe { &(*self.block.as_ptr()).value }
    }
}

impl<T> DerefMut for Overlapped<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the block is alive and ours, and borrowed exclusively.
        unsafe { &mut (*self.block.as_ptr()).value }
    }
}

impl<T: fmt::Debug> fmt::Debug for Overlapped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Overlapped").field(&**self).finish()
    }
}

impl<T> From<T> for Overlapped<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_slice_is_what_the_range_names() {
        assert_eq!(super::slice(b"abcd", 1..3), b"bc");
        assert_eq!(super::slice(b"abcd", ..=1), b"ab");
        assert_eq!(super::slice(b"abcd", ..), b"abcd");
    }

    #[test]
    #[should_panic(expected = "range")]
    fn a_slice_to_the_end_of_all_numbers_is_refused() {
        super::slice(b"abcd", ..=usize::MAX);
    }
}
