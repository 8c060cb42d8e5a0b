//! `WaitOnAddress`: sleeping until a value in the program's memory changes.

use super::futex::{self, End};
use crate::abi::{Bool, Dword, TRUE};
use crate::codes;
use crate::error;
use std::ffi::c_void;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

/// Values of one to eight bytes, at any address: what threads sleep on is a word of ours, shared by the addresses that meet
/// there. A wake for one wakes all of them, which `WaitOnAddress` allows: programs look at the value again.
struct Bed {
    wakes: AtomicU32,
    sleepers: AtomicU32,
}

const BEDS: usize = 64;
static ALL: [Bed; BEDS] = [const { Bed { wakes: AtomicU32::new(0), sleepers: AtomicU32::new(0) } }; BEDS];

fn bed(address: *const c_void) -> &'static Bed {
    let spread = (address.addr() as u64 >> 2).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 58;
    &ALL[spread as usize % BEDS]
}

/// Whether both are the same; `None` if the size is none of a value's.
unsafe fn same(address: *const c_void, compare: *const c_void, size: usize) -> Option<bool> {
    if address.addr() % size.max(1) != 0 {
        return None;
    }
    // SAFETY: the caller gives two values of this size, the first one aligned, and shared with threads that change it.
    unsafe {
        Some(match size {
            1 => (*address.cast::<AtomicU8>()).load(SeqCst) == compare.cast::<u8>().read(),
            2 => (*address.cast::<AtomicU16>()).load(SeqCst) == compare.cast::<u16>().read_unaligned(),
            4 => (*address.cast::<AtomicU32>()).load(SeqCst) == compare.cast::<u32>().read_unaligned(),
            8 => (*address.cast::<AtomicU64>()).load(SeqCst) == compare.cast::<u64>().read_unaligned(),
            _ => return None,
        })
    }
}

/// `WaitOnAddress`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WaitOnAddress(
    address: *const c_void,
    compare: *const c_void,
    size: usize,
    milliseconds: Dword,
) -> Bool {
    if address.is_null() || compare.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let deadline = futex::deadline(milliseconds);
    let bed = bed(address);
    bed.sleepers.fetch_add(1, SeqCst);
    let wakes = bed.wakes.load(SeqCst);
    // SAFETY: the program gives two values of this size.
    let same = unsafe { same(address, compare, size) };
    let end = if same == Some(true) { futex::wait(&bed.wakes, wakes, deadline) } else { End::Changed };
    bed.sleepers.fetch_sub(1, SeqCst);
    match (same, end) {
        (None, _) => error::no(codes::ERROR_INVALID_PARAMETER),
        (_, End::Late) => error::no(codes::ERROR_TIMEOUT),
        _ => TRUE,
    }
}

/// `WakeByAddressSingle`.
#[unsafe(no_mangle)]
pub extern "C" fn WakeByAddressSingle(address: *const c_void) {
    WakeByAddressAll(address);
}

/// `WakeByAddressAll`.
#[unsafe(no_mangle)]
pub extern "C" fn WakeByAddressAll(address: *const c_void) {
    let bed = bed(address);
    // The value has been changed before: a sleeper that is not counted yet will see it.
    if bed.sleepers.load(SeqCst) != 0 {
        bed.wakes.fetch_add(1, SeqCst);
        futex::wake_all(&raw const bed.wakes);
    }
}
