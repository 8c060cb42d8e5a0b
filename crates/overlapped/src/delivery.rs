//! From a completed operation to the program: a routine is queued, an event set, a block dropped.

use crate::op::{Act, Delivery, OpRef};
use crate::thread::{self, Mail, ThreadCore};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;

/// Blocks that nobody wants any more. Dropping one runs code of the program, so they are
/// collected while locks or leadership are held, and dropped after.
#[derive(Default)]
pub(crate) struct Unwanted(Vec<OpRef>);

impl Unwanted {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Unwanted {
    /// What is dropped along.
    pub(crate) fn push(&mut self, op: OpRef) {
        self.0.push(op);
    }
}

crate::sync::bare! {
    /// How deep the thread is in work of the library, in which what it drops is not to keep it.
    static INSIDE: u32 = 0;
}

/// The thread works for the library, until this is dropped: for operations of any sockets, not for the one that it drops last.
pub(crate) struct Inside(());

impl Inside {
    pub(crate) fn enter() -> Self {
        INSIDE.set(INSIDE.get() + 1);
        Self(())
    }

    pub(crate) fn is_here() -> bool {
        INSIDE.get() > 0
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(INSIDE.get() - 1);
    }
}

impl Drop for Unwanted {
    fn drop(&mut self) {
        if self.0.is_empty() {
            return;
        }
        let _inside = Inside::enter();
        let mut blocks = std::mem::take(&mut self.0);
        while !blocks.is_empty() {
            match Drops::enter(blocks) {
                Some(mine) => {
                    for op in mine {
                        // SAFETY: `deliver` found that this reference is the last, and that any thread may
                        // drop the block.
                        unsafe { discard(op) };
                    }
                    blocks = Drops::leave();
                }
                None => return,
            }
        }
    }
}

/// A value that is dropped may wait in its drop, and so come to blocks that nobody wants, whose values wait in theirs: how
/// deep the calling thread is in that, and what is left to the outermost drop for being too deep.
struct Drops {
    depth: Cell<u32>,
    left: RefCell<Vec<OpRef>>,
}

/// As deep as that, drops are not nested any more: the stack has an end.
const DEEPEST: u32 = 16;

thread_local! {
    static DROPS: Drops = const { Drops { depth: Cell::new(0), left: RefCell::new(Vec::new()) } };
}

impl Drops {
    /// Gives back what is to be dropped now; `None` if an outer drop will.
    fn enter(mut blocks: Vec<OpRef>) -> Option<Vec<OpRef>> {
        let left = DROPS.try_with(|drops| {
            if drops.depth.get() == DEEPEST {
                drops.left.borrow_mut().append(&mut blocks);
                return true;
            }
            drops.depth.set(drops.depth.get() + 1);
            false
        });
        // The last destructors of a thread have no record of it.
        (!left.unwrap_or(false)).then_some(blocks)
    }

    /// What is left for the caller to drop.
    fn leave() -> Vec<OpRef> {
        let left = DROPS.try_with(|drops| {
            let depth = drops.depth.get().saturating_sub(1);
            drops.depth.set(depth);
            if depth == 0 { drops.left.take() } else { Vec::new() }
        });
        left.unwrap_or_default()
    }
}

/// Drops an operation's block.
///
/// # Safety
///
/// As for [`OpRef::act`] with `Act::Discard`.
pub(crate) unsafe fn discard(op: OpRef) {
    // SAFETY: the caller's promise.
    contain(|| unsafe { op.act(Act::Discard) });
}

/// Runs code of the program that no call of the program is waiting for. A panic ends here; the
/// panic hook has reported it.
pub(crate) fn contain(code: impl FnOnce()) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(code)) else { return };
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload whose drop panics with another of its kind: enough.
        std::mem::forget(again);
    }
}

/// Tells a call of another face, before anybody else is told, that it has ended. Whether somebody else is to be told.
pub(crate) fn end_call(op: OpRef) -> bool {
    if !op.is_call() {
        return true;
    }
    if let Delivery::Told(Some(issuer)) = op.delivery() {
        issuer.event_operation_done();
    }
    let mut wanted = true;
    // SAFETY: the operation has ended and is not delivered yet, so its value is touched by nobody else; the place is ours.
    unsafe { op.act(Act::End(NonNull::from(&mut wanted))) };
    wanted
}

/// Tells the program of a completed operation. The caller may lead the hub, and hold the lanes of
/// a socket that it visits; no code of the program runs.
pub(crate) fn deliver(op: OpRef, unwanted: &mut Unwanted) {
    let wanted = end_call(op);
    match op.delivery() {
        // The library's own: no code of the program runs, so it goes at once.
        // SAFETY: the lane has let go of it, so this is the last reference; any thread may drop it.
        Delivery::Nobody => unsafe { discard(op) },
        // The call knows by now, so it goes at once.
        // SAFETY: as above.
        Delivery::Told(_) => unsafe { discard(op) },
        Delivery::Routine(owner) => {
            let owner = *owner;
            if !thread::enqueue(owner, op) {
                // SAFETY: a thread's core outlives its operations: its end waits for them, or
                // leaks the core. With this one back it may end before `post` has woken it.
                let owner = unsafe { ThreadCore::share(owner) };
                let _ = owner.post(Mail::Done(op));
            }
        }
        Delivery::Event(object, issuer) => {
            if let Some(issuer) = issuer {
                issuer.event_operation_done();
            }
            // As soon as the operation is marked done its owner may free the block, event included.
            let object = Arc::clone(object);
            if !object.set_if(|| op.mark_done()) {
                unwanted.0.push(op);
            }
        }
        Delivery::Port(port) => {
            // As soon as it is queued another thread may take it, and free the block with this reference.
            let port = Arc::clone(port);
            if !wanted {
                port.take_back(op);
                unwanted.0.push(op);
            } else if !port.deliver(op) {
                unwanted.0.push(op);
            }
        }
    }
}
