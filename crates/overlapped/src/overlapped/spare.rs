//! A place for a block that is in no operation, so that the next operation need not allocate one.

use super::{Block, Overlapped};
use crate::sync::atomic::AtomicPtr;
use crate::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};

/// Room for one [`Overlapped`], which any thread may put there or take away.
///
/// Neither waits. Who changes something and then [clears](Self::clear), and who puts and then looks whether it has changed, cannot
/// miss each other: both write to the place, and the later of the two sees what the earlier had done.
pub struct Spare<T> {
    block: AtomicPtr<Block<T>>,
    owns: PhantomData<Overlapped<T>>,
}

// SAFETY: it owns at most one block and gives it to one who takes it; nothing is reached through a shared reference to it.
unsafe impl<T: Send> Sync for Spare<T> {}
// SAFETY: as above.
unsafe impl<T: Send> Send for Spare<T> {}

impl<T> Spare<T> {
    /// A place with nothing.
    pub fn new() -> Self {
        Self { block: AtomicPtr::new(ptr::null_mut()), owns: PhantomData }
    }

    /// What is there, and from then on the caller's.
    pub fn take(&self) -> Option<Overlapped<T>> {
        // Without a write for a place that has nothing.
        if self.block.load(Relaxed).is_null() {
            return None;
        }
        self.clear()
    }

    /// As [`take`](Self::take), but writes in any case, so that who puts after it sees what this thread has done before.
    pub fn clear(&self) -> Option<Overlapped<T>> {
        NonNull::new(self.block.swap(ptr::null_mut(), AcqRel)).map(|block| Overlapped { block, owns: PhantomData })
    }

    /// Leaves a block there; what finds no room comes back.
    pub fn put(&self, spare: Overlapped<T>) -> Option<Overlapped<T>> {
        let block = spare.into_raw();
        match self.block.compare_exchange(ptr::null_mut(), block.as_ptr(), AcqRel, Relaxed) {
            Ok(_) => None,
            Err(_) => Some(Overlapped { block, owns: PhantomData }),
        }
    }
}

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Spare<T> {
    fn drop(&mut self) {
        drop(self.clear());
    }
}

impl<T> std::fmt::Debug for Spare<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spare").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn one_block_has_room() {
        let place = Spare::new();
        assert!(place.take().is_none());
        assert!(place.put(Overlapped::new(1)).is_none());
        assert_eq!(place.put(Overlapped::new(2)).map(Overlapped::into_inner), Some(2));
        assert_eq!(place.take().map(Overlapped::into_inner), Some(1));
        assert!(place.clear().is_none());
    }

    #[test]
    fn what_is_left_there_goes_with_the_place() {
        let value = Arc::new(());
        let place = Spare::new();
        assert!(place.put(Overlapped::new(Arc::clone(&value))).is_none());
        drop(place);
        assert_eq!(Arc::strong_count(&value), 1);
    }

    /// For Miri.
    #[test]
    fn a_block_has_one_owner_whoever_takes_it() {
        let place = Spare::new();
        let times = if cfg!(miri) { 50 } else { 5000 };
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..times {
                        let mut block = place.take().unwrap_or_else(|| Overlapped::new(Box::new(0)));
                        **block += 1;
                        drop(place.put(block));
                    }
                });
            }
        });
    }
}
