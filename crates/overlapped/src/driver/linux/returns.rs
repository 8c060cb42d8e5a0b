//! What a `ret` costs after a call of the kernel, and what makes it cheap.
//!
//! A processor predicts where a `ret` goes by a stack of its own, which each `call` pushes. Where the kernel guards its returns against
//! speculation (`Safe RET`, on AMD's processors up to Zen 4), that stack is full of the kernel's own addresses when it comes back, and
//! the program's next `ret` costs up to 0.7 microseconds, a tenth of a message. Calls that go nowhere, made before that `ret`, leave
//! addresses of the program there: mispredicted too, but cheaply.
//!
//! So it is of use only between a system call and the next `ret`: where the call is inlined, which those of rustix are and those of libc
//! are not.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

/// What `OVERLAPPED_MASK` calls it.
pub(super) const NAME: &str = "return-refill";

static WANTED: AtomicBool = AtomicBool::new(false);

/// Finds out whether this system wants it; whether it does.
pub(super) fn find_out(masked: bool) -> bool {
    let wanted = !masked && cfg!(target_arch = "x86_64") && is_guarded() && !has_shadow_stack();
    WANTED.store(wanted, Relaxed);
    wanted
}

fn is_guarded() -> bool {
    let told = std::fs::read_to_string("/sys/devices/system/cpu/vulnerabilities/spec_rstack_overflow");
    told.is_ok_and(|told| told.contains("Safe RET"))
}

/// Whether the processor checks that each `call` has its `ret`.
#[cfg(target_arch = "x86_64")]
fn has_shadow_stack() -> bool {
    let pointer: u64;
    // SAFETY: reads the pointer of the shadow stack; where there is none it does nothing.
    unsafe {
        std::arch::asm!("xor eax, eax", "rdsspq rax", out("rax") pointer, options(nomem, nostack));
    }
    pointer != 0
}

#[cfg(not(target_arch = "x86_64"))]
fn has_shadow_stack() -> bool {
    false
}

/// To be called behind a system call, if this system wants it.
#[inline(always)]
pub(super) fn refill() {
    if WANTED.load(Relaxed) {
        push();
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn push() {
    // As many as functions return before the next call of the kernel, more or less.
    // SAFETY: each call pushes an address and goes on behind it; all are taken off again. There is no shadow stack to notice.
    unsafe {
        std::arch::asm!(".rept 16", "call 2f", "int3", "2:", ".endr", "add rsp, 128");
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn push() {}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    fn deep(depth: u32, wanted: bool) -> u32 {
        if depth == 0 {
            if wanted {
                push();
            }
            return 1;
        }
        std::hint::black_box(deep(depth - 1, wanted)) + 1
    }

    #[test]
    fn it_changes_nothing_but_what_is_predicted() {
        if has_shadow_stack() {
            return;
        }
        for depth in 0..100 {
            assert_eq!(deep(depth, true), deep(depth, false));
        }
    }

    #[test]
    fn masked_is_not_wanted() {
        assert!(!find_out(true));
    }
}
