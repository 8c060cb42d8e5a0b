//! Threads that are woken once a lock has been released.
//!
//! A thread that is woken under a lock runs into it: at once where it takes the waker's core, and then it sleeps again, and
//! the waker must wake it once more. So who holds the lock only notes whom to wake.

use super::ThreadCore;
use crate::sync::{Mutex, MutexGuard, lock};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The threads to wake. Nearly always it is one, which takes no allocation.
#[derive(Default)]
pub(crate) struct Wakes {
    first: Option<Arc<ThreadCore>>,
    more: Vec<Arc<ThreadCore>>,
}

impl Wakes {
    pub(crate) fn add(&mut self, thread: &Arc<ThreadCore>) {
        match &self.first {
            None => self.first = Some(Arc::clone(thread)),
            Some(first) if Arc::ptr_eq(first, thread) => {}
            Some(_) => self.more.push(Arc::clone(thread)),
        }
    }
}

/// What a lock guards that notes threads to wake.
pub(crate) trait Wakeful {
    fn wakes(&mut self) -> &mut Wakes;
}

/// A lock that is held; when it is released the threads are woken.
pub(crate) struct Waking<'a, T: Wakeful>(Option<MutexGuard<'a, T>>);

impl<'a, T: Wakeful> Waking<'a, T> {
    #[inline]
    pub(crate) fn lock(mutex: &'a Mutex<T>) -> Self {
        Self(Some(lock(mutex)))
    }
}

impl<T: Wakeful> Deref for Waking<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.0.as_ref().unwrap_or_else(|| unreachable!("it is held until it is dropped"))
    }
}

impl<T: Wakeful> DerefMut for Waking<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap_or_else(|| unreachable!("it is held until it is dropped"))
    }
}

impl<T: Wakeful> Drop for Waking<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let wakes = self.wakes();
        let Some(first) = wakes.first.take() else { return };
        let more = std::mem::take(&mut wakes.more);
        self.0 = None;
        first.unpark();
        more.iter().for_each(|thread| thread.unpark());
    }
}
