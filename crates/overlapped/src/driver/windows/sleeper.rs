//! Whether a thread sleeps, as another one sees it.
//!
//! No call tells. But a thread whose processor time stands still from one look to the next does not run.

use crate::sync::real::lock;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{CloseHandle, FILETIME, HANDLE};
use windows_sys::Win32::System::Threading::{
    GetCurrentThreadId, GetThreadTimes, OpenThread, THREAD_QUERY_LIMITED_INFORMATION,
};
use windows_sys::Win32::System::WindowsProgramming::QueryThreadCycleTime;

/// A thread of this process, which may sleep.
pub(crate) struct Sleeper {
    handle: HANDLE,
    /// Its cycles are counted, and not only its ticks.
    counts_cycles: bool,
    last: Mutex<Option<Look>>,
}

/// Looks at a thread that had always used as much.
struct Look {
    used: Used,
    first: Instant,
    again: Instant,
}

/// How much of a processor a thread has used.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Used {
    Cycles(u64),
    /// In units of 100 ns, but counted in the ticks of a clock.
    Time(u64),
}

/// In that time a thread that computes has used a tick, also one that shares its processor with a dozen others: 15.6 ms on Windows,
/// 10 ms on Wine, which counts no cycles.
const TICKS: Duration = Duration::from_millis(300);

// SAFETY: a handle may be used on any thread.
unsafe impl Send for Sleeper {}
// SAFETY: and by several at once.
unsafe impl Sync for Sleeper {}

impl Sleeper {
    pub(crate) fn current() -> Self {
        // SAFETY: takes no pointers; the handle is this value's alone, or null.
        let handle = unsafe { OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, GetCurrentThreadId()) };
        // It has run between the two.
        let counts_cycles = matches!((cycles(handle), cycles(handle)), (Some(first), Some(second)) if first != second);
        Self { handle, counts_cycles, last: Mutex::new(None) }
    }

    /// Whether it has not run since the last look. One that cannot be looked at is taken to sleep: nobody knows that it goes on.
    pub(crate) fn sleeps(&self) -> bool {
        let Some(used) = self.used() else { return true };
        let mut last = lock(&self.last);
        match *last {
            // What was seen long ago says nothing of a run that has just begun.
            Some(ref mut look) if look.used == used && look.again.elapsed() < TICKS => {
                look.again = Instant::now();
                match used {
                    Used::Cycles(_) => true,
                    Used::Time(_) => look.first.elapsed() >= TICKS,
                }
            }
            _ => {
                let now = Instant::now();
                *last = Some(Look { used, first: now, again: now });
                false
            }
        }
    }

    fn used(&self) -> Option<Used> {
        if self.counts_cycles {
            return cycles(self.handle).map(Used::Cycles);
        }
        let mut times = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
        let [created, ended, kernel, user] = &mut times;
        // SAFETY: as in `cycles`; the four times are this frame's.
        let told = unsafe { GetThreadTimes(self.handle, created, ended, kernel, user) } != 0;
        let number = |time: FILETIME| u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime);
        told.then(|| Used::Time(number(times[2]).wrapping_add(number(times[3]))))
    }
}

fn cycles(thread: HANDLE) -> Option<u64> {
    let mut cycles = 0;
    // SAFETY: the handle is that of a thread, or null, which the call refuses; the number is this frame's.
    (unsafe { QueryThreadCycleTime(thread, &mut cycles) } != 0).then_some(cycles)
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        if !self.handle.is_null() {
            // SAFETY: the handle is this value's alone.
            unsafe { CloseHandle(self.handle) };
        }
    }
}
