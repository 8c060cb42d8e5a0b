//! The thread that drives a port while those who wait for it must block elsewhere: in their own home, for their routines.
//!
//! It is started when that happens and nobody else leads, and ends when it has been idle for a while.

use super::queue::{Leader, Queue, State};
use crate::delivery::Unwanted;
use crate::sync::{self, thread};
use crate::thread::ThreadCore;
use std::sync::Arc;
use std::time::Duration;

/// How long an idle helper stays.
const LINGER: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Need {
    /// How many waiters block elsewhere.
    distant: usize,
    helper: Option<Arc<ThreadCore>>,
    /// It could not be started when it was last needed.
    refused: bool,
}

impl Need {
    /// Whether there can be none: whoever would need it looks itself, now and then.
    pub(super) fn is_refused(&self) -> bool {
        self.refused
    }

    pub(super) fn wake(&self) {
        if let Some(helper) = &self.helper {
            helper.unpark();
        }
    }
}

impl<P: Send + 'static> Queue<P> {
    /// A waiter is about to block elsewhere, and does so until it [is near](Self::is_near) again.
    pub(super) fn is_distant(self: &Arc<Self>, state: &mut State<P>, distant: &mut bool) {
        if !std::mem::replace(distant, true) {
            state.helper.distant += 1;
        }
        if state.has_leader() || self.busy_home().is_none() {
            return;
        }
        if state.helper.helper.is_none() {
            let helper = Arc::new(ThreadCore::new());
            let (queue, core) = (Arc::clone(self), Arc::clone(&helper));
            let started = thread::Builder::new().name("overlapped-port".into()).spawn(move || queue.help(&core));
            state.helper.refused = started.is_err();
            state.helper.helper = started.ok().map(|_| helper);
        }
        state.helper.wake();
    }

    /// Its wait is over. A helper that drives goes on until it has something to hand on.
    pub(super) fn is_near(&self, state: &mut State<P>, distant: bool) {
        state.helper.distant -= usize::from(distant);
    }

    fn help(&self, core: &Arc<ThreadCore>) {
        let mut unwanted = Unwanted::default();
        let mut state = self.state();
        loop {
            let needed = state.helper.distant > 0 && !state.closed;
            if let Some(home) = self.busy_home().filter(|_| needed && !state.has_leader()) {
                state.set_leader(Leader::Blocked, core);
                drop(state);
                home.prepare();
                core.park_in(home.gate(), || home.block(None));
                self.state().set_leader(Leader::Awake, core);
                home.harvest(&mut unwanted);
                state = self.state();
                state.resign();
                if state.helper.distant == 0 || state.closed {
                    self.appoint(&mut state);
                }
                if !unwanted.is_empty() {
                    drop(state);
                    drop(std::mem::take(&mut unwanted));
                    state = self.state();
                }
                continue;
            }
            if state.closed {
                break;
            }
            // Whoever waits elsewhere is woken for what is issued, and wakes the helper.
            let until = (state.helper.distant == 0).then(|| sync::now() + LINGER);
            drop(state);
            core.park(until);
            state = self.state();
            if state.helper.distant == 0 && until.is_some_and(|until| sync::now() >= until) {
                break;
            }
        }
        state.helper.helper = None;
    }
}
