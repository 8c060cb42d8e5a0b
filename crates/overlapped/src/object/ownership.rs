//! What makes an object a mutex: it belongs to the thread whose wait it satisfied.

use super::{Kind, Object, Special};
use crate::thread::ThreadCore;
use std::sync::Arc;

#[derive(Default)]
pub(super) struct Ownership {
    owner: Option<Arc<ThreadCore>>,
    /// How many waits of the owner it has satisfied that were not released.
    depth: u64,
    /// An owner ended with it, and no wait has been told yet.
    abandoned: bool,
}

impl Ownership {
    pub(super) fn is_of(&self, thread: &Arc<ThreadCore>) -> bool {
        self.owner.as_ref().is_some_and(|owner| Arc::ptr_eq(owner, thread))
    }

    pub(super) fn enter(&mut self, thread: &Arc<ThreadCore>) {
        if self.depth == 0 {
            self.owner = Some(Arc::clone(thread));
        }
        self.depth += 1;
    }

    /// Whether it is free now.
    pub(super) fn leave(&mut self) -> bool {
        self.depth -= 1;
        if self.depth == 0 {
            self.owner = None;
        }
        self.depth == 0
    }
}

impl Object {
    pub(crate) fn mutex() -> Self {
        Self::with(Kind::Mutex, true, 1, Special::Mutex(Ownership::default()))
    }

    #[inline]
    pub(crate) fn is_mutex(&self) -> bool {
        self.kind == Kind::Mutex
    }

    /// Called by a thread whose wait has taken the object: it notes that a mutex is its own.
    /// Returns whether that was abandoned, once; as the owner nobody else is told.
    #[inline]
    pub(crate) fn settle(self: &Arc<Self>, thread: &ThreadCore) -> bool {
        self.is_mutex() && self.settle_mutex(thread)
    }

    fn settle_mutex(self: &Arc<Self>, thread: &ThreadCore) -> bool {
        let mut state = self.lock();
        let Special::Mutex(ownership) = &mut state.special else { return false };
        let abandoned = std::mem::take(&mut ownership.abandoned);
        if ownership.depth == 1 {
            thread.holds(self);
        }
        abandoned
    }

    /// Releases a mutex once; `false` if it does not belong to the thread.
    pub(crate) fn release(self: &Arc<Self>, thread: &Arc<ThreadCore>) -> bool {
        let mut state = self.lock();
        let Special::Mutex(ownership) = &mut state.special else { return false };
        if !ownership.is_of(thread) {
            return false;
        }
        if ownership.leave() {
            thread.holds_no_longer(self);
            self.signal(&mut state);
        }
        true
    }

    /// The thread has ended: a mutex that it owns goes to whoever waits, as abandoned.
    pub(crate) fn abandon(&self, thread: &Arc<ThreadCore>) {
        let mut state = self.lock();
        let Special::Mutex(ownership) = &mut state.special else { return };
        if ownership.is_of(thread) {
            *ownership = Ownership { abandoned: true, ..Ownership::default() };
            self.signal(&mut state);
        }
    }
}
