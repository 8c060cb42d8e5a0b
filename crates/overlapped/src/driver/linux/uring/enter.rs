//! `io_uring_enter`, inlined where a `ret` behind it may be costly.

use super::super::returns;
use std::ffi::c_void;
use std::io;

/// # Safety
///
/// What `io_uring_enter(2)` asks: of the argument, which is of that size, and of all entries that are submitted.
#[inline(always)]
pub(super) unsafe fn enter(
    descriptor: i32,
    submit: u32,
    wanted: u32,
    flags: u32,
    argument: *const c_void,
    size: usize,
) -> io::Result<u32> {
    // SAFETY: the caller's promise.
    let entered = unsafe { call(descriptor, submit, wanted, flags, argument, size) };
    returns::refill();
    u32::try_from(entered).map_err(|_| io::Error::from_raw_os_error(-entered as i32))
}

/// # Safety
///
/// As for `enter`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn call(
    descriptor: i32,
    submit: u32,
    wanted: u32,
    flags: u32,
    argument: *const c_void,
    size: usize,
) -> libc::c_long {
    let entered;
    // SAFETY: the caller's promise; the kernel changes these registers and no others.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") libc::SYS_io_uring_enter => entered,
            in("rdi") i64::from(descriptor),
            in("rsi") u64::from(submit),
            in("rdx") u64::from(wanted),
            in("r10") u64::from(flags),
            in("r8") argument,
            in("r9") size,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    entered
}

/// # Safety
///
/// As for `enter`.
#[cfg(not(target_arch = "x86_64"))]
unsafe fn call(
    descriptor: i32,
    submit: u32,
    wanted: u32,
    flags: u32,
    argument: *const c_void,
    size: usize,
) -> libc::c_long {
    // SAFETY: the caller's promise.
    let entered = unsafe { libc::syscall(libc::SYS_io_uring_enter, descriptor, submit, wanted, flags, argument, size) };
    match entered {
        -1 => -libc::c_long::from(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)),
        entered => entered,
    }
}
