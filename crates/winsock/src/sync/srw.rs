//! `SRWLOCK`.

use super::futex;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU32, AtomicU64};

/// `SRWLOCK`: free when it is 0.
///
/// The lower half says who holds it and is what threads sleep on; the upper half counts those who wait, so that one step of a
/// release both frees it and tells whom to wake.
#[repr(transparent)]
pub struct Srw(AtomicU64);

/// Held exclusively; else the lower bits count the shared holders.
const EXCLUSIVE: u64 = 1 << 31;
const HOLDERS: u64 = 0xFFFF_FFFF;
/// One thread that waits to hold it exclusively.
const WRITER: u64 = 1 << 32;
const WRITERS: u64 = 0xFFFF << 32;
/// One thread that waits to share it.
const READER: u64 = 1 << 48;
const READERS: u64 = 0xFFFF << 48;
const SPINS: u32 = 100;

/// The groups of the sleepers.
const WRITING: u32 = 1;
const READING: u32 = 2;

impl Srw {
    /// What threads sleep on.
    fn holders(&self) -> &AtomicU32 {
        let word: *const AtomicU64 = &raw const self.0;
        let half = usize::from(cfg!(target_endian = "big"));
        // SAFETY: the half is in the word, lives as long, and is aligned; both are atomic.
        unsafe { &*word.cast::<AtomicU32>().add(half) }
    }

    /// Takes it if `free` says that its word allows that; `taken` is added.
    fn try_take(&self, free: impl Fn(u64) -> bool, taken: u64) -> Result<(), u64> {
        let mut word = self.0.load(Relaxed);
        while free(word) {
            match self.0.compare_exchange_weak(word, word.wrapping_add(taken), Acquire, Relaxed) {
                Ok(_) => return Ok(()),
                Err(now) => word = now,
            }
        }
        Err(word)
    }

    fn try_exclusive(&self) -> bool {
        self.try_take(|word| word & HOLDERS == 0, EXCLUSIVE).is_ok()
    }

    fn try_shared(&self) -> bool {
        self.try_take(|word| word & EXCLUSIVE == 0, 1).is_ok()
    }

    pub(super) fn lock_exclusive(&self) {
        for _ in 0..SPINS {
            if self.try_exclusive() {
                return;
            }
            std::hint::spin_loop();
        }
        self.0.fetch_add(WRITER, Relaxed);
        // Taking it and not waiting any more is one step.
        while let Err(word) = self.try_take(|word| word & HOLDERS == 0, EXCLUSIVE.wrapping_sub(WRITER)) {
            futex::wait_as(self.holders(), word as u32, None, WRITING);
        }
    }

    pub(super) fn lock_shared(&self) {
        // Who comes while others wait to hold it exclusively waits too, or they might never.
        for _ in 0..SPINS {
            if self.try_take(|word| word & (EXCLUSIVE | WRITERS) == 0, 1).is_ok() {
                return;
            }
            std::hint::spin_loop();
        }
        self.0.fetch_add(READER, Relaxed);
        let mut woken = false;
        loop {
            // Once it has been freed in the meantime, it is the turn of those who share it.
            let against = if woken { EXCLUSIVE } else { EXCLUSIVE | WRITERS };
            match self.try_take(|word| word & against == 0, 1_u64.wrapping_sub(READER)) {
                Ok(()) => return,
                Err(word) => {
                    woken |= futex::wait_as(self.holders(), word as u32, None, READING) == futex::End::Woken;
                }
            }
        }
    }

    pub(super) fn unlock_exclusive(&self) {
        let futex: *const AtomicU32 = self.holders();
        let mut word = self.0.load(Relaxed);
        while word & EXCLUSIVE != 0 {
            match self.0.compare_exchange_weak(word, word & !EXCLUSIVE, Release, Relaxed) {
                Ok(_) => return wake(futex, word),
                Err(now) => word = now,
            }
        }
        // Not held: Windows raises an exception; here nothing changes.
    }

    pub(super) fn unlock_shared(&self) {
        let futex: *const AtomicU32 = self.holders();
        let mut word = self.0.load(Relaxed);
        while word & HOLDERS != 0 && word & EXCLUSIVE == 0 {
            match self.0.compare_exchange_weak(word, word - 1, Release, Relaxed) {
                Ok(_) if word & HOLDERS == 1 => return wake(futex, word),
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }
}

/// After the lock got free: wakes those who share it and one who does not. `word` is what it was.
fn wake(futex: *const AtomicU32, word: u64) {
    if word & READERS != 0 {
        futex::wake_some(futex, i32::MAX, READING);
    }
    if word & WRITERS != 0 {
        futex::wake_some(futex, 1, WRITING);
    }
}

/// `InitializeSRWLock`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeSRWLock(lock: *mut Srw) {
    // SAFETY: null, or memory for a lock.
    if let Some(lock) = unsafe { lock.as_ref() } {
        lock.0.store(0, Relaxed);
    }
}

/// `AcquireSRWLockExclusive`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn AcquireSRWLockExclusive(lock: *mut Srw) {
    // SAFETY: null, or a lock of the program's.
    if let Some(lock) = unsafe { lock.as_ref() } {
        lock.lock_exclusive();
    }
}

/// `AcquireSRWLockShared`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn AcquireSRWLockShared(lock: *mut Srw) {
    // SAFETY: null, or a lock of the program's.
    if let Some(lock) = unsafe { lock.as_ref() } {
        lock.lock_shared();
    }
}

/// `TryAcquireSRWLockExclusive`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TryAcquireSRWLockExclusive(lock: *mut Srw) -> u8 {
    // SAFETY: null, or a lock of the program's.
    unsafe { lock.as_ref() }.is_some_and(Srw::try_exclusive).into()
}

/// `TryAcquireSRWLockShared`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TryAcquireSRWLockShared(lock: *mut Srw) -> u8 {
    // SAFETY: null, or a lock of the program's.
    unsafe { lock.as_ref() }.is_some_and(Srw::try_shared).into()
}

/// `ReleaseSRWLockExclusive`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ReleaseSRWLockExclusive(lock: *mut Srw) {
    // SAFETY: null, or a lock of the program's, which is there at least until it is free.
    if let Some(lock) = unsafe { lock.as_ref() } {
        lock.unlock_exclusive();
    }
}

/// `ReleaseSRWLockShared`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ReleaseSRWLockShared(lock: *mut Srw) {
    // SAFETY: null, or a lock of the program's, which is there at least until it is free.
    if let Some(lock) = unsafe { lock.as_ref() } {
        lock.unlock_shared();
    }
}
