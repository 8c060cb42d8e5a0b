//! From a completed operation to the program: a routine is queued, an event set, a block dropped.

use crate::op::{Act, Delivery, OpRef};
use crate::thread::{self, Mail};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Blocks that nobody wants any more. Dropping one runs code of the program, so they are
/// collected while locks or leadership are held, and dropped after.
#[derive(Default)]
pub(crate) struct Unwanted(Vec<OpRef>);

impl Drop for Unwanted {
    fn drop(&mut self) {
        for op in self.0.drain(..) {
            // SAFETY: `deliver` found that this reference is the last, and that any thread may
            // drop the block.
            unsafe { discard(op) };
        }
    }
}

/// Drops an operation's block. A panic in the drop of the program's value ends here: it belongs
/// to no call that the program is making. (The panic hook has reported it.)
///
/// # Safety
///
/// As for [`OpRef::act`] with `Act::Discard`.
pub(crate) unsafe fn discard(op: OpRef) {
    // SAFETY: the caller's promise.
    let _ = catch_unwind(AssertUnwindSafe(|| unsafe { op.act(Act::Discard) }));
}

/// Tells the program of a completed operation. No lock is held, except that the caller may lead
/// the hub; no code of the program runs.
pub(crate) fn deliver(op: OpRef, unwanted: &mut Unwanted) {
    match op.delivery() {
        Delivery::Nobody => unwanted.0.push(op),
        Delivery::Routine(owner) => {
            let owner = *owner;
            if !thread::enqueue(owner, op) {
                // SAFETY: a thread's core outlives its operations: its end waits for them, or
                // leaks the core.
                let _ = unsafe { owner.as_ref() }.post(Mail::Done(op));
            }
        }
        Delivery::Event(object, _) => {
            // As soon as the operation is marked done its owner may free the block, event included.
            let object = Arc::clone(object);
            if !object.set_if(|| op.mark_done()) {
                unwanted.0.push(op);
            }
        }
    }
}
