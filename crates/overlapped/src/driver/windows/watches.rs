//! Watches: sockets whose network events Windows records itself (`WSAEventSelect`).
//!
//! A watch goes on until it is ended. Those that share a bucket's event are all asked when it is signalled. The calls that
//! enable an event again are made on the same socket, so Windows knows of them.

use super::codes::succeeded;
use super::descriptor::socket_of;
use super::driver::OPERATIONS;
use super::gate::{BUCKETS, Gate};
use crate::codes;
use crate::driver::{Attempt, Done, Key};
use crate::network::{Held, NetworkEvents};
use std::ptr;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Networking::WinSock as ws;

#[derive(Default)]
pub(super) struct Watches {
    buckets: Vec<Bucket>,
    /// Watches that have ended, to be harvested.
    ended: Vec<Done>,
    started: usize,
}

/// The sockets that share an event.
struct Bucket {
    number: usize,
    event: HANDLE,
    sockets: Vec<(Key, i32)>,
}

// SAFETY: the event is the gate's, which any thread may signal and wait for.
unsafe impl Send for Bucket {}

impl Watches {
    /// Starts a watch; it takes the place of one that the socket has, which is still to be ended. Whether that has added a
    /// bucket.
    pub(super) fn start(&mut self, gate: &Gate, key: Key, raw: i32, events: NetworkEvents) -> Attempt<bool> {
        let place = self.started % (BUCKETS - OPERATIONS);
        let added = place == self.buckets.len();
        if added {
            let event = gate.add_bucket()?;
            self.buckets.push(Bucket { number: gate.count_buckets() - 1, event, sockets: Vec::new() });
        }
        let bucket = &mut self.buckets[place];
        select(raw, bucket.event, events)?;
        bucket.sockets.push((key, raw));
        self.started += 1;
        Ok(added)
    }

    /// Ends a watch; whether the key is that of one.
    pub(super) fn end(&mut self, key: Key) -> bool {
        let mut watches = self.buckets.iter_mut().flat_map(|bucket| {
            let place = bucket.sockets.iter().position(|(watch, _)| *watch == key);
            place.map(|place| bucket.sockets.swap_remove(place))
        });
        let Some((_, raw)) = watches.next() else { return false };
        drop(watches);
        if !self.buckets.iter().flat_map(|bucket| &bucket.sockets).any(|(_, other)| *other == raw) {
            // Fails only if the socket is closed.
            let _ = select(raw, ptr::null_mut(), NetworkEvents::NONE);
        }
        self.ended.push(Done { key, result: -codes::WSA_OPERATION_ABORTED, more: false });
        true
    }

    pub(super) fn have_ended(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Asks the sockets of the buckets that were signalled, a bit each.
    pub(super) fn harvest(&mut self, signalled: u64, done: &mut Vec<Done>) {
        done.append(&mut self.ended);
        for bucket in self.buckets.iter().filter(|bucket| signalled & 1 << bucket.number != 0) {
            for &(key, raw) in &bucket.sockets {
                let recorded = recorded(raw);
                if !recorded.is_empty() {
                    done.push(Done { key, result: recorded.packed(), more: true });
                }
            }
        }
    }
}

fn select(raw: i32, event: HANDLE, events: NetworkEvents) -> Attempt<()> {
    // SAFETY: the event lives as long as its gate, which ends its watches; without one nothing is selected.
    succeeded(unsafe { ws::WSAEventSelect(socket_of(raw), event as ws::WSAEVENT, events.bits().into()) })
}

/// What Windows has recorded of a socket, which is thereby taken.
pub(super) fn recorded(raw: i32) -> Held {
    let mut record = ws::WSANETWORKEVENTS::default();
    let mut held = Held::default();
    // SAFETY: the record is of the type that is asked for; no event is reset.
    if unsafe { ws::WSAEnumNetworkEvents(socket_of(raw), 0, &raw mut record) } == 0 {
        for event in NetworkEvents::from_bits(record.lNetworkEvents as u8).iter() {
            held.add(event, record.iErrorCode[event.bits().trailing_zeros() as usize]);
        }
    }
    held
}
