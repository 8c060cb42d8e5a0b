//! Operations as the engine passes them around.

use super::{Act, DONE, More, ORPHAN, Op};
use crate::socket::Inner;
use crate::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// An operation between its issue and its delivery.
///
/// Copies lie in the socket's lane and in the home's slab, or in one queue on the way back; all are
/// gone before the block is delivered or discarded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpRef(NonNull<Op>);

// SAFETY: a pointer; the header's fields are atomics or do not change in flight, and the program's
// value behind it is touched only by `act`, which the delivery runs on a thread it may be used on.
unsafe impl Send for OpRef {}

impl OpRef {
    /// # Safety
    ///
    /// `op` is the first field of a leaked block that stays so until `act` is called.
    pub(crate) unsafe fn new(op: NonNull<Op>) -> Self {
        Self(op)
    }

    pub(crate) fn pointer(self) -> NonNull<Op> {
        self.0
    }

    /// The completion's half of the agreement with the owner: whether somebody still wants the
    /// result. If so, the owner may free the block at once.
    pub(crate) fn mark_done(self) -> bool {
        self.leave(DONE) != ORPHAN
    }

    /// The owner's half: whether the operation had completed, so that the owner frees the block. If
    /// not, the completion may free it at once.
    pub(crate) fn mark_orphan(self) -> bool {
        self.leave(ORPHAN) == DONE
    }

    fn leave(self, as_what: u8) -> u8 {
        // SAFETY: alive up to the swap. Only a reference to the state itself exists during it, as
        // for any count that is given up.
        let state = unsafe { &(*self.0.as_ptr()).state };
        state.swap(as_what, AcqRel)
    }

    /// The socket as the operation refers to it.
    pub(crate) fn socket_ptr(self) -> *const Inner {
        self.socket
    }

    /// The socket that the operation works on.
    pub(crate) fn socket(&self) -> &Inner {
        self.socket_ref()
    }

    pub(crate) fn next(self) -> Option<Self> {
        NonNull::new(self.next.load(Relaxed)).map(Self)
    }

    pub(crate) fn set_next(self, next: Option<Self>) {
        self.next.store(next.map_or(ptr::null_mut(), |next| next.0.as_ptr()), Relaxed);
    }

    /// Asks a send that has sent everything whether it has more, and goes on with that; by the lane's holder, while no driver
    /// has it. Its result if it has ended.
    pub(crate) fn more(self) -> Option<i32> {
        let mut more = More::Nothing;
        if self.is_call() && !self.has_message {
            // SAFETY: the lane's lock is held and no driver has the operation, so nobody else touches its value; the place is
            // ours.
            unsafe { self.act(Act::More(NonNull::from(&mut more))) };
        }
        match more {
            More::Nothing => Some(self.length() as i32),
            More::Failed(code) => Some(-code),
            More::Bytes(_, 0) => Some(0),
            More::Bytes(buffer, length) => match i32::try_from(length) {
                Ok(length) => {
                    self.go_on(buffer, length.unsigned_abs());
                    None
                }
                Err(_) => Some(-crate::codes::WSAENOBUFS),
            },
        }
    }

    /// Ends the operation: its block is the program's again, or gone. Runs code of the program.
    ///
    /// # Safety
    ///
    /// No other copy of this reference is used afterwards. With `Act::Deliver`, the thread is the
    /// one the delivery names; with `Act::Discard`, one on which the value may be dropped; with `Act::Packet`, the
    /// operation is one to a port, and the place an `Option` of what packets are there.
    pub(crate) unsafe fn act(self, act: Act) {
        let function = self.act;
        // SAFETY: the issue stored the function for just this block; the rest is the caller's.
        unsafe { function(self, act) }
    }
}

impl Deref for OpRef {
    type Target = Op;

    fn deref(&self) -> &Op {
        // SAFETY: the block is leaked as long as an `OpRef` to it is used, and of its header only
        // shared references exist meanwhile.
        unsafe { self.0.as_ref() }
    }
}
