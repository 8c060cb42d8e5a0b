//! What the numbers name that programs know queues and buffers by. A number is given out once.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

type Map<T> = RwLock<HashMap<usize, Arc<T>>>;

pub(super) struct Registry<T: 'static>(LazyLock<Map<T>>);

impl<T> Registry<T> {
    pub(super) const fn new() -> Self {
        Self(LazyLock::new(Map::default))
    }

    pub(super) fn insert(&self, value: Arc<T>) -> usize {
        // One for all kinds, so that no number of one is a number of another.
        static NEXT: AtomicUsize = AtomicUsize::new(0x1000);
        let number = NEXT.fetch_add(0x10, Relaxed);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(number, value);
        number
    }

    pub(super) fn get(&self, number: usize) -> Option<Arc<T>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    pub(super) fn remove(&self, number: usize) -> Option<Arc<T>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }
}
