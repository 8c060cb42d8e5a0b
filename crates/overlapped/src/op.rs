//! The operation header: what the library and the kernel need to know of one operation.
//!
//! The header lies in front of the program's value in one allocation (`overlapped::Block`).
//! Issuing leaks that allocation, a completion un-leaks it; in between it is reached through
//! [`OpRef`] only, and of the program's value nothing is touched but the buffer.
//!
//! Fields that change in flight are atomics with relaxed order: the lock of the socket's lanes
//! orders them, and a shared reference is then all that anybody ever needs.

mod outcome;
mod reference;

pub(crate) use outcome::Outcome;
pub(crate) use reference::OpRef;

use crate::error::{Error, Operation, Result};
use crate::message::{Flags, Message, Slot};
use crate::object::Object;
use crate::port::Sink;
use crate::socket::Inner;
use crate::sync::atomic::Ordering::{Acquire, Relaxed};
use crate::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU8, AtomicU32, AtomicU64};
use crate::thread::ThreadCore;
use std::any::TypeId;
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Receive,
    Send,
    Accept,
    Connect,
}

impl Kind {
    pub(crate) fn operation(self) -> Operation {
        match self {
            Self::Receive => Operation::Receive,
            Self::Send => Operation::Send,
            Self::Accept => Operation::Accept,
            Self::Connect => Operation::Connect,
        }
    }
}

/// What becomes of a completed operation's block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Give it back to the program: run its routine.
    Deliver,
    /// Give it back as a packet of its port, to be written to this place: an empty `Option<P>`.
    Packet(NonNull<()>),
    /// Nobody wants it: drop it, and what the operation brought.
    Discard,
    /// It has ended and is still the engine's: a call of another face is told. Written there: whether anybody else is.
    End(NonNull<bool>),
    /// It is in flight: a call of another face is asked whether it is the one that is looked for.
    Ask(NonNull<Question>),
    /// It has sent what it had and is still the engine's: a call of another face is asked for more, which is written there.
    More(NonNull<More>),
}

/// How the program learns of the completion.
pub(crate) enum Delivery {
    /// Not at all; the library owns the bytes (`Socket::give`).
    Nobody,
    /// A routine in the APC queue of this thread.
    Routine(NonNull<ThreadCore>),
    /// An event and the owner of a `Pending`; with the thread that issued it, if it has an engine.
    Event(Arc<Object>, Option<Arc<ThreadCore>>),
    /// A packet of this port, for whichever thread takes it.
    Port(Arc<dyn Sink>),
    /// A call of another face, which knows already; with the thread that issued it, if its end takes it along.
    Told(Option<Arc<ThreadCore>>),
}

/// What a send goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    /// Nothing: it has ended.
    Nothing,
    /// So many bytes, at least one, from this place.
    Bytes(*const u8, usize),
    /// It fails with this code of Winsock.
    Failed(i32),
}

/// Whether a call of another face is the one that somebody looks for.
pub(crate) struct Question {
    /// The type of the call.
    pub(crate) call: TypeId,
    /// What to look for, as that type knows it.
    pub(crate) which: *const (),
    pub(crate) answer: bool,
}

/// States of an operation on an event: the owner of the `Pending` and the completion agree by
/// swapping this who frees the block.
const PENDING: u8 = 0;
const DONE: u8 = 1;
const ORPHAN: u8 = 2;

pub(crate) struct Op {
    act: unsafe fn(OpRef, Act),
    /// The program's routine, erased; only `act` knows its type.
    pub(crate) routine: *const (),
    socket: *const Inner,
    buffer: AtomicPtr<u8>,
    delivery: Delivery,
    /// For operations that need one, see `has_message`.
    message: Slot,
    next: AtomicPtr<Op>,
    key: AtomicU64,
    length: AtomicU32,
    progress: AtomicU32,
    result: AtomicI32,
    serial: AtomicU32,
    kind: Kind,
    has_message: bool,
    cancelled: AtomicBool,
    errand: AtomicBool,
    /// A call of another face: it is told before anybody else is.
    call: AtomicBool,
    state: AtomicU8,
}

impl Op {
    /// A header in no operation yet.
    pub(crate) fn idle() -> Self {
        unsafe fn never(_: OpRef, _: Act) {}
        Self {
            act: never,
            routine: ptr::null(),
            socket: ptr::null(),
            buffer: AtomicPtr::new(ptr::null_mut()),
            delivery: Delivery::Nobody,
            message: Slot::empty(),
            next: AtomicPtr::new(ptr::null_mut()),
            key: AtomicU64::new(0),
            length: AtomicU32::new(0),
            progress: AtomicU32::new(0),
            result: AtomicI32::new(0),
            serial: AtomicU32::new(0),
            kind: Kind::Receive,
            has_message: false,
            cancelled: AtomicBool::new(false),
            errand: AtomicBool::new(false),
            call: AtomicBool::new(false),
            state: AtomicU8::new(PENDING),
        }
    }

    /// Makes the header ready to be issued.
    pub(crate) fn prepare(
        &mut self,
        target: &Target,
        delivery: Delivery,
        act: unsafe fn(OpRef, Act),
        routine: *const (),
    ) {
        self.act = act;
        self.routine = routine;
        self.socket = target.socket;
        self.buffer.store(target.buffer, Relaxed);
        // A count must fit into a result: a receive is then short, a send is refused.
        let length = u32::try_from(target.length).unwrap_or(u32::MAX);
        let length = if target.kind == Kind::Send { length } else { length.min(i32::MAX as u32) };
        self.length.store(length, Relaxed);
        self.delivery = delivery;
        self.kind = target.kind;
        self.has_message = target.has_message;
        self.next.store(ptr::null_mut(), Relaxed);
        // Behind others it has none, and the last one may be somebody else's in another home.
        self.key.store(0, Relaxed);
        self.progress.store(0, Relaxed);
        self.result.store(0, Relaxed);
        self.cancelled.store(false, Relaxed);
        self.errand.store(false, Relaxed);
        self.call.store(false, Relaxed);
        self.state.store(PENDING, Relaxed);
    }

    /// Where the block keeps its message; before the operation is prepared.
    pub(crate) fn message_slot(&mut self) -> &mut Slot {
        &mut self.message
    }

    /// The message of the operation, for whoever has the operation.
    pub(crate) fn message(&self) -> Option<NonNull<Message>> {
        self.message.pointer().filter(|_| self.has_message)
    }

    /// What its receive does with the data.
    pub(crate) fn flags(&self) -> Flags {
        // SAFETY: whoever asks has the operation, and with it the message.
        self.message().map_or(Flags::default(), |message| unsafe { message.as_ref() }.flags)
    }

    /// Whether it has more buffers than the system takes.
    pub(crate) fn has_too_many_buffers(&self) -> bool {
        // SAFETY: as in `flags`.
        self.message().is_some_and(|message| unsafe { message.as_ref() }.is_too_many())
    }

    /// Whether it is a receive that waits for data and leaves it there.
    pub(crate) fn only_looks(&self) -> bool {
        self.kind == Kind::Receive && (self.flags().peek || self.length() == 0 && !self.socket_ref().is_datagram())
    }

    /// Lets go of what the last operation held, when the block is the program's again.
    pub(crate) fn clear(&mut self) {
        self.delivery = Delivery::Nobody;
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    pub(crate) fn length(&self) -> u32 {
        self.length.load(Relaxed)
    }

    /// The part of the buffer that is still to be transferred.
    pub(crate) fn rest(&self) -> (*mut u8, u32) {
        let progress = self.progress.load(Relaxed);
        (self.buffer.load(Relaxed).wrapping_add(progress as usize), self.length() - progress)
    }

    /// Notes that so many bytes more have been transferred; by the lane's holder.
    pub(crate) fn advance(&self, bytes: u32) {
        let progress = self.progress.load(Relaxed);
        let bytes = bytes.min(self.length() - progress);
        self.progress.store(progress + bytes, Relaxed);
        if let Some(mut message) = self.message() {
            // SAFETY: the operation is with its lane, not with the driver, and its lock is held.
            unsafe { message.as_mut() }.advance(bytes as usize);
        }
    }

    /// Goes on from another place of memory; by the lane's holder, for a send that has no message.
    fn go_on(&self, buffer: *const u8, length: u32) {
        self.buffer.store(buffer.cast_mut(), Relaxed);
        self.length.store(length, Relaxed);
        self.progress.store(0, Relaxed);
    }

    pub(crate) fn progress(&self) -> u32 {
        self.progress.load(Relaxed)
    }

    pub(crate) fn serial(&self) -> u32 {
        self.serial.load(Relaxed)
    }

    pub(crate) fn set_serial(&self, serial: u32) {
        self.serial.store(serial, Relaxed);
    }

    pub(crate) fn key(&self) -> u64 {
        self.key.load(Relaxed)
    }

    pub(crate) fn set_key(&self, key: u64) {
        self.key.store(key, Relaxed);
    }

    pub(crate) fn cancelled(&self) -> bool {
        self.cancelled.load(Relaxed)
    }

    pub(crate) fn set_cancelled(&self) {
        self.cancelled.store(true, Relaxed);
    }

    /// Whether the operation goes on although nobody waits for it.
    pub(crate) fn is_errand(&self) -> bool {
        self.errand.load(Relaxed)
    }

    /// Makes it so; whether it was already.
    pub(crate) fn set_errand(&self) -> bool {
        self.errand.swap(true, Relaxed)
    }

    /// Whether it is a call of another face.
    pub(crate) fn is_call(&self) -> bool {
        self.call.load(Relaxed)
    }

    /// Makes it so, before it is issued.
    pub(crate) fn set_call(&self) {
        self.call.store(true, Relaxed);
    }

    /// The result: a count or descriptor, or a negative code of Winsock.
    pub(crate) fn set_result(&self, result: i32) {
        self.result.store(result, Relaxed);
    }

    pub(crate) fn has_succeeded(&self) -> bool {
        self.result.load(Relaxed) >= 0
    }

    /// What takes the operation along when it ends, to be compared only: the thread that issued it, or its port.
    pub(crate) fn belongs_to(&self) -> *const () {
        match &self.delivery {
            Delivery::Nobody => ptr::null(),
            Delivery::Routine(thread) => thread.as_ptr().cast_const().cast(),
            Delivery::Event(_, thread) | Delivery::Told(thread) => {
                thread.as_ref().map_or(ptr::null(), |thread| Arc::as_ptr(thread).cast())
            }
            // What is being sent goes out.
            Delivery::Port(_) if self.kind == Kind::Send => ptr::null(),
            Delivery::Port(port) => Arc::as_ptr(port).cast(),
        }
    }

    /// Whether it is on an event or told, and its thread ends or has ended. That end finds what is with a driver, and what is
    /// behind that; it does not find what is behind an operation that another thread's driver has, or was left.
    pub(crate) fn issuer_has_ended(&self) -> bool {
        matches!(&self.delivery, Delivery::Event(_, Some(thread)) | Delivery::Told(Some(thread)) if thread.is_closed())
    }

    /// Whether it is carried by the home of its thread or port, and not by the hub's: a receive, accept or connect with a
    /// routine or to a port.
    pub(crate) fn is_own(&self) -> bool {
        self.kind != Kind::Send && matches!(self.delivery, Delivery::Routine(_) | Delivery::Port(_))
    }

    pub(crate) fn is_done(&self) -> bool {
        self.state.load(Acquire) == DONE
    }

    /// The message of an operation that has ended.
    pub(crate) fn ended_message(&self) -> Option<&Message> {
        // SAFETY: the operation is with nobody but whoever takes its outcome.
        self.message().map(|message| unsafe { message.as_ref() })
    }

    /// The socket that the operation works on.
    fn socket_ref(&self) -> &Inner {
        // SAFETY: the issue took the reference out of the leaked block, as a borrow that lasts as
        // long as the leak, and this borrow ends with the operation.
        unsafe { &*self.socket }
    }

    pub(crate) fn outcome<R>(&self, success: impl FnOnce(i32) -> R) -> Result<R> {
        match self.result.load(Relaxed) {
            result if result >= 0 => Ok(success(result)),
            error => Err(Error::from_code(self.kind.operation(), -error)),
        }
    }
}

/// What an operation works on.
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) socket: *const Inner,
    pub(crate) buffer: *mut u8,
    pub(crate) length: usize,
    pub(crate) has_message: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn the_header_is_small() {
        assert!(size_of::<Op>() <= 104, "{}", size_of::<Op>());
    }

    fn free(op: OpRef, leaves_second: bool) {
        if leaves_second {
            // SAFETY: the other has left, so this is the only reference.
            drop(unsafe { Box::from_raw(op.pointer().as_ptr()) });
        }
    }

    /// For Miri: the first of the two is still in the call when the second frees the block.
    #[test]
    fn the_second_to_leave_an_operation_frees_it_at_once() {
        for _ in 0..if cfg!(miri) { 200 } else { 1000 } {
            let op = NonNull::from(Box::leak(Box::new(Op::idle())));
            // SAFETY: it is freed below, by one thread.
            let op = unsafe { OpRef::new(op) };
            let together = &Barrier::new(2);
            std::thread::scope(|scope| {
                scope.spawn(move || {
                    together.wait();
                    free(op, op.mark_orphan());
                });
                together.wait();
                free(op, !op.mark_done());
            });
        }
    }

    #[test]
    fn an_operation_begins_without_the_key_of_the_last() {
        unsafe fn never(_: OpRef, _: Act) {}
        let mut op = Op::idle();
        op.set_key(7);
        let (socket, buffer) = (ptr::null(), ptr::null_mut());
        let target = Target { kind: Kind::Receive, socket, buffer, length: 0, has_message: false };
        op.prepare(&target, Delivery::Nobody, never, ptr::null());
        assert_eq!(op.key(), 0);
    }

    #[test]
    fn completion_and_owner_agree_who_frees() {
        let (first, second) = (Op::idle(), Op::idle());
        // SAFETY: alive to the end of the test.
        let [first, second] = [&first, &second].map(|op| unsafe { OpRef::new(NonNull::from(op)) });
        assert!(first.mark_done() && first.is_done());
        assert!(first.mark_orphan());
        assert!(!second.mark_orphan());
        assert!(!second.mark_done());
    }
}
