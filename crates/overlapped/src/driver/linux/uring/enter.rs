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
    let arguments = [descriptor as usize, submit as usize, wanted as usize, flags as usize, argument as usize, size];
    // SAFETY: the caller's promise.
    let entered = unsafe { call(arguments) };
    returns::refill();
    u32::try_from(entered).map_err(|_| io::Error::from_raw_os_error(-entered as i32))
}

/// # Safety
///
/// As for `enter`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn call(arguments: [usize; 6]) -> libc::c_long {
    let entered;
    // SAFETY: the caller's promise; the kernel changes these registers and no others.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") libc::SYS_io_uring_enter => entered,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            in("r8") arguments[4],
            in("r9") arguments[5],
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
unsafe fn call([descriptor, submit, wanted, flags, argument, size]: [usize; 6]) -> libc::c_long {
    // SAFETY: the caller's promise.
    let entered = unsafe { libc::syscall(libc::SYS_io_uring_enter, descriptor, submit, wanted, flags, argument, size) };
    match entered {
        -1 => -libc::c_long::from(io::Error::last_os_error().raw_os_error().unwrap_or(libc::EINVAL)),
        entered => entered,
    }
}
