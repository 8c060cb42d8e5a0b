//! Ticks and counters.

use crate::abi::{Bool, Dword, TRUE};
use crate::codes;
use crate::error;
use std::time::Duration;

pub(super) fn read(clock: libc::clockid_t) -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid place for the answer. An unknown clock leaves it as it is.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    Duration::new(now.tv_sec.unsigned_abs(), now.tv_nsec as u32)
}

/// `GetTickCount64`: since the system has started, without the time that it slept.
#[unsafe(no_mangle)]
pub extern "C" fn GetTickCount64() -> u64 {
    read(libc::CLOCK_MONOTONIC).as_millis() as u64
}

/// `GetTickCount`: begins again after 49.7 days.
#[unsafe(no_mangle)]
pub extern "C" fn GetTickCount() -> Dword {
    GetTickCount64() as Dword
}

/// `timeGetTime`.
#[unsafe(no_mangle)]
pub extern "C" fn timeGetTime() -> Dword {
    GetTickCount()
}

const TIMERR_NOERROR: u32 = 0;
const TIMERR_NOCANDO: u32 = 97;
const FINEST: u32 = 1;
const COARSEST: u32 = 1_000_000;

/// `timeBeginPeriod`: timers here are fine already.
#[unsafe(no_mangle)]
pub extern "C" fn timeBeginPeriod(period: u32) -> u32 {
    if period < FINEST { TIMERR_NOCANDO } else { TIMERR_NOERROR }
}

/// `timeEndPeriod`.
#[unsafe(no_mangle)]
pub extern "C" fn timeEndPeriod(period: u32) -> u32 {
    timeBeginPeriod(period)
}

/// `TIMECAPS`.
#[repr(C)]
pub struct TimeCaps {
    /// The finest period.
    pub min: u32,
    /// The coarsest.
    pub max: u32,
}

/// `timeGetDevCaps`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn timeGetDevCaps(caps: *mut TimeCaps, size: u32) -> u32 {
    if caps.is_null() || (size as usize) < size_of::<TimeCaps>() {
        return TIMERR_NOCANDO;
    }
    // SAFETY: not null, and large enough, as the program says.
    unsafe { caps.write(TimeCaps { min: FINEST, max: COARSEST }) };
    TIMERR_NOERROR
}

/// Windows counts in tenths of a microsecond.
const FREQUENCY: i64 = 10_000_000;

/// `QueryPerformanceCounter`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QueryPerformanceCounter(count: *mut i64) -> Bool {
    if count.is_null() {
        return error::no(codes::ERROR_NOACCESS);
    }
    let now = (read(libc::CLOCK_MONOTONIC).as_nanos() / 100) as i64;
    // SAFETY: not null: a place for the answer, which need not be aligned.
    unsafe { count.write_unaligned(now) };
    TRUE
}

/// `QueryPerformanceFrequency`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QueryPerformanceFrequency(frequency: *mut i64) -> Bool {
    if frequency.is_null() {
        return error::no(codes::ERROR_NOACCESS);
    }
    // SAFETY: not null: a place for the answer, which need not be aligned.
    unsafe { frequency.write_unaligned(FREQUENCY) };
    TRUE
}
