//! The `winsock` driver: operations are issued to Winsock and complete there.

use super::forget_destination;
use super::gate::{BUCKETS, Gate};
use super::sender::Sender;
use super::slot::{Slot, Work};
use crate::codes;
use crate::driver::{Attempt, Done, Driver, Io, Key};
use std::mem;
use std::ptr;
use std::sync::Arc;

pub(super) struct Overlapping {
    gate: Arc<Gate>,
    /// By the slot of the key.
    slots: Vec<Arc<Slot>>,
    /// The slots that share a bucket's event.
    buckets: Vec<Vec<Arc<Slot>>>,
    /// Slots that have a bucket, for ever.
    placed: usize,
    /// A bucket was added that a blocked thread does not wait for.
    unnoticed: bool,
    sender: Arc<Sender>,
}

// SAFETY: what makes it not so are the slots, which are used under the lock of the home.
unsafe impl Send for Overlapping {}

impl Overlapping {
    pub(super) fn new(gate: Arc<Gate>) -> Self {
        Self { gate, slots: Vec::new(), buckets: Vec::new(), placed: 0, unnoticed: false, sender: Arc::default() }
    }

    fn slot(&mut self, key: Key) -> Arc<Slot> {
        while self.slots.len() <= key.slot() {
            self.slots.push(Arc::new(Slot::new(Arc::clone(&self.gate))));
        }
        Arc::clone(&self.slots[key.slot()])
    }

    /// Sees to it that a slot has an event.
    fn place(&mut self, slot: &Arc<Slot>) -> Attempt<()> {
        if slot.event().is_some() {
            return Ok(());
        }
        let bucket = self.placed % BUCKETS;
        let event = match self.buckets.get(bucket).and_then(|bucket| bucket.first()?.event()) {
            Some(event) => event,
            None => {
                let event = self.gate.add_bucket()?;
                self.buckets.push(Vec::new());
                self.unnoticed = true;
                event
            }
        };
        slot.set_event(event);
        self.buckets[bucket].push(Arc::clone(slot));
        self.placed += 1;
        Ok(())
    }
}

impl Driver for Overlapping {
    unsafe fn start(&mut self, key: Key, raw: i32, io: Io) -> Attempt<()> {
        let mut part = None;
        let (work, buffer) = match io {
            Io::ReceiveMessage { message, .. } => {
                part = Some(message);
                (Work::Receive, (ptr::null_mut(), 0))
            }
            Io::SendMessage { message } => {
                part = Some(message);
                (Work::Send, (ptr::null_mut(), 0))
            }
            Io::Receive { buffer, length, .. } => (Work::Receive, (buffer, length)),
            Io::Readable => (Work::Readable, (ptr::dangling_mut(), 0)),
            Io::Send { buffer, length } => (Work::Send, (buffer, length)),
            Io::Accept => (Work::Accept, (ptr::null_mut(), 0)),
            Io::Connect => (Work::Connect, (ptr::null_mut(), 0)),
        };
        let slot = self.slot(key);
        let routine = self.gate.takes_routines() && matches!(work, Work::Receive | Work::Readable);
        if !routine {
            self.place(&slot)?;
        }
        slot.begin(key, raw, work, routine, buffer, part);
        // SAFETY: the contract of `start`: the buffer stays valid until the operation is harvested.
        let begun = unsafe {
            match work {
                Work::Receive | Work::Readable => slot.receive(),
                Work::Send => self.sender.queue(&slot),
                Work::Accept => slot.accept(),
                Work::Connect => slot.connect(),
            }
        };
        if begun.is_err() {
            slot.refuse();
        }
        begun
    }

    fn cancel(&mut self, key: Key, _raw: i32) {
        let Some(slot) = self.slots.get(key.slot()).filter(|slot| slot.holds(key)) else { return };
        if slot.work() == Work::Send && self.sender.withdraw(slot) {
            slot.fail(codes::WSA_OPERATION_ABORTED);
        } else {
            slot.cancel();
        }
    }

    fn cancels_for_others(&self) -> bool {
        // `CancelIoEx` is for any thread, and routines change nothing that it needs.
        true
    }

    fn flush(&mut self) -> bool {
        mem::take(&mut self.unnoticed)
    }

    fn prepare(&mut self) {
        self.unnoticed = false;
    }

    fn is_ready(&self) -> bool {
        self.gate.has_news()
    }

    fn harvest(&mut self, done: &mut Vec<Done>) {
        let first = done.len();
        let mut arrived = self.gate.take_arrived();
        // SAFETY: a routine has noted a slot of this driver, which keeps it.
        while let Some(slot) = unsafe { arrived.as_ref() } {
            let (told, before) = slot.harvest_told();
            done.push(told);
            arrived = before;
        }
        done[first..].reverse();
        let mut signalled = self.gate.take_signalled();
        while signalled != 0 {
            let bucket = signalled.trailing_zeros() as usize;
            signalled &= signalled - 1;
            // What completes behind this look signals the event again.
            for slot in self.buckets[bucket].iter().filter(|slot| slot.is_complete()) {
                if slot.work() == Work::Send {
                    self.sender.harvested();
                }
                done.push(slot.harvest());
            }
        }
    }

    fn forget(&mut self, raw: i32) {
        forget_destination(raw);
    }
}

impl Drop for Overlapping {
    fn drop(&mut self) {
        // The kernel still writes there.
        for slot in self.slots.drain(..).filter(|slot| slot.in_flight()) {
            mem::forget(slot);
        }
    }
}
