//! `SYNCHRONIZATION_BARRIER`.

use super::futex;
use crate::abi::{Bool, Dword, FALSE, TRUE};
use crate::codes;
use crate::error;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

/// `SYNCHRONIZATION_BARRIER`.
#[repr(C)]
pub struct Barrier {
    /// How many threads must come.
    all: AtomicU32,
    /// How many are still to come in this round.
    missing: AtomicU32,
    round: AtomicU32,
    /// How many are in a call.
    inside: AtomicU32,
    reserved: [u64; 2],
}

/// `InitializeSynchronizationBarrier`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitializeSynchronizationBarrier(barrier: *mut Barrier, threads: i32, _spins: i32) -> Bool {
    let Some(threads) = u32::try_from(threads).ok().filter(|&threads| threads > 0) else {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    };
    if barrier.is_null() {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let new =
        Barrier { all: threads.into(), missing: threads.into(), round: 0.into(), inside: 0.into(), reserved: [0; 2] };
    // SAFETY: the program gives memory for a barrier that nobody uses yet.
    unsafe { barrier.write(new) };
    TRUE
}

/// `EnterSynchronizationBarrier`: `TRUE` for the thread that came last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn EnterSynchronizationBarrier(barrier: *mut Barrier, _flags: Dword) -> Bool {
    // SAFETY: null, or a barrier of the program's, which it does not delete while threads are in it.
    let Some(barrier) = (unsafe { barrier.as_ref() }) else { return FALSE };
    barrier.inside.fetch_add(1, SeqCst);
    let round = barrier.round.load(SeqCst);
    let last = barrier.missing.fetch_sub(1, SeqCst) == 1;
    if last {
        barrier.missing.store(barrier.all.load(Relaxed), SeqCst);
        barrier.round.fetch_add(1, SeqCst);
        futex::wake_all(&raw const barrier.round);
    } else {
        while barrier.round.load(SeqCst) == round {
            futex::wait(&barrier.round, round, None);
        }
    }
    let inside: *const AtomicU32 = &raw const barrier.inside;
    if barrier.inside.fetch_sub(1, SeqCst) == 1 {
        futex::wake_all(inside);
    }
    last.into()
}

/// `DeleteSynchronizationBarrier`: waits until all threads have left it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn DeleteSynchronizationBarrier(barrier: *mut Barrier) -> Bool {
    // SAFETY: null, or a barrier of the program's.
    if let Some(barrier) = unsafe { barrier.as_ref() } {
        loop {
            let inside = barrier.inside.load(SeqCst);
            if inside == 0 {
                break;
            }
            futex::wait(&barrier.inside, inside, None);
        }
    }
    TRUE
}
