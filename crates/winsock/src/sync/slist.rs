//! `SLIST_HEADER`: interlocked lists.
//!
//! A lock in the header, not a double-width exchange: a thread that pops must read the link of the first entry, and without a
//! lock another thread may have popped and freed that entry by then. Windows mends the fault that this may be; nothing here
//! can. It also needs no instruction that some processors lack.

use super::futex::Lock;
use std::cell::UnsafeCell;
use std::ptr;

/// `SLIST_ENTRY`.
#[repr(C, align(16))]
pub struct Entry {
    next: *mut Entry,
}

/// `SLIST_HEADER`: empty when it is 0.
#[repr(C, align(16))]
pub struct Header {
    first: UnsafeCell<*mut Entry>,
    depth: UnsafeCell<u32>,
    lock: Lock,
}

/// Held for a few instructions only.
const SPINS: u32 = 200;

impl Header {
    fn with<T>(&self, run: impl FnOnce(&mut *mut Entry, &mut u32) -> T) -> T {
        self.lock.lock(SPINS);
        // SAFETY: both are touched under the lock only.
        let result = unsafe { run(&mut *self.first.get(), &mut *self.depth.get()) };
        self.lock.unlock();
        result
    }

    /// Puts a chain in front.
    ///
    /// # Safety
    /// `last` is an entry that nobody else uses.
    unsafe fn push(&self, first: *mut Entry, last: *mut Entry, count: u32) -> *mut Entry {
        self.with(|head, depth| {
            let before = *head;
            // SAFETY: as the caller says.
            unsafe { (*last).next = before };
            *head = first;
            *depth = depth.wrapping_add(count);
            before
        })
    }
}

/// `InitializeSListHead`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeSListHead(list: *mut Header) {
    if !list.is_null() {
        // SAFETY: memory for a list that nobody uses yet; an empty list is all zero bits.
        unsafe { list.write_bytes(0, 1) };
    }
}

/// `InterlockedPushEntrySList`: the entry that was the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InterlockedPushEntrySList(list: *mut Header, entry: *mut Entry) -> *mut Entry {
    // SAFETY: null, or a list of the program's.
    match unsafe { list.as_ref() } {
        // SAFETY: the entry is the program's, and becomes the list's.
        Some(list) if !entry.is_null() => unsafe { list.push(entry, entry, 1) },
        _ => ptr::null_mut(),
    }
}

/// `InterlockedPushListSListEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InterlockedPushListSListEx(
    list: *mut Header,
    first: *mut Entry,
    last: *mut Entry,
    count: u32,
) -> *mut Entry {
    // SAFETY: null, or a list of the program's.
    match unsafe { list.as_ref() } {
        // SAFETY: the chain is the program's, and becomes the list's.
        Some(list) if !first.is_null() && !last.is_null() => unsafe { list.push(first, last, count) },
        _ => ptr::null_mut(),
    }
}

/// `InterlockedPopEntrySList`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InterlockedPopEntrySList(list: *mut Header) -> *mut Entry {
    // SAFETY: null, or a list of the program's.
    let Some(list) = (unsafe { list.as_ref() }) else { return ptr::null_mut() };
    list.with(|head, depth| {
        let first = *head;
        // SAFETY: an entry in the list belongs to the list, and nobody frees it before it is popped.
        if let Some(entry) = unsafe { first.as_ref() } {
            *head = entry.next;
            *depth = depth.wrapping_sub(1);
        }
        first
    })
}

/// `InterlockedFlushSList`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InterlockedFlushSList(list: *mut Header) -> *mut Entry {
    // SAFETY: null, or a list of the program's.
    let Some(list) = (unsafe { list.as_ref() }) else { return ptr::null_mut() };
    list.with(|head, depth| {
        *depth = 0;
        std::mem::replace(head, ptr::null_mut())
    })
}

/// `QueryDepthSList`: as on Windows, no more than its lower 16 bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QueryDepthSList(list: *mut Header) -> u16 {
    // SAFETY: null, or a list of the program's.
    let Some(list) = (unsafe { list.as_ref() }) else { return 0 };
    list.with(|_, depth| *depth as u16)
}

/// `RtlFirstEntrySList`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RtlFirstEntrySList(list: *const Header) -> *mut Entry {
    // SAFETY: null, or a list of the program's.
    let Some(list) = (unsafe { list.as_ref() }) else { return ptr::null_mut() };
    list.with(|head, _| *head)
}
