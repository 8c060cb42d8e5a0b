//! The end of a thread: its operations are cancelled and its sessions dropped, as on Windows.

use super::{Apc, ENGINE, Engine, ThreadCore, dead};
use crate::delivery::{contain, discard};
use crate::driver::{self, system};
use crate::home::Home;
use crate::sync::{self, thread_local};
use std::cell::{Cell, OnceCell};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

thread_local! {
    static END: End = const { End(Cell::new(())) };
    static LATE: Late = const { Late(OnceCell::new()) };
}

/// What stands for the thread in destructors that run when its end has begun: they may still wait
/// for objects, and own mutexes. First used in that end, so it outlives that. It does not outlive
/// thread-locals that are older than the engine, which can own nothing any more.
struct Late(OnceCell<Arc<ThreadCore>>);

impl Drop for Late {
    fn drop(&mut self) {
        if let Some(core) = self.0.get() {
            core.finish();
        }
    }
}

/// The thread after its end has begun; `None` if that is over.
pub(crate) fn late_core() -> Option<Arc<ThreadCore>> {
    let made = || {
        let core = ThreadCore::new();
        core.close();
        Arc::new(core)
    };
    LATE.try_with(|late| Arc::clone(late.0.get_or_init(made))).ok().or_else(|| {
        // What the first thread takes then goes with the process.
        static LAST: OnceLock<Arc<ThreadCore>> = OnceLock::new();
        let first = !cfg!(any(loom, shuttle)) && system::is_first_thread();
        first.then(|| Arc::clone(LAST.get_or_init(made)))
    })
}

/// Runs at the end of the thread, in whatever order the other destructors do.
struct End(Cell<()>);

/// Makes sure that the end runs; `false` if it is too late for that.
pub(super) fn arm() -> bool {
    END.try_with(|end| end.0.set(())).is_ok()
}

/// How long the end of a thread waits for the next of its operations to come back. Cancelling is a
/// matter of microseconds; past this the sessions are leaked, which is sound. Only waiting counts: what the thread itself
/// does meanwhile (thousands of cancels, the program's drops), and how seldom a busy machine lets it, is not the kernel's fault.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long it waits before it looks again.
const PAUSE: Duration = Duration::from_millis(10);

impl Drop for End {
    fn drop(&mut self) {
        let pointer = ENGINE.replace(dead());
        if pointer.is_null() || pointer == dead() || system::process_ends() {
            return;
        }
        // SAFETY: made by `Box::into_raw`; from now on nobody finds it any more.
        let engine = unsafe { &*pointer };
        let core = Arc::clone(&engine.core);
        let late = LATE.try_with(|late| late.0.set(Arc::clone(&core)).is_ok()).unwrap_or(false);
        let finished = engine.end();
        if !late {
            core.finish();
        }
        // Below a routine that called `exit`, the frames of its wait still refer to the engine;
        // after losing patience its core must outlive the operations.
        if finished && engine.depth.get() == 0 {
            // SAFETY: as above, and no operation refers to it any more.
            drop(unsafe { Box::from_raw(pointer.cast_mut()) });
        }
    }
}

impl Engine {
    /// Cancels, waits and drops; whether everything came back.
    fn end(&self) -> bool {
        self.core.close();
        self.leave_work();
        self.drop_timers();
        let own = self.home.get().map(|(_, home)| &**home);
        let hub = driver::present().and_then(|context| context.hub.home_if_made());
        let mut left = usize::MAX;
        let mut patience = PATIENCE;
        let mut search = sync::now();
        loop {
            self.end_left();
            self.drop_queued();
            let now_left = self.outstanding.get() + own.map_or(0, Home::in_flight);
            if now_left == 0 {
                break;
            }
            if now_left < left {
                left = now_left;
                patience = PATIENCE;
            } else if patience.is_zero() {
                return false;
            }
            // Again now and then: what was just being settled elsewhere was in no place to be found. Not each time: the
            // kernel may give back thousands in many small parts, and a search looks at all that are left.
            let began = sync::now();
            if began >= search {
                for home in own.into_iter().chain(hub) {
                    home.cancel_all_of(self.as_owner());
                }
                let ended = sync::now();
                search = ended + PAUSE.max(4 * ended.saturating_duration_since(began));
            }
            let began = sync::now();
            self.await_more(own);
            // What is above the pause is the machine's.
            patience = patience.saturating_sub(sync::now().saturating_duration_since(began).min(PAUSE));
        }
        if let Some(hub) = hub.filter(|_| self.core.has_event_operations()) {
            hub.cancel_all_of(self.as_owner());
            crate::hub::poll();
        }
        self.core.leave_gate();
        true
    }

    /// Ends what other threads have left to be started here.
    fn end_left(&self) {
        for op in self.core.take_starts() {
            op.set_cancelled();
            op.socket().begin_left(op);
        }
    }

    fn await_more(&self, own: Option<&Home>) {
        match own.filter(|home| home.in_flight() > 0) {
            Some(home) => {
                home.prepare();
                self.core.park_in(home.gate(), || home.block(Some(PAUSE)));
                home.harvest(&mut crate::delivery::Unwanted::default());
            }
            // The hub's helper may be a thread that cannot start before this one has ended: on Windows
            // threads begin and end one at a time.
            None => {
                crate::hub::poll();
                if self.core.has_mail() {
                    return;
                }
                self.core.park(Some(sync::now() + PAUSE));
            }
        }
    }

    /// Drops what is queued: routines and APCs do not run any more.
    fn drop_queued(&self) {
        loop {
            self.collect();
            let next = self.queue.borrow_mut().pop_front();
            match next {
                // SAFETY: the queue's entry was the last reference, and this is its thread.
                Some(Apc::Routine(op)) => unsafe { discard(op) },
                Some(Apc::User(apc)) => contain(|| drop(apc)),
                // All were dropped when the end began.
                Some(Apc::Timer(_) | Apc::Discard(_)) => {}
                None => return,
            }
        }
    }
}
