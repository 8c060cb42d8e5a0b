//! What is under way of something that calls back: how much is queued, how much runs, and who waits for the end of it.

use crate::abi::{Bool, Handle, INVALID, TRUE};
use crate::codes;
use crate::error::no;
use crate::kernel::lookup;
use overlapped::{Event, Reset, wait};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The calls of one member of the pool.
pub(crate) struct Callbacks {
    state: Mutex<State>,
    /// Signalled while nothing is queued or runs.
    idle: Event,
}

#[derive(Default)]
struct State {
    queued: usize,
    running: usize,
    /// So many of those that are with the pool are not to run.
    cancelled: usize,
    /// To be set when nothing is under way any more.
    tell: Option<Event>,
}

impl Callbacks {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), idle: Event::new(Reset::Manual, true) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call is to come, of which nothing is known but that.
    pub(crate) fn expect(&self) {
        self.state().queued += 1;
        self.idle.reset();
    }

    /// It has come, or never will; `None` if none was expected.
    pub(crate) fn arrived(self: &Arc<Self>) -> Option<Queued> {
        let state = self.state();
        (state.queued + state.cancelled > 0).then(|| Queued(Some(Arc::clone(self))))
    }

    /// A call is about to be queued.
    pub(crate) fn queue(self: &Arc<Self>) -> Queued {
        self.expect();
        Queued(Some(Arc::clone(self)))
    }

    fn settle(&self, mut state: MutexGuard<'_, State>) {
        if state.queued + state.running == 0 {
            self.idle.set();
            if let Some(event) = state.tell.take() {
                event.set();
            }
        }
    }

    /// Calls that have not begun never do.
    pub(crate) fn cancel(&self) {
        let mut state = self.state();
        state.cancelled += std::mem::take(&mut state.queued);
        self.settle(state);
    }

    /// Waits until nothing is under way.
    pub(crate) fn wait(&self) {
        let _ = wait::one(&self.idle, None);
    }

    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state();
        state.queued + state.running == 0
    }

    /// What the old functions do at the end of a member: wait for its calls, have an event set after them, or say that there
    /// are some.
    pub(crate) fn end(&self, completion: Handle) -> Bool {
        match completion {
            INVALID => {
                self.cancel();
                self.wait();
                TRUE
            }
            0 if self.is_idle() => TRUE,
            0 => no(codes::ERROR_IO_PENDING),
            event => match lookup::event(event) {
                Ok(event) => {
                    self.tell(event);
                    TRUE
                }
                Err(code) => no(code),
            },
        }
    }

    /// Sets an event when nothing is under way any more.
    pub(crate) fn tell(&self, event: Event) {
        let mut state = self.state();
        state.tell = Some(event);
        self.settle(state);
    }
}

/// A call that is with the pool. One that is dropped is not made.
pub(crate) struct Queued(Option<Arc<Callbacks>>);

impl Queued {
    /// The call begins, unless it was cancelled.
    pub(crate) fn begin(mut self) -> Option<Running> {
        let callbacks = self.0.take()?;
        {
            let mut state = callbacks.state();
            if state.cancelled > 0 {
                state.cancelled -= 1;
                return None;
            }
            state.queued -= 1;
            state.running += 1;
        }
        Some(Running(callbacks))
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        let Some(callbacks) = self.0.take() else { return };
        let mut state = callbacks.state();
        if state.cancelled > 0 {
            state.cancelled -= 1;
        } else {
            state.queued -= 1;
        }
        callbacks.settle(state);
    }
}

/// A call that runs; dropping it ends it, also when the program has ended its thread.
pub(crate) struct Running(Arc<Callbacks>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.running -= 1;
        self.0.settle(state);
    }
}
