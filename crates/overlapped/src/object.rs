//! Objects that can be waited for: their state and the threads that wait.
//!
//! An object lives in user space: how often it can be taken and a list of waiters, behind a lock.
//! Whoever signals it *claims* waiters, so that what there is goes to exactly as many of them, and
//! wakes just those.

mod ownership;
mod schedule;

pub(crate) use schedule::{Fired, Serial};

use crate::error::Result;
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::{Acquire, Release};
use crate::sync::{self, Mutex};
use crate::thread::{ThreadCore, Wakeful, Wakes, Waking};
use ownership::Ownership;
use schedule::Schedule;
use std::sync::Arc;

/// Something to wait for with [`wait`](crate::wait) and [`alertable`](crate::alertable): an
/// [`Event`](crate::Event), a [`Semaphore`](crate::Semaphore), a [`MutexObject`](crate::MutexObject),
/// a [`Timer`](crate::Timer) or a [`Thread`](crate::alertable::Thread).
///
/// Cannot be implemented outside this library.
pub trait Waitable: sealed::Sealed {}

/// What [`wait::signal_and_wait`](crate::wait::signal_and_wait) can signal: an
/// [`Event`](crate::Event) is set, a [`Semaphore`](crate::Semaphore) released by one, a
/// [`MutexObject`](crate::MutexObject) released.
///
/// Cannot be implemented outside this library.
pub trait Signal: sealed::Signals {}

pub(crate) mod sealed {
    use super::{Arc, Object, Result};

    pub trait Sealed {
        #[doc(hidden)]
        fn waits_for(&self) -> &Arc<Object>;
    }

    pub trait Signals {
        #[doc(hidden)]
        fn signal(&self) -> Result<()>;
    }
}

/// The state of a waitable object.
#[doc(hidden)]
#[allow(unnameable_types, reason = "named by the sealed half of a public trait")]
pub struct Object {
    kind: Kind,
    /// Whether a wait that it satisfies takes one of what there is.
    taken: bool,
    /// A copy of `State::signalled` that can be read without the lock.
    signalled: AtomicBool,
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Is signalled or not, as it was left.
    Plain,
    /// Goes to a thread, which may take it again.
    Mutex,
    /// Is signalled by whoever looks when it is due.
    Timer,
}

struct State {
    /// How often it can be taken: 0 or 1, but for a semaphore.
    count: u32,
    /// Whether it can be, as the waiters for all were told.
    signalled: bool,
    /// Whether a wait that was given it may give it back: not after the program has taken the signal back.
    returnable: bool,
    waiters: Vec<Waiter>,
    special: Special,
    wakes: Wakes,
}

/// What only some kinds have.
enum Special {
    None,
    Semaphore { maximum: u32 },
    Mutex(Ownership),
    Timer(Box<Schedule>),
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

impl State {
    #[inline]
    fn can_be_taken_by(&self, thread: &Arc<ThreadCore>) -> bool {
        self.count > 0 || matches!(&self.special, Special::Mutex(ownership) if ownership.is_of(thread))
    }
}

impl Object {
    /// An event, or what is like one.
    pub(crate) fn event(auto: bool, signalled: bool) -> Self {
        Self::with(Kind::Plain, auto, u32::from(signalled), Special::None)
    }

    pub(crate) fn semaphore(count: u32, maximum: u32) -> Self {
        Self::with(Kind::Plain, true, count, Special::Semaphore { maximum })
    }

    fn with(kind: Kind, taken: bool, count: u32, special: Special) -> Self {
        let signalled = count > 0;
        let state = State { count, signalled, returnable: true, waiters: Vec::new(), special, wakes: Wakes::default() };
        Self { kind, taken, signalled: AtomicBool::new(signalled), state: Mutex::new(state) }
    }

    fn lock(&self) -> Waking<'_, State> {
        Waking::lock(&self.state)
    }

    pub(crate) fn set(&self) {
        self.signal(&mut self.lock());
    }

    pub(crate) fn reset(&self) {
        self.take_back(&mut self.lock());
    }

    fn take_back(&self, state: &mut State) {
        state.count = 0;
        state.returnable = false;
        self.publish(state);
    }

    #[inline]
    pub(crate) fn is_signalled(&self) -> bool {
        self.signalled.load(Acquire)
    }

    /// Signals the object if `done` says so, in one step for everybody who takes the lock: a
    /// program that sees the operation done and issues the next one, which resets the event,
    /// cannot have that event set by the operation before.
    pub(crate) fn set_if(&self, done: impl FnOnce() -> bool) -> bool {
        let mut state = self.lock();
        let wanted = done();
        if wanted {
            self.signal(&mut state);
        }
        wanted
    }

    /// Lets a semaphore be taken `more` times more, unless that were too often; returns how often
    /// it could be before.
    pub(crate) fn add(&self, more: u32) -> Option<u32> {
        let mut state = self.lock();
        let Special::Semaphore { maximum } = state.special else { return None };
        let before = state.count;
        state.count = before.checked_add(more).filter(|count| *count <= maximum)?;
        self.offer(&mut state);
        Some(before)
    }

    /// Returns after whoever is just signalling the object has done so.
    pub(crate) fn sync(&self) {
        drop(self.lock());
    }

    /// Takes the signal for a wait of `thread` that this one object satisfies.
    #[inline]
    pub(crate) fn take(&self, thread: &Arc<ThreadCore>) -> bool {
        if !self.may_be_taken() {
            return false;
        }
        if !self.taken && self.kind == Kind::Plain {
            return true;
        }
        let mut state = self.current();
        let signalled = state.can_be_taken_by(thread);
        if signalled {
            self.take_for(thread, &mut state);
        }
        signalled
    }

    /// Takes it for a thread, given that it can.
    #[inline]
    fn take_for(&self, thread: &Arc<ThreadCore>, state: &mut State) {
        if self.taken {
            state.count = state.count.saturating_sub(1);
            if let Special::Mutex(ownership) = &mut state.special {
                ownership.enter(thread);
            }
            self.publish(state);
        }
    }

    /// Takes this object for a wait that `other` has satisfied, which is given back, in one step:
    /// a semaphore that has been filled meanwhile cannot be given back, nor can an event that was reset, so it is kept.
    pub(crate) fn take_instead(self: &Arc<Self>, other: &Arc<Self>, thread: &Arc<ThreadCore>) -> bool {
        if !self.may_be_taken() {
            return false;
        }
        if Arc::ptr_eq(self, other) {
            return true;
        }
        let (mut state, mut given) = if Arc::as_ptr(self) < Arc::as_ptr(other) {
            let state = self.lock();
            (state, other.lock())
        } else {
            let given = other.lock();
            (self.lock(), given)
        };
        if !state.can_be_taken_by(thread) || !other.give_back(&mut given) {
            return false;
        }
        self.take_for(thread, &mut state);
        true
    }

    /// Undoes the claim of a wait.
    fn give_back(&self, state: &mut State) -> bool {
        if self.taken {
            let State { count, special, returnable, .. } = state;
            match special {
                Special::Semaphore { maximum } if *count == *maximum => return false,
                Special::Semaphore { .. } => *count += 1,
                Special::Mutex(ownership) => *count = ownership.leave().into(),
                _ if !*returnable => return false,
                _ => *count = 1,
            }
            self.offer(state);
        }
        true
    }

    /// Adds a waiter, or satisfies it at once.
    pub(crate) fn register(&self, thread: &Arc<ThreadCore>, wait: u32, role: Role) {
        let mut state = self.lock();
        let signalled = state.can_be_taken_by(thread);
        if let (true, Role::Claim(index)) = (signalled, role) {
            if thread.claim(wait, index) {
                self.take_for(thread, &mut state);
            }
            return;
        }
        if role == Role::All && !signalled {
            thread.misses_one_more();
        }
        state.waiters.push(Waiter { thread: Arc::clone(thread), wait, role });
    }

    pub(crate) fn unregister(&self, thread: &Arc<ThreadCore>) {
        self.lock().waiters.retain(|waiter| !Arc::ptr_eq(&waiter.thread, thread));
    }

    /// Whether it is worth to take the lock.
    #[inline]
    fn may_be_taken(&self) -> bool {
        self.is_signalled() || self.kind != Kind::Plain
    }

    /// The state as it is now: a timer may have come due.
    #[inline]
    fn current(&self) -> Waking<'_, State> {
        let mut state = self.lock();
        if self.kind == Kind::Timer {
            self.expire(&mut state, sync::now());
        }
        state
    }

    fn signal(&self, state: &mut State) {
        state.count = 1;
        state.returnable = true;
        self.offer(state);
    }

    /// Gives what there is to those who wait, as far as it goes.
    #[inline]
    fn offer(&self, state: &mut State) {
        if !state.waiters.is_empty() {
            self.offer_to_waiters(state);
        }
        self.publish(state);
    }

    fn offer_to_waiters(&self, state: &mut State) {
        // Who is woken early must find what is left for him.
        if state.count > 1 || !self.taken {
            self.signalled.store(true, Release);
        }
        let State { count, waiters, special, wakes, .. } = state;
        for waiter in waiters.iter() {
            if waiter.role == Role::Notify {
                wakes.add(&waiter.thread);
            } else if *count > 0 && waiter.claim_and_wake(wakes) && self.taken {
                *count -= 1;
                if let Special::Mutex(ownership) = special {
                    ownership.enter(&waiter.thread);
                }
            }
        }
    }

    /// Tells those who wait for all if the object has become signalled or no longer is.
    #[inline]
    fn publish(&self, state: &mut State) {
        let signalled = state.count > 0;
        self.signalled.store(signalled, Release);
        if state.signalled == signalled {
            return;
        }
        state.signalled = signalled;
        let State { waiters, wakes, .. } = state;
        for waiter in waiters.iter().filter(|waiter| waiter.role == Role::All) {
            if !signalled {
                waiter.thread.misses_one_more();
            } else if waiter.thread.misses_one_less() {
                wakes.add(&waiter.thread);
            }
        }
    }
}

impl Wakeful for State {
    fn wakes(&mut self) -> &mut Wakes {
        &mut self.wakes
    }
}

impl Waiter {
    /// Claims the waiter, which is woken then.
    fn claim_and_wake(&self, wakes: &mut Wakes) -> bool {
        match self.role {
            Role::Claim(index) if self.thread.claim(self.wait, index) => {
                wakes.add(&self.thread);
                true
            }
            _ => false,
        }
    }
}

/// Takes all objects at once for a wait of `thread` if all are signalled, else none. `order` holds
/// the distinct objects by address, so that two waits for all never lock the same ones in
/// different order.
pub(crate) fn take_all(order: &[&Arc<Object>], thread: &Arc<ThreadCore>) -> bool {
    if !order.iter().all(|object| object.may_be_taken()) {
        return false;
    }
    let mut states: Vec<_> = order.iter().map(|object| object.current()).collect();
    let all = states.iter().all(|state| state.can_be_taken_by(thread));
    if all {
        for (object, state) in order.iter().zip(&mut states) {
            object.take_for(thread, state);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(objects: [Object; 2]) -> ([Arc<Object>; 2], Arc<ThreadCore>) {
        (objects.map(Arc::new), Arc::new(ThreadCore::new()))
    }

    #[test]
    fn a_lower_object_is_taken_instead_of_a_claimed_one() {
        let ([low, high], thread) = objects([Object::event(true, true), Object::semaphore(1, 1)]);
        assert!(high.take(&thread));
        assert!(low.take_instead(&high, &thread));
        assert!(!low.take(&thread), "taken");
        assert!(high.take(&thread), "given back");
        assert!(!low.take_instead(&high, &thread), "there is nothing lower");
    }

    #[test]
    fn a_semaphore_that_was_filled_meanwhile_is_kept() {
        let ([low, high], thread) = objects([Object::semaphore(1, 1), Object::semaphore(1, 1)]);
        assert!(high.take(&thread));
        assert_eq!(high.add(1), Some(0));
        assert!(!low.take_instead(&high, &thread));
        assert!(low.take(&thread), "it was left");
        assert!(high.take(&thread));
        assert!(!high.take(&thread), "never more than the maximum");
    }

    #[test]
    fn a_mutex_that_is_given_back_is_still_abandoned() {
        let ([low, high], thread) = objects([Object::event(false, true), Object::mutex()]);
        let owner = Arc::new(ThreadCore::new());
        assert!(high.take(&owner));
        assert!(!high.settle(&owner));
        assert!(!high.take(&thread));
        owner.finish();
        assert!(high.take(&thread));
        assert!(low.take_instead(&high, &thread));
        assert!(high.take(&thread));
        assert!(high.settle(&thread), "abandoned");
        assert!(!high.settle(&thread), "once");
        assert!(high.release(&thread));
        assert!(!high.release(&thread));
    }

    #[test]
    fn one_that_is_there_twice_is_taken_once() {
        let ([object, other], thread) = objects([Object::semaphore(2, 2), Object::mutex()]);
        assert!(object.take(&thread));
        assert!(object.take_instead(&object, &thread));
        assert!(object.take(&thread));
        assert!(!object.take(&thread));
        assert!(take_all(&[&other], &thread));
        assert!(other.take_instead(&other, &thread));
        assert!(other.release(&thread));
        assert!(!other.release(&thread), "owned once");
    }
}
