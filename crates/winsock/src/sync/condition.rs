//! `CONDITION_VARIABLE`.

use super::critical_section::CriticalSection;
use super::futex::{self, End};
use super::srw::Srw;
use crate::abi::{Bool, Dword, TRUE};
use crate::codes;
use crate::error;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU32, AtomicU64};

/// `CONDITION_VARIABLE`: nobody waits when it is 0.
///
/// The lower half counts the wakes, and is what threads sleep on; the upper half counts sleepers that no wake has been spent
/// on. It may be too high, by sleepers that a wake for another has woken as well: then a later wake is a call for nothing. It
/// is never too low. Who has been woken does not touch it again: it may be gone.
#[repr(transparent)]
pub struct Condition(AtomicU64);

const SLEEPER: u64 = 1 << 32;
const SLEEPERS: u64 = !0xFFFF_FFFF;

const SHARED: Dword = 1;

impl Condition {
    fn wakes(&self) -> &AtomicU32 {
        let word: *const AtomicU64 = &raw const self.0;
        let half = usize::from(cfg!(target_endian = "big"));
        // SAFETY: the half is in the word, lives as long, and is aligned; both are atomic.
        unsafe { &*word.cast::<AtomicU32>().add(half) }
    }

    fn sleep(&self, milliseconds: Dword, release: impl FnOnce(), acquire: impl FnOnce()) -> Bool {
        let deadline = futex::deadline(milliseconds);
        let seen = self.0.fetch_add(SLEEPER, SeqCst) as u32;
        release();
        let late = futex::wait(self.wakes(), seen, deadline) == End::Late && self.give_up(seen);
        acquire();
        if late { error::no(codes::ERROR_TIMEOUT) } else { TRUE }
    }

    /// Does not wait any more, unless a wake has come in the meantime.
    fn give_up(&self, seen: u32) -> bool {
        let give_up = |word: u64| (word as u32 == seen).then(|| word.saturating_sub(SLEEPER));
        self.0.fetch_update(SeqCst, Relaxed, give_up).is_ok()
    }

    fn wake(&self, all: bool) {
        let futex: *const AtomicU32 = self.wakes();
        let spend = |word: u64| {
            let sleepers = word & SLEEPERS;
            let left = if all { 0 } else { sleepers.saturating_sub(SLEEPER) };
            (sleepers != 0).then(|| left | u64::from((word as u32).wrapping_add(1)))
        };
        if self.0.fetch_update(SeqCst, SeqCst, spend).is_ok() {
            futex::wake(futex, if all { i32::MAX } else { 1 });
        }
    }
}

/// `InitializeConditionVariable`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeConditionVariable(condition: *mut Condition) {
    // SAFETY: null, or memory for a condition.
    if let Some(condition) = unsafe { condition.as_ref() } {
        condition.0.store(0, Relaxed);
    }
}

/// `SleepConditionVariableCS`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SleepConditionVariableCS(
    condition: *mut Condition,
    section: *mut CriticalSection,
    milliseconds: Dword,
) -> Bool {
    // SAFETY: null, or the program's.
    match unsafe { (condition.as_ref(), section.as_ref()) } {
        (Some(condition), Some(section)) => condition.sleep(milliseconds, || section.leave(), || section.enter()),
        _ => error::no(codes::ERROR_INVALID_PARAMETER),
    }
}

/// `SleepConditionVariableSRW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SleepConditionVariableSRW(
    condition: *mut Condition,
    lock: *mut Srw,
    milliseconds: Dword,
    flags: Dword,
) -> Bool {
    // SAFETY: null, or the program's.
    match unsafe { (condition.as_ref(), lock.as_ref()) } {
        (Some(condition), Some(lock)) if flags == SHARED => {
            condition.sleep(milliseconds, || lock.unlock_shared(), || lock.lock_shared())
        }
        (Some(condition), Some(lock)) if flags == 0 => {
            condition.sleep(milliseconds, || lock.unlock_exclusive(), || lock.lock_exclusive())
        }
        _ => error::no(codes::ERROR_INVALID_PARAMETER),
    }
}

/// `WakeConditionVariable`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WakeConditionVariable(condition: *mut Condition) {
    // SAFETY: null, or the program's.
    if let Some(condition) = unsafe { condition.as_ref() } {
        condition.wake(false);
    }
}

/// `WakeAllConditionVariable`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WakeAllConditionVariable(condition: *mut Condition) {
    // SAFETY: null, or the program's.
    if let Some(condition) = unsafe { condition.as_ref() } {
        condition.wake(true);
    }
}
