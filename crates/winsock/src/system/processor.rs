//! What the machine is, and how busy.

use super::calendar::FileTime;
use crate::abi::{Bool, Dword, TRUE};
use crate::codes;
use crate::error;
use std::fs;
use std::time::Duration;

/// `SYSTEM_INFO`.
#[repr(C)]
pub struct SystemInfo {
    architecture: u16,
    reserved: u16,
    page: Dword,
    lowest: usize,
    highest: usize,
    mask: usize,
    processors: Dword,
    kind: Dword,
    granularity: Dword,
    level: u16,
    revision: u16,
}

const AMD64: u16 = 9;
const ARM64: u16 = 12;
const UNKNOWN: u16 = 0xFFFF;
/// `PROCESSOR_AMD_X8664`.
const X86_64: Dword = 8664;

fn number(name: libc::c_int) -> usize {
    // SAFETY: the call takes any name.
    usize::try_from(unsafe { libc::sysconf(name) }).unwrap_or(1)
}

/// The processors that this process may use.
pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// `GetSystemInfo`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetSystemInfo(info: *mut SystemInfo) {
    if info.is_null() {
        return;
    }
    let processors = processors();
    let architecture = match std::env::consts::ARCH {
        "x86_64" => AMD64,
        "aarch64" => ARM64,
        _ => UNKNOWN,
    };
    let answer = SystemInfo {
        architecture,
        reserved: 0,
        page: number(libc::_SC_PAGESIZE) as Dword,
        lowest: 0x1_0000,
        highest: 0x7FFF_FFFE_FFFF,
        mask: usize::MAX >> (64 - processors.clamp(1, 64)),
        processors: processors as Dword,
        kind: if architecture == AMD64 { X86_64 } else { 0 },
        granularity: 0x1_0000,
        level: 6,
        revision: 0,
    };
    // SAFETY: not null: a place for the answer.
    unsafe { info.write(answer) };
}

/// `GetNativeSystemInfo`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetNativeSystemInfo(info: *mut SystemInfo) {
    // SAFETY: the same function.
    unsafe { GetSystemInfo(info) };
}

/// Idle, kernel and user time of all processors. As on Windows, the time of the kernel has the idle time in it.
fn times() -> Option<[Duration; 3]> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let mut fields = stat.lines().next()?.split_whitespace().skip(1).map(|field| field.parse::<u64>().unwrap_or(0));
    let mut next = || fields.next().unwrap_or(0);
    let (user, nice, system, idle, iowait, irq, soft) = (next(), next(), next(), next(), next(), next(), next());
    let per_second = number(libc::_SC_CLK_TCK) as u64;
    let span = |ticks: u64| Duration::from_millis(ticks * 1000 / per_second.max(1));
    let idle = idle + iowait;
    Some([span(idle), span(idle + system + irq + soft), span(user + nice)])
}

/// `GetSystemTimes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetSystemTimes(idle: *mut FileTime, kernel: *mut FileTime, user: *mut FileTime) -> Bool {
    let Some(times) = times() else { return error::no(codes::ERROR_ACCESS_DENIED) };
    for (place, time) in [idle, kernel, user].into_iter().zip(times) {
        if !place.is_null() {
            // SAFETY: not null: a place for the answer.
            unsafe { place.write(FileTime::span(time)) };
        }
    }
    TRUE
}

/// `MEMORYSTATUSEX`.
#[repr(C)]
pub struct MemoryStatus {
    length: Dword,
    load: Dword,
    physical: u64,
    physical_free: u64,
    page_file: u64,
    page_file_free: u64,
    address_space: u64,
    address_space_free: u64,
    extended_free: u64,
}

/// `GlobalMemoryStatusEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GlobalMemoryStatusEx(status: *mut MemoryStatus) -> Bool {
    // SAFETY: null, or a structure that says how long it is.
    let Some(status) = (unsafe { status.as_mut() }) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    if status.length as usize != size_of::<MemoryStatus>() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let read = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
    };
    status.physical = read("MemTotal");
    status.physical_free = read("MemAvailable");
    status.page_file = status.physical + read("SwapTotal");
    status.page_file_free = status.physical_free + read("SwapFree");
    status.address_space = 1 << 47;
    status.address_space_free = 1 << 47;
    status.extended_free = 0;
    let used = status.physical.saturating_sub(status.physical_free);
    status.load = (used * 100 / status.physical.max(1)) as Dword;
    TRUE
}
