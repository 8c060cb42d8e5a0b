//! The block of an operation on an event: its owner and its completion agree who frees it, and when it is the owner's.

use super::{Of, check, core, spawn};
use crate::op::{Op, OpRef, Outcome};
use crate::operation::Completion;
use crate::wait::{Goal, wait_as};
use std::ptr::NonNull;

/// A block that both refer to. Freed by whoever has to.
#[derive(Clone, Copy)]
struct Shared(OpRef);

impl Shared {
    fn new() -> Self {
        let op = NonNull::from(Box::leak(Box::new(Op::idle())));
        // SAFETY: leaked until one of the two frees it, which is what the models are about.
        Self(unsafe { OpRef::new(op) })
    }

    fn free(self) {
        // SAFETY: as above.
        drop(unsafe { Box::from_raw(self.0.pointer().as_ptr()) });
    }

    /// What a delivery does; whether it freed the block, with everything that the owner had written.
    fn complete(self, event: &Of) -> bool {
        self.0.set_result(7);
        let unwanted = !event.0.set_if(|| self.0.mark_done());
        if unwanted {
            assert!(self.0.cancelled());
            self.free();
        }
        unwanted
    }

    /// Whether the owner sees what the completion has written.
    fn is_whole(self) -> bool {
        Completion::take(&self.0).is_ok_and(|done| done.bytes == 7)
    }
}

/// An owner who leaves, and a completion: exactly one of them frees the block.
#[test]
fn an_abandoned_block_is_freed_once() {
    check(|| {
        let (event, block) = (Of::manual(), Shared::new());
        let completion = spawn({
            let event = event.clone();
            move || block.complete(&event)
        });
        block.0.set_cancelled();
        let freed = block.0.mark_orphan();
        if freed {
            assert!(block.is_whole());
            block.free();
        }
        assert_ne!(freed, completion.join().unwrap());
    });
}

/// An owner who waits gets the block once it is done, and from then on nobody else touches it or its event: the next
/// operation on that event cannot be taken for this one.
#[test]
fn what_is_done_is_the_owners_alone() {
    check(|| {
        let (event, block) = (Of::manual(), Shared::new());
        let completion = spawn({
            let event = event.clone();
            move || assert!(!block.complete(&event))
        });
        let done = || block.0.is_done();
        wait_as(&core(), &Goal::Until(&event.0, &done), None);
        event.0.sync();
        assert!(block.is_whole());
        block.free();
        event.0.reset();
        completion.join().unwrap();
        assert!(!event.left(), "set by the operation before");
    });
}

/// Who sees the event of an operation set finds the operation done.
#[test]
fn an_event_that_is_set_means_done() {
    check(|| {
        let (event, block) = (Of::manual(), Shared::new());
        let completion = spawn({
            let event = event.clone();
            move || assert!(!block.complete(&event))
        });
        super::any(&[&event]);
        assert!(block.0.is_done() && block.is_whole());
        completion.join().unwrap();
        block.free();
    });
}
