//! The end of a port: its waiters are told, its packets dropped, its operations cancelled.

use super::queue::{Leader, Packet, Queue};
use crate::delivery::{Unwanted, contain, discard};
use crate::driver::system;
use crate::sync;
use crate::thread::ThreadCore;
use std::sync::Arc;
use std::time::Duration;

/// How long it waits for the next of its operations to come back. Cancelling is a matter of microseconds; past this the sessions
/// are leaked, which is sound.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it looks again.
const PAUSE: Duration = Duration::from_millis(10);

pub(super) fn close<P: Send + 'static>(queue: &Arc<Queue<P>>) {
    if queue.is_foreign() || system::process_ends() {
        // The rings of its home are the parent's, too; or whoever drives it will not go on.
        std::mem::forget(Arc::clone(queue));
        return;
    }
    let packets = {
        let mut state = queue.state();
        if state.closed {
            return;
        }
        state.close()
    };
    for packet in packets {
        match packet {
            // SAFETY: the queue's entry was the last reference, and any thread may take a packet.
            Packet::Operation(op) => unsafe { discard(op) },
            Packet::Posted(packet) => contain(|| drop(packet)),
        }
    }
    reap(queue);
}

/// Cancels what is in flight, and waits until the kernel has let go of it.
fn reap<P: Send + 'static>(queue: &Arc<Queue<P>>) {
    let Some((context, home)) = queue.place() else { return };
    home.close();
    let core = Arc::new(ThreadCore::new());
    let (mut left, mut deadline) = (usize::MAX, sync::now() + PATIENCE);
    loop {
        // What lies behind an operation on an event is found with that, and not while that is being settled.
        for home in context.hub.home_if_made().into_iter().chain([&**home]) {
            home.cancel_all_of(Arc::as_ptr(queue).cast());
        }
        let now_left = queue.outstanding();
        let now = sync::now();
        if now_left == 0 || now_left >= left && now >= deadline {
            return;
        }
        if now_left < left {
            (left, deadline) = (now_left, now + PATIENCE);
        }
        // Dropped at the end of each round: it may run code of the program.
        let mut unwanted = Unwanted::default();
        let mut state = queue.state();
        if state.has_leader() || home.in_flight() == 0 {
            drop(state);
            sync::pause(Duration::from_millis(1));
            continue;
        }
        state.set_leader(Leader::Awake, &core);
        drop(state);
        home.prepare();
        core.park_in(home.gate(), || home.block(Some(PAUSE)));
        home.harvest(&mut unwanted);
        queue.state().resign();
    }
}
