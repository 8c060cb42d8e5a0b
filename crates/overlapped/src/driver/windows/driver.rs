//! The `winsock` driver: operations are issued to Winsock and complete there.

use super::forget_destination;
use super::gate::{BUCKETS, Gate};
use super::sender::Sender;
use super::slot::{Slot, Work};
use super::watches::Watches;
use crate::codes;
use crate::driver::{Attempt, Done, Driver, Io, Key};
use std::mem;
use std::ptr;
use std::sync::Arc;

/// So many buckets operations share; the rest is for watches, whose events say no more than that one is to be looked after.
pub(super) const OPERATIONS: usize = BUCKETS / 2;

pub(super) struct Overlapping {
    gate: Arc<Gate>,
    /// By the slot of the key.
    slots: Vec<Arc<Slot>>,
    /// The slots that share a bucket's event, and its number in the gate.
    buckets: Vec<(usize, Vec<Arc<Slot>>)>,
    watches: Watches,
    /// Slots that have a bucket, for ever.
    placed: usize,
    /// A bucket was added that a blocked thread does not wait for.
    unnoticed: bool,
    sender: Arc<Sender>,
}

impl Overlapping {
    pub(super) fn new(gate: Arc<Gate>) -> Self {
        Self {
            gate,
            slots: Vec::new(),
            buckets: Vec::new(),
            watches: Watches::default(),
            placed: 0,
            unnoticed: false,
            sender: Arc::default(),
        }
    }

    fn slot(&mut self, key: Key) -> Arc<Slot> {
        while self.slots.len() <= key.slot() {
            self.slots.push(Arc::new(Slot::new(Arc::clone(&self.gate))));
        }
        Arc::clone(&self.slots[key.slot()])
    }

    /// Starting an operation takes its event's signal away, with what it said of others in the bucket.
    fn signal_again(&self, started: &Arc<Slot>) {
        let bucket = started.bucket();
        if self.buckets[bucket].1.iter().any(|slot| !Arc::ptr_eq(slot, started) && slot.is_complete()) {
            started.signal();
        }
    }

    /// Sees to it that a slot has an event.
    fn place(&mut self, slot: &Arc<Slot>) -> Attempt<()> {
        if slot.event().is_some() {
            return Ok(());
        }
        let bucket = self.placed % OPERATIONS;
        let event = match self.buckets.get(bucket).and_then(|(_, slots)| slots.first()?.event()) {
            Some(event) => event,
            None => {
                let event = self.gate.add_bucket()?;
                self.buckets.push((self.gate.count_buckets() - 1, Vec::new()));
                self.unnoticed = true;
                event
            }
        };
        slot.set_bucket(bucket, event);
        self.buckets[bucket].1.push(Arc::clone(slot));
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
            Io::Watch { events } => {
                self.unnoticed |= self.watches.start(&self.gate, key, raw, events)?;
                return Ok(());
            }
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
        if !routine {
            self.signal_again(&slot);
        }
        begun
    }

    fn cancel(&mut self, key: Key, _raw: i32) {
        if self.watches.end(key) {
            return;
        }
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
        mem::take(&mut self.unnoticed) || self.watches.have_ended()
    }

    fn prepare(&mut self, _most: usize) {
        self.unnoticed = false;
    }

    fn is_ready(&self) -> bool {
        self.gate.has_news() || self.watches.have_ended()
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
        let signalled = self.gate.take_signalled();
        self.watches.harvest(signalled, done);
        for (_, slots) in self.buckets.iter().filter(|(bucket, _)| signalled & 1 << bucket != 0) {
            // What completes behind this look signals the event again.
            for slot in slots.iter().filter(|slot| slot.is_complete()) {
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

#[cfg(test)]
mod tests {
    use super::super::descriptor::number;
    use super::*;
    use crate::driver::Gate as _;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};
    use std::os::windows::io::AsRawSocket;
    use std::time::Duration;

    fn pair() -> (TcpStream, TcpStream) {
        let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let peer = TcpStream::connect(door.local_addr().expect("bound")).expect("it listens");
        (door.accept().expect("a connection").0, peer)
    }

    /// Starting an operation with an event takes the event's signal away.
    #[test]
    fn a_start_hides_no_completion_of_its_bucket() {
        let gate = Arc::new(Gate::new(false).expect("a gate"));
        let mut driver = Overlapping::new(Arc::clone(&gate));
        let ((first, mut peer), (other, _other_peer)) = (pair(), pair());
        let start = |driver: &mut Overlapping, slot: usize, socket: &TcpStream| {
            let raw = number(socket.as_raw_socket() as usize);
            // SAFETY: no buffer is used.
            unsafe { driver.start(Key::new(slot, 1), raw, Io::Readable) }.expect("it pends");
        };
        start(&mut driver, 0, &first);
        (1..OPERATIONS).for_each(|slot| start(&mut driver, slot, &other));
        peer.write_all(b"x").expect("it is connected");
        while !driver.slots[0].is_complete() {
            std::thread::yield_now();
        }
        start(&mut driver, OPERATIONS, &other);
        gate.block(Some(Duration::from_secs(10)));
        let mut done = Vec::new();
        driver.harvest(&mut done);
        assert_eq!(done.iter().map(|done| done.key.slot()).collect::<Vec<_>>(), [0]);
    }
}
