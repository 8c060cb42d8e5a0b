//! Objects that can be waited for: their state and the threads that wait.
//!
//! An object lives in user space: a flag and a list of waiters behind a lock. Whoever signals it
//! *claims* waiters, so that an auto-reset object goes to exactly one of them, and wakes just those.

use crate::sync::lock;
use crate::thread::ThreadCore;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::{Arc, Mutex};

/// Something to wait for with [`wait`](crate::wait) and [`alertable`](crate::alertable): an
/// [`Event`](crate::Event).
///
/// Cannot be implemented outside this library.
pub trait Waitable: sealed::Sealed {}

pub(crate) mod sealed {
    use super::{Arc, Object};

    pub trait Sealed {
        #[doc(hidden)]
        fn waits_for(&self) -> &Arc<Object>;
    }
}

/// The state of a waitable object.
#[doc(hidden)]
#[allow(unnameable_types, reason = "named by the sealed half of a public trait")]
pub struct Object {
    auto: bool,
    /// A copy of `State::signalled` that can be read without the lock.
    signalled: AtomicBool,
    state: Mutex<State>,
}

struct State {
    signalled: bool,
    waiters: Vec<Waiter>,
}

struct Waiter {
    thread: Arc<ThreadCore>,
    /// Which of the thread's waits this is; an old one can no longer be claimed.
    wait: u32,
    role: Role,
}

/// What a waiter wants of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// To be satisfied by it: the object's index in the wait.
    Claim(u32),
    /// To be woken when this was the last of all that was missing.
    All,
    /// To look again whenever it is set.
    Notify,
}

impl Object {
    pub(crate) fn new(auto: bool, signalled: bool) -> Self {
        Self {
            auto,
            signalled: AtomicBool::new(signalled),
            state: Mutex::new(State { signalled, waiters: Vec::new() }),
        }
    }

    pub(crate) fn set(&self) {
        self.signal(&mut lock(&self.state));
    }

    pub(crate) fn reset(&self) {
        self.store(&mut lock(&self.state), false);
    }

    pub(crate) fn is_signalled(&self) -> bool {
        self.signalled.load(Acquire)
    }

    /// Signals the object if `done` says so, in one step for everybody who takes the lock: a
    /// program that sees the operation done and issues the next one, which resets the event,
    /// cannot have that event set by the operation before.
    pub(crate) fn set_if(&self, done: impl FnOnce() -> bool) -> bool {
        let mut state = lock(&self.state);
        let wanted = done();
        if wanted {
            self.signal(&mut state);
        }
        wanted
    }

    /// Returns after whoever is just signalling the object has done so.
    pub(crate) fn sync(&self) {
        drop(lock(&self.state));
    }

    /// Takes the signal for a wait that this one object satisfies.
    pub(crate) fn take(&self) -> bool {
        if !self.is_signalled() {
            return false;
        }
        let mut state = lock(&self.state);
        let signalled = state.signalled;
        if signalled && self.auto {
            self.store(&mut state, false);
        }
        signalled
    }

    /// Undoes the claim of a wait that something else has satisfied.
    pub(crate) fn give_back(&self) {
        if self.auto {
            self.set();
        }
    }

    /// Adds a waiter, or satisfies it at once.
    pub(crate) fn register(&self, thread: &Arc<ThreadCore>, wait: u32, role: Role) {
        let mut state = lock(&self.state);
        if let (true, Role::Claim(index)) = (state.signalled, role) {
            if thread.claim(wait, index) && self.auto {
                self.store(&mut state, false);
            }
            return;
        }
        if role == Role::All && !state.signalled {
            thread.misses_one_more();
        }
        state.waiters.push(Waiter { thread: Arc::clone(thread), wait, role });
    }

    pub(crate) fn unregister(&self, thread: &Arc<ThreadCore>) {
        lock(&self.state).waiters.retain(|waiter| !Arc::ptr_eq(&waiter.thread, thread));
    }

    fn store(&self, state: &mut State, signalled: bool) {
        if state.signalled == signalled {
            return;
        }
        state.signalled = signalled;
        self.signalled.store(signalled, Release);
        for waiter in state.waiters.iter().filter(|waiter| waiter.role == Role::All) {
            if !signalled {
                waiter.thread.misses_one_more();
            } else if waiter.thread.misses_one_less() {
                waiter.thread.unpark();
            }
        }
    }

    fn signal(&self, state: &mut State) {
        if self.auto {
            let taken = state.waiters.iter().any(|waiter| waiter.claim_and_wake());
            self.store(state, !taken);
        } else {
            self.store(state, true);
            for waiter in &state.waiters {
                waiter.claim_and_wake();
            }
        }
        for waiter in state.waiters.iter().filter(|waiter| waiter.role == Role::Notify) {
            waiter.thread.unpark();
        }
    }
}

impl Waiter {
    fn claim_and_wake(&self) -> bool {
        match self.role {
            Role::Claim(index) if self.thread.claim(self.wait, index) => {
                self.thread.unpark();
                true
            }
            _ => false,
        }
    }
}

/// Takes all objects at once if all are signalled, else none. `order` holds the distinct objects
/// by address, so that two waits for all never lock the same ones in different order.
pub(crate) fn take_all(order: &[&Arc<Object>]) -> bool {
    if !order.iter().all(|object| object.is_signalled()) {
        return false;
    }
    let mut states: Vec<_> = order.iter().map(|object| lock(&object.state)).collect();
    let all = states.iter().all(|state| state.signalled);
    if all {
        for (object, state) in order.iter().zip(&mut states).filter(|(object, _)| object.auto) {
            object.store(state, false);
        }
    }
    all
}
