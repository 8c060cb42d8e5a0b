//! Operations that one thread leaves to another to be started.

use super::{check, core, join, spawn};
use crate::op::{Op, OpRef};
use std::ptr::NonNull;
use std::sync::Arc;

/// An operation for whoever only passes it on.
struct Lent(OpRef);

impl Lent {
    fn new() -> Self {
        let op = NonNull::from(Box::leak(Box::new(Op::idle())));
        // SAFETY: leaked until `give_back`; nobody acts on it.
        Self(unsafe { OpRef::new(op) })
    }

    fn give_back(self) {
        // SAFETY: made by a box, and the threads that had it are joined.
        drop(unsafe { Box::from_raw(self.0.pointer().as_ptr()) });
    }
}

/// A start that is left is either taken back or the owner's: never both, never neither.
#[test]
fn a_start_is_taken_back_or_begun() {
    check(|| {
        let (core, lent) = (core(), Lent::new());
        let op = lent.0;
        let other = spawn({
            let core = Arc::clone(&core);
            move || {
                core.leave_start(op);
                core.take_back_start(op)
            }
        });
        let begun = core.take_starts().len();
        let back = other.join().unwrap();
        let left = core.take_starts().len();
        assert_eq!(begun + usize::from(back) + left, 1);
        lent.give_back();
    });
}

/// The owner comes to what is left to it although it sleeps.
#[test]
fn a_start_that_is_left_wakes_its_thread() {
    check(|| {
        let (core, lent) = (core(), [Lent::new(), Lent::new()]);
        let others = [0, 1].map(|index| {
            let (core, op) = (Arc::clone(&core), lent[index].0);
            spawn(move || core.leave_start(op))
        });
        let mut begun = 0;
        while begun < 2 {
            match core.take_starts().len() {
                0 => drop(core.park(None)),
                more => begun += more,
            }
        }
        join(others);
        assert!(core.take_starts().is_empty());
        lent.into_iter().for_each(Lent::give_back);
    });
}
