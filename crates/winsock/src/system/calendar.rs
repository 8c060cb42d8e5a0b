//! `SYSTEMTIME` and `FILETIME`.

use super::clock::read;
use crate::abi::{Bool, Dword, TRUE};
use crate::codes;
use crate::error;
use std::time::Duration;

/// `SYSTEMTIME`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SystemTime {
    year: u16,
    month: u16,
    day_of_week: u16,
    day: u16,
    hour: u16,
    minute: u16,
    second: u16,
    milliseconds: u16,
}

/// `FILETIME`: tenths of a microsecond since 1601.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileTime {
    low: Dword,
    high: Dword,
}

/// Ticks of a `FILETIME` in a second.
const SECOND: u64 = 10_000_000;
/// From 1601 to 1970.
const EPOCH: u64 = 11_644_473_600 * SECOND;
const DAY: u64 = 86_400 * SECOND;
/// Days from 1600-03-01, where a cycle of 400 years begins that ends with a leap day, to 1601-01-01.
const FROM_CYCLE: u64 = 306;

impl FileTime {
    pub(super) fn from_ticks(ticks: u64) -> Self {
        Self { low: ticks as Dword, high: (ticks >> 32) as Dword }
    }

    /// A span.
    pub(super) fn span(span: Duration) -> Self {
        Self::from_ticks((span.as_nanos() / 100) as u64)
    }

    /// A moment, as the time since 1970.
    pub(super) fn moment(since: Duration) -> Self {
        Self::from_ticks((since.as_nanos() / 100) as u64 + EPOCH)
    }

    fn ticks(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

fn from_ticks(ticks: u64) -> Option<SystemTime> {
    // Windows takes no time from the upper half as a date.
    if ticks > i64::MAX as u64 {
        return None;
    }
    let (days, rest) = (ticks / DAY, ticks % DAY);
    let (year, month, day) = date(days);
    let milliseconds = rest / (SECOND / 1000);
    Some(SystemTime {
        year: u16::try_from(year).ok()?,
        month: month as u16,
        // The first of January 1601 was a Monday.
        day_of_week: ((days + 1) % 7) as u16,
        day: day as u16,
        hour: (milliseconds / 3_600_000) as u16,
        minute: (milliseconds / 60_000 % 60) as u16,
        second: (milliseconds / 1000 % 60) as u16,
        milliseconds: (milliseconds % 1000) as u16,
    })
}

/// Year, month and day of a day counted from 1601-01-01. Years begin in March for the count, so that the leap day is the last.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + FROM_CYCLE;
    let (cycle, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let year = 1600 + cycle * 400 + year;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn to_ticks(time: &SystemTime) -> Option<u64> {
    let (year, month, day) = (u64::from(time.year), u64::from(time.month), u64::from(time.day));
    let valid = (1601..=30_827).contains(&year)
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && time.hour < 24
        && time.minute < 60
        && time.second < 60
        && time.milliseconds < 1000;
    if !valid {
        return None;
    }
    let before = year - 1601;
    let days = before * 365 + before / 4 - before / 100
        + before / 400
        + (1..month).map(|m| days_in(year, m)).sum::<u64>()
        + day
        - 1;
    let seconds = u64::from(time.hour) * 3600 + u64::from(time.minute) * 60 + u64::from(time.second);
    Some(days * DAY + seconds * SECOND + u64::from(time.milliseconds) * (SECOND / 1000))
}

/// How far the local time is ahead of the universal time at a moment, in ticks.
fn ahead(ticks: u64) -> i64 {
    let seconds = (ticks / SECOND) as i64 - (EPOCH / SECOND) as i64;
    // SAFETY: all zero bits are a valid `tm`; both are on this stack.
    let offset = unsafe {
        let mut local: libc::tm = std::mem::zeroed();
        libc::localtime_r(&raw const seconds, &raw mut local);
        local.tm_gmtoff
    };
    offset * SECOND as i64
}

fn now() -> u64 {
    FileTime::moment(read(libc::CLOCK_REALTIME)).ticks()
}

unsafe fn answer<T>(place: *mut T, value: Option<T>) -> Bool {
    match value {
        Some(value) if !place.is_null() => {
            // SAFETY: not null: a place for the answer.
            unsafe { place.write(value) };
            TRUE
        }
        _ => error::no(codes::ERROR_INVALID_PARAMETER),
    }
}

/// `GetSystemTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetSystemTime(time: *mut SystemTime) {
    // SAFETY: null, or a place for the answer.
    unsafe { answer(time, from_ticks(now())) };
}

/// `GetLocalTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetLocalTime(time: *mut SystemTime) {
    let now = now();
    // SAFETY: null, or a place for the answer.
    unsafe { answer(time, from_ticks(now.wrapping_add_signed(ahead(now)))) };
}

/// `GetSystemTimeAsFileTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetSystemTimeAsFileTime(time: *mut FileTime) {
    // SAFETY: null, or a place for the answer.
    unsafe { answer(time, Some(FileTime::from_ticks(now()))) };
}

/// `GetSystemTimePreciseAsFileTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetSystemTimePreciseAsFileTime(time: *mut FileTime) {
    // SAFETY: null, or a place for the answer.
    unsafe { GetSystemTimeAsFileTime(time) };
}

/// `FileTimeToSystemTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FileTimeToSystemTime(from: *const FileTime, to: *mut SystemTime) -> Bool {
    // SAFETY: null, or a time; null, or a place for the answer.
    unsafe { answer(to, from.as_ref().and_then(|from| from_ticks(from.ticks()))) }
}

/// `SystemTimeToFileTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SystemTimeToFileTime(from: *const SystemTime, to: *mut FileTime) -> Bool {
    // SAFETY: null, or a time; null, or a place for the answer.
    unsafe { answer(to, from.as_ref().and_then(to_ticks).map(FileTime::from_ticks)) }
}

/// `FileTimeToLocalFileTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn FileTimeToLocalFileTime(from: *const FileTime, to: *mut FileTime) -> Bool {
    // SAFETY: null, or a time.
    let from = unsafe { from.as_ref() }.map(|from| from.ticks());
    let local = from.and_then(|ticks| ticks.checked_add_signed(ahead(ticks)));
    // SAFETY: null, or a place for the answer.
    unsafe { answer(to, local.map(FileTime::from_ticks)) }
}

/// `LocalFileTimeToFileTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LocalFileTimeToFileTime(from: *const FileTime, to: *mut FileTime) -> Bool {
    // SAFETY: null, or a time.
    let from = unsafe { from.as_ref() }.map(|from| from.ticks());
    let universal = from.and_then(|ticks| ticks.checked_add_signed(-ahead(ticks)));
    // SAFETY: null, or a place for the answer.
    unsafe { answer(to, universal.map(FileTime::from_ticks)) }
}

/// `CompareFileTime`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CompareFileTime(one: *const FileTime, other: *const FileTime) -> i32 {
    // SAFETY: null, or times.
    let (one, other) = unsafe { (one.as_ref(), other.as_ref()) };
    one.map(|time| time.ticks()).cmp(&other.map(|time| time.ticks())) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let known = [
            (0, (1601, 1, 1), 1),
            (EPOCH / DAY, (1970, 1, 1), 4),
            (145_731, (2000, 1, 1), 6),
            (145_731 + 59, (2000, 2, 29), 2),
            (145_731 + 60, (2000, 3, 1), 3),
        ];
        for (days, date, weekday) in known {
            let time = from_ticks(days * DAY).unwrap();
            assert_eq!((time.year, time.month, time.day), date);
            assert_eq!(time.day_of_week, weekday);
        }
    }

    #[test]
    fn every_day_goes_there_and_back() {
        for days in (0..300_000).step_by(13) {
            let ticks = days * DAY + 12_345 * SECOND;
            assert_eq!(to_ticks(&from_ticks(ticks).unwrap()), Some(ticks));
        }
    }

    #[test]
    fn dates_that_are_none_are_refused() {
        let mut time = from_ticks(EPOCH).unwrap();
        time.month = 2;
        time.day = 29;
        assert_eq!(to_ticks(&time), None);
        assert_eq!(from_ticks(u64::MAX), None);
    }
}
