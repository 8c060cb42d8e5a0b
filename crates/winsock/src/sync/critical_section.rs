//! `CRITICAL_SECTION`.

use super::futex::Lock;
use crate::abi::{Bool, Dword, FALSE, TRUE};
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize};

/// `CRITICAL_SECTION`; valid, and free, when all is zero.
#[repr(C)]
pub struct CriticalSection {
    debug: usize,
    lock: Lock,
    /// How often its owner has entered. Only the owner writes it.
    depth: AtomicI32,
    /// The id of the thread that is in it, or 0.
    owner: AtomicUsize,
    semaphore: usize,
    /// How often to look again before sleeping.
    spins: AtomicU32,
    flags: u32,
}

/// Looking again for about as long as a short section lasts is cheaper than sleeping.
const SPINS: u32 = 100;
/// Windows keeps flags in the upper part of the count.
const MOST_SPINS: u32 = 0x00FF_FFFF;

/// An id of this thread, never 0.
pub(super) fn thread() -> usize {
    thread_local! {
        static ID: Cell<usize> = const { Cell::new(0) };
    }
    let known = ID.get();
    if known != 0 {
        return known;
    }
    // SAFETY: the call takes nothing and cannot fail.
    let id = unsafe { libc::gettid() }.unsigned_abs() as usize;
    ID.set(id);
    id
}

impl CriticalSection {
    fn set_up(&self, spins: Dword) {
        self.depth.store(0, Relaxed);
        self.owner.store(0, Relaxed);
        self.spins.store((spins & MOST_SPINS).max(SPINS), Relaxed);
    }

    pub(super) fn enter(&self) {
        let me = thread();
        // Only this thread can have written its own id there.
        if self.owner.load(Relaxed) != me {
            self.lock.lock(self.spins.load(Relaxed));
            self.owner.store(me, Relaxed);
        }
        self.depth.fetch_add(1, Relaxed);
    }

    fn try_enter(&self) -> bool {
        let me = thread();
        if self.owner.load(Relaxed) != me {
            if !self.lock.try_lock() {
                return false;
            }
            self.owner.store(me, Relaxed);
        }
        self.depth.fetch_add(1, Relaxed);
        true
    }

    pub(super) fn leave(&self) {
        let depth = self.depth.load(Relaxed);
        if depth <= 0 {
            // Nobody is in it. Windows would count it as one less than free, and lock it for ever.
            return;
        }
        self.depth.store(depth - 1, Relaxed);
        if depth == 1 {
            self.owner.store(0, Relaxed);
            self.lock.unlock();
        }
    }
}

/// `InitializeCriticalSection`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeCriticalSection(section: *mut CriticalSection) {
    // SAFETY: as below.
    unsafe { InitializeCriticalSectionAndSpinCount(section, 0) };
}

/// `InitializeCriticalSectionAndSpinCount`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeCriticalSectionAndSpinCount(section: *mut CriticalSection, spins: Dword) -> Bool {
    if section.is_null() {
        return FALSE;
    }
    // SAFETY: the program gives memory for a section that nobody uses yet; all zero bits are a valid section.
    unsafe {
        section.write_bytes(0, 1);
        (*section).set_up(spins);
    }
    TRUE
}

/// `InitializeCriticalSectionEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeCriticalSectionEx(
    section: *mut CriticalSection,
    spins: Dword,
    _flags: Dword,
) -> Bool {
    // SAFETY: as above.
    unsafe { InitializeCriticalSectionAndSpinCount(section, spins) }
}

/// `SetCriticalSectionSpinCount`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetCriticalSectionSpinCount(section: *mut CriticalSection, spins: Dword) -> Dword {
    // SAFETY: null, or a section of the program's.
    match unsafe { section.as_ref() } {
        Some(section) => section.spins.swap((spins & MOST_SPINS).max(SPINS), Relaxed),
        None => 0,
    }
}

/// `EnterCriticalSection`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn EnterCriticalSection(section: *mut CriticalSection) {
    // SAFETY: null, or a section of the program's.
    if let Some(section) = unsafe { section.as_ref() } {
        section.enter();
    }
}

/// `TryEnterCriticalSection`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TryEnterCriticalSection(section: *mut CriticalSection) -> Bool {
    // SAFETY: null, or a section of the program's.
    let section = unsafe { section.as_ref() };
    section.is_some_and(CriticalSection::try_enter).into()
}

/// `LeaveCriticalSection`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LeaveCriticalSection(section: *mut CriticalSection) {
    // SAFETY: null, or a section of the program's, which is there at least until its lock is free.
    if let Some(section) = unsafe { section.as_ref() } {
        section.leave();
    }
}

/// `DeleteCriticalSection`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DeleteCriticalSection(section: *mut CriticalSection) {
    if !section.is_null() {
        // SAFETY: the program says that nobody uses it any more. Free and zero, it is harmless if somebody does.
        unsafe { section.write_bytes(0, 1) };
    }
}
