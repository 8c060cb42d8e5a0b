//! The thread that issues the sends which did not fit at once.
//!
//! Windows cancels what a thread has issued when the thread ends, and a send that is cut off leaves
//! its stream broken at an unknown place. So such a send is issued by a thread that stays until
//! nothing it has issued is in flight. There is none as long as no send has to wait.

use super::slot::Slot;
use crate::codes;
use crate::driver::Attempt;
use crate::sync::real::lock;
use std::collections::VecDeque;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long an idle sender stays.
const LINGER: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Sender {
    state: Mutex<State>,
    wanted: Condvar,
    /// Sends that were queued and have not been harvested.
    in_flight: AtomicUsize,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Arc<Slot>>,
    runs: bool,
}

impl Sender {
    /// Queues a send.
    ///
    /// # Safety
    ///
    /// The buffer stays valid until the operation has been harvested.
    pub(super) unsafe fn queue(self: &Arc<Self>, slot: &Arc<Slot>) -> Attempt<()> {
        let mut state = lock(&self.state);
        if !state.runs {
            let sender = Arc::clone(self);
            let started = thread::Builder::new().name("overlapped-sender".into()).spawn(move || sender.run());
            started.map_err(|_| codes::WSAENOBUFS)?;
            state.runs = true;
        }
        state.queue.push_back(Arc::clone(slot));
        self.in_flight.fetch_add(1, SeqCst);
        self.wanted.notify_one();
        Ok(())
    }

    /// Takes a send back; `false` if it has been issued.
    pub(super) fn withdraw(&self, slot: &Arc<Slot>) -> bool {
        let mut state = lock(&self.state);
        let place = state.queue.iter().position(|queued| Arc::ptr_eq(queued, slot));
        place.and_then(|place| state.queue.remove(place)).is_some()
    }

    /// A send has completed: returns when the sender has nothing to do with it any more.
    pub(super) fn harvested(&self) {
        drop(lock(&self.state));
        self.in_flight.fetch_sub(1, SeqCst);
    }

    fn run(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Some(slot) = state.queue.pop_front() {
                // Under the lock: what is not in the queue any more has been issued.
                // SAFETY: it was queued with the promise that its buffer stays.
                unsafe { slot.send() };
                continue;
            }
            let (woken, time) = self.wanted.wait_timeout(state, LINGER).unwrap_or_else(PoisonError::into_inner);
            state = woken;
            if time.timed_out() && state.queue.is_empty() && self.in_flight.load(SeqCst) == 0 {
                state.runs = false;
                return;
            }
        }
    }
}
