//! Sleeping until a word in memory changes.

use crate::abi::{Dword, INFINITE};
use std::ptr;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

/// When a wait of so many milliseconds is over; `None` is never.
pub(super) fn deadline(milliseconds: Dword) -> Option<Instant> {
    if milliseconds == INFINITE {
        return None;
    }
    Instant::now().checked_add(Duration::from_millis(milliseconds.into()))
}

/// Why a sleep is over.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Somebody woke it.
    Woken,
    /// The word had another value, or there is no cause.
    Changed,
    /// The deadline came.
    Late,
}

/// Sleeps while the word has this value. May return without cause.
pub(super) fn wait(word: &AtomicU32, value: u32, deadline: Option<Instant>) -> End {
    wait_as(word, value, deadline, u32::MAX)
}

/// The same as a member of some of 32 groups.
pub(super) fn wait_as(word: &AtomicU32, value: u32, deadline: Option<Instant>, groups: u32) -> End {
    // FUTEX_WAIT_BITSET takes a moment of the monotonic clock, which an `Instant` does not give away: it is made anew.
    let until = match deadline {
        None => None,
        Some(deadline) => match deadline.checked_duration_since(Instant::now()) {
            None | Some(Duration::ZERO) => return End::Late,
            Some(left) => Some(monotonic_after(left)),
        },
    };
    let until = until.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: `word` is a live, aligned word for the whole call, and `until` is null or a moment on this stack.
    let result = unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT_BITSET | libc::FUTEX_PRIVATE_FLAG,
            value,
            until,
            ptr::null::<u32>(),
            groups,
        )
    };
    match std::io::Error::last_os_error().raw_os_error() {
        _ if result == 0 => End::Woken,
        Some(libc::ETIMEDOUT) => End::Late,
        _ => End::Changed,
    }
}

/// Wakes so many threads that sleep on the word at this address, which need not be there any more.
pub(super) fn wake(word: *const AtomicU32, count: i32) {
    wake_some(word, count, u32::MAX);
}

/// Wakes so many of those that are in one of these groups.
pub(super) fn wake_some(word: *const AtomicU32, count: i32, groups: u32) {
    // SAFETY: the kernel takes the address of a private futex as a name and does not read what is there.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word,
            libc::FUTEX_WAKE_BITSET | libc::FUTEX_PRIVATE_FLAG,
            count,
            ptr::null::<libc::timespec>(),
            ptr::null::<u32>(),
            groups,
        );
    }
}

/// Wakes all.
pub(super) fn wake_all(word: *const AtomicU32) {
    wake(word, i32::MAX);
}

fn monotonic_after(left: Duration) -> libc::timespec {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    let nanoseconds = now.tv_nsec + libc::c_long::from(left.subsec_nanos() as i32);
    libc::timespec {
        tv_sec: now.tv_sec.saturating_add(i64::try_from(left.as_secs()).unwrap_or(i64::MAX))
            + nanoseconds / 1_000_000_000,
        tv_nsec: nanoseconds % 1_000_000_000,
    }
}

/// A lock of one word, free when it is 0: for what is held for some instructions only.
#[repr(transparent)]
pub(super) struct Lock(AtomicU32);

const FREE: u32 = 0;
const HELD: u32 = 1;
/// Held, and somebody sleeps.
const AWAITED: u32 = 2;

impl Lock {
    pub(super) fn try_lock(&self) -> bool {
        use std::sync::atomic::Ordering::{Acquire, Relaxed};
        self.0.compare_exchange(FREE, HELD, Acquire, Relaxed).is_ok()
    }

    /// Takes it; looks so many times again before it sleeps.
    pub(super) fn lock(&self, spins: u32) {
        use std::sync::atomic::Ordering::{Acquire, Relaxed};
        if self.try_lock() {
            return;
        }
        for _ in 0..spins {
            std::hint::spin_loop();
            if self.0.load(Relaxed) == FREE && self.try_lock() {
                return;
            }
        }
        while self.0.swap(AWAITED, Acquire) != FREE {
            wait(&self.0, AWAITED, None);
        }
    }

    pub(super) fn unlock(&self) {
        use std::sync::atomic::Ordering::Release;
        let word: *const AtomicU32 = &raw const self.0;
        if self.0.swap(FREE, Release) == AWAITED {
            wake(word, 1);
        }
    }
}
