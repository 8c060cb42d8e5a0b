//! Cancelling what lies in the lanes.
//!
//! The head is with a driver, which is asked; what is behind it has not begun and is just taken
//! out, but when everything goes: then the head's completion flushes the rest, in order.

use super::{Inner, Lane, Lanes};
use crate::codes;
use crate::delivery::{Unwanted, deliver};
use crate::fork;
use crate::op::OpRef;
use crate::socket::{Shutdown, sends};

impl Inner {
    pub(in crate::socket) fn cancel_all(&self) -> bool {
        if fork::in_child() {
            return false;
        }
        let mut unwanted = Unwanted::default();
        let mut lanes = self.lanes();
        self.cancel_lanes(&mut lanes, &mut unwanted)
    }

    /// Marks everything; the completion of each head flushes what is marked behind it, in order.
    fn cancel_lanes(&self, lanes: &mut Lanes, unwanted: &mut Unwanted) -> bool {
        let found = !lanes.is_idle();
        for op in lanes.receive.iter().chain(lanes.send.iter()) {
            op.set_cancelled();
        }
        for head in [lanes.receive.head, lanes.send.head].into_iter().flatten() {
            self.cancel_head(lanes, head, unwanted);
        }
        found
    }

    fn cancel_head(&self, lanes: &mut Lanes, head: OpRef, unwanted: &mut Unwanted) {
        match lanes.own.upgrade() {
            Some(home) if head.is_own() => {
                if home.take_back_start(head) {
                    // Its thread has not come to it: it is with no driver.
                    let aborted = -codes::WSA_OPERATION_ABORTED;
                    self.end_head_aside(lanes, head, aborted, unwanted);
                } else {
                    home.cancel(head);
                }
            }
            _ => self.context.hub.cancel(head),
        }
    }

    pub(in crate::socket) fn cancel_serial(&self, serial: u32) -> bool {
        self.cancel_where(|op| op.serial() == serial)
    }

    pub(crate) fn cancel_op(&self, op: OpRef) -> bool {
        self.cancel_where(|other| other == op)
    }

    /// Cancels what belongs to a thread or port, if the lanes are free. What had not begun goes to
    /// `removed`, to be delivered; a head that belongs to it goes to `cancel`, which marks it if it has it.
    pub(crate) fn try_cancel_all_of(
        &self,
        owner: *const (),
        removed: &mut Vec<OpRef>,
        mut cancel: impl FnMut(OpRef),
    ) -> bool {
        let Ok(mut lanes) = self.lanes.try_lock() else { return false };
        let its: Vec<_> = lanes.receive.iter().chain(lanes.send.iter()).filter(|op| op.belongs_to() == owner).collect();
        for op in its {
            if lanes.of(op.kind()).head == Some(op) {
                cancel(op);
            } else {
                op.set_cancelled();
                lanes.remove(op);
                removed.push(op);
            }
        }
        true
    }

    /// Cancels the first operation that `wanted` names; whether there was one.
    fn cancel_where(&self, wanted: impl Fn(OpRef) -> bool) -> bool {
        if fork::in_child() {
            return false;
        }
        let mut unwanted = Unwanted::default();
        let mut lanes = self.lanes();
        let Some(op) = lanes.receive.iter().chain(lanes.send.iter()).find(|&op| wanted(op)) else {
            return false;
        };
        op.set_cancelled();
        if lanes.of(op.kind()).head == Some(op) {
            self.cancel_head(&mut lanes, op, &mut unwanted);
            return true;
        }
        lanes.remove(op);
        drop(lanes);
        deliver(op, &mut unwanted);
        true
    }

    /// Cancels the operations that are wanted, or the first of them, in order; whether there were any.
    pub(crate) fn cancel_calls(&self, wanted: impl Fn(OpRef) -> bool, one: bool) -> bool {
        if fork::in_child() {
            return false;
        }
        let (mut unwanted, mut removed) = (Unwanted::default(), Vec::new());
        let mut lanes = self.lanes();
        let its = lanes.receive.iter().chain(lanes.send.iter()).filter(|&op| !op.cancelled() && wanted(op));
        let its: Vec<_> = its.take(if one { 1 } else { usize::MAX }).collect();
        its.iter().for_each(|op| op.set_cancelled());
        for &op in &its {
            let head = lanes.of(op.kind()).head;
            if head == Some(op) {
                self.cancel_head(&mut lanes, op, &mut unwanted);
            } else if !head.is_some_and(|head| its.contains(&head)) {
                lanes.remove(op);
                removed.push(op);
            }
        }
        drop(lanes);
        for op in removed {
            deliver(op, &mut unwanted);
        }
        !its.is_empty()
    }

    pub(in crate::socket) fn close(&self) {
        if fork::in_child() {
            // The connection is the parent's.
            return;
        }
        let mut unwanted = Unwanted::default();
        let mut lanes = self.lanes();
        if !std::mem::replace(&mut lanes.closed, true) {
            self.cancel_lanes(&mut lanes, &mut unwanted);
            self.end_selection(&mut lanes);
            // The peer learns of it now, whatever the threads do whose operations are pending.
            if lanes.abortive {
                self.context.system.disconnect(self.raw());
            } else {
                let _ = self.context.system.shutdown(self.raw(), Shutdown::Both);
            }
        }
    }
}

impl Lanes {
    /// Takes out a cancelled operation that has not begun: nothing has to be waited for.
    fn remove(&mut self, op: OpRef) {
        self.of(op.kind()).unlink(op);
        if sends(op.kind()) {
            self.queued -= op.rest().1 as usize;
        }
        op.set_result(-codes::WSA_OPERATION_ABORTED);
    }
}

impl Lane {
    /// Takes out an operation that is not the head.
    fn unlink(&mut self, op: OpRef) {
        let before = self.iter().find(|before| before.next() == Some(op));
        if let Some(before) = before {
            before.set_next(op.next());
            if self.tail == Some(op) {
                self.tail = Some(before);
            }
        }
    }
}
