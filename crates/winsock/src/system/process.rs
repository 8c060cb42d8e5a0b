//! This process. There is a handle for no other one.

use super::calendar::FileTime;
use super::clock::read;
use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes;
use crate::error;
use crate::handle::Object;
use crate::kernel::{CURRENT_PROCESS, CURRENT_THREAD, resolve};
use std::fs;
use std::process;
use std::time::Duration;

const STILL_ACTIVE: Dword = 259;

/// Whether a handle is this process's.
pub(super) fn is_current(process: Handle) -> bool {
    matches!(resolve(process), Ok(Object::Process))
}

/// `GetCurrentProcessId`.
#[unsafe(no_mangle)]
pub extern "C" fn GetCurrentProcessId() -> Dword {
    process::id()
}

/// `GetProcessId`.
#[unsafe(no_mangle)]
pub extern "C" fn GetProcessId(process: Handle) -> Dword {
    if is_current(process) {
        return process::id();
    }
    error::set_last(codes::ERROR_INVALID_HANDLE);
    0
}

/// `OpenProcess`: this process, by its id. Others are not given away.
#[unsafe(no_mangle)]
pub extern "C" fn OpenProcess(_access: Dword, _inherit: Bool, id: Dword) -> Handle {
    if id == process::id() {
        return CURRENT_PROCESS;
    }
    let there = id != 0 && fs::exists(format!("/proc/{id}")).unwrap_or(false);
    error::set_last(if there { codes::ERROR_ACCESS_DENIED } else { codes::ERROR_INVALID_PARAMETER });
    0
}

/// `ExitProcess`: what the program has for its end runs, and nothing else of it.
#[unsafe(no_mangle)]
pub extern "C" fn ExitProcess(code: u32) -> ! {
    // SAFETY: ends the process; as on Windows, the destructors of objects on stacks do not run.
    unsafe { libc::exit(code as i32) }
}

/// `TerminateProcess`: ends at once.
#[unsafe(no_mangle)]
pub extern "C" fn TerminateProcess(process: Handle, code: u32) -> Bool {
    if !is_current(process) {
        return error::no(codes::ERROR_INVALID_HANDLE);
    }
    // SAFETY: ends the process.
    unsafe { libc::_exit(code as i32) }
}

/// `FatalExit`.
#[unsafe(no_mangle)]
pub extern "C" fn FatalExit(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// `GetExitCodeProcess`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetExitCodeProcess(process: Handle, code: *mut Dword) -> Bool {
    if !is_current(process) {
        return error::no(codes::ERROR_INVALID_HANDLE);
    }
    if code.is_null() {
        return error::no(codes::ERROR_NOACCESS);
    }
    // SAFETY: not null: a place for the answer.
    unsafe { code.write(STILL_ACTIVE) };
    TRUE
}

/// A field of `/proc/self/stat`, counted as in its manual.
fn stat(field: usize) -> Option<u64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is a name, which may hold anything but ends with the last parenthesis.
    stat.rsplit_once(')')?.1.split_whitespace().nth(field.checked_sub(3)?)?.parse().ok()
}

/// When the process began, as the time since 1970.
fn began() -> Option<Duration> {
    // SAFETY: the call takes any name.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1).unsigned_abs();
    let after_boot = Duration::from_millis(stat(22)? * 1000 / per_second);
    let boot = read(libc::CLOCK_REALTIME).checked_sub(read(libc::CLOCK_BOOTTIME))?;
    boot.checked_add(after_boot)
}

fn used(who: libc::c_int) -> (Duration, Duration) {
    // SAFETY: all zero bits are a valid answer, and the place for it is on this stack.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(who, &raw mut usage);
        usage
    };
    let span = |time: libc::timeval| Duration::new(time.tv_sec.unsigned_abs(), time.tv_usec as u32 * 1000);
    (span(usage.ru_stime), span(usage.ru_utime))
}

unsafe fn times(answers: [*mut FileTime; 4], who: libc::c_int) -> Bool {
    if answers.iter().any(|place| place.is_null()) {
        return error::no(codes::ERROR_NOACCESS);
    }
    let Some(began) = began() else { return error::no(codes::ERROR_ACCESS_DENIED) };
    let (kernel, user) = used(who);
    let values = [FileTime::moment(began), FileTime::from_ticks(0), FileTime::span(kernel), FileTime::span(user)];
    for (place, value) in answers.into_iter().zip(values) {
        // SAFETY: not null: a place for the answer.
        unsafe { place.write(value) };
    }
    TRUE
}

/// `GetProcessTimes`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetProcessTimes(
    process: Handle,
    creation: *mut FileTime,
    exit: *mut FileTime,
    kernel: *mut FileTime,
    user: *mut FileTime,
) -> Bool {
    if !is_current(process) {
        return error::no(codes::ERROR_INVALID_HANDLE);
    }
    // SAFETY: null, or places for the answers.
    unsafe { times([creation, exit, kernel, user], libc::RUSAGE_SELF) }
}

/// `GetThreadTimes`: of the calling thread; its creation is taken to be the process's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetThreadTimes(
    thread: Handle,
    creation: *mut FileTime,
    exit: *mut FileTime,
    kernel: *mut FileTime,
    user: *mut FileTime,
) -> Bool {
    if thread != CURRENT_THREAD {
        return error::no(codes::ERROR_CALL_NOT_IMPLEMENTED);
    }
    // SAFETY: null, or places for the answers.
    unsafe { times([creation, exit, kernel, user], libc::RUSAGE_THREAD) }
}

/// `PROCESS_MEMORY_COUNTERS`, and the field that the longer structure has more.
#[repr(C)]
#[derive(Default)]
pub struct MemoryCounters {
    size: Dword,
    faults: Dword,
    peak_working_set: usize,
    working_set: usize,
    peak_paged_pool: usize,
    paged_pool: usize,
    peak_non_paged_pool: usize,
    non_paged_pool: usize,
    page_file: usize,
    peak_page_file: usize,
    private: usize,
}

/// `GetProcessMemoryInfo`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetProcessMemoryInfo(process: Handle, answer: *mut MemoryCounters, size: Dword) -> Bool {
    let short = std::mem::offset_of!(MemoryCounters, private);
    if !is_current(process) {
        return error::no(codes::ERROR_INVALID_HANDLE);
    }
    if answer.is_null() || (size as usize) < short {
        return error::no(codes::ERROR_INSUFFICIENT_BUFFER);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok()).unwrap_or(0) * 1024
    };
    let private = bytes("RssAnon") + bytes("VmSwap");
    let counters = MemoryCounters {
        size,
        faults: stat(10).unwrap_or(0).wrapping_add(stat(12).unwrap_or(0)) as Dword,
        peak_working_set: bytes("VmHWM"),
        working_set: bytes("VmRSS"),
        page_file: private,
        peak_page_file: private,
        private,
        ..MemoryCounters::default()
    };
    let length = if (size as usize) < size_of::<MemoryCounters>() { short } else { size_of::<MemoryCounters>() };
    // SAFETY: not null, and at least so long, as the program says.
    unsafe { answer.cast::<u8>().copy_from_nonoverlapping((&raw const counters).cast(), length) };
    TRUE
}

/// `K32GetProcessMemoryInfo`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn K32GetProcessMemoryInfo(process: Handle, answer: *mut MemoryCounters, size: Dword) -> Bool {
    // SAFETY: the same function.
    unsafe { GetProcessMemoryInfo(process, answer, size) }
}
