//! `INIT_ONCE`.

use super::futex;
use crate::abi::{Bool, Dword, FALSE, Pointer, TRUE};
use crate::codes;
use crate::error;
use std::sync::atomic::Ordering::{AcqRel, Acquire};
use std::sync::atomic::{AtomicU32, AtomicUsize};

/// `INIT_ONCE`: nothing has been done when it is 0; what was made, with `DONE`, when it has been.
#[repr(transparent)]
pub struct Once(AtomicUsize);

const NEW: usize = 0;
/// One thread does it, others wait for it.
const BUSY: usize = 1;
const DONE: usize = 2;
/// Threads do it at the same time, and the first to end wins.
const BUSY_TOGETHER: usize = 3;
/// The lower bits, which the context leaves free.
const STATE: usize = 3;

const CHECK_ONLY: Dword = 1;
const ASYNC: Dword = 2;
const INIT_FAILED: Dword = 4;

/// What a program gives to do once.
pub type Routine = unsafe extern "C-unwind" fn(*mut Once, Pointer, *mut Pointer) -> Bool;

/// What `begin` found.
enum Begun {
    Done(usize),
    /// It is the caller's turn.
    Turn,
    Refused,
}

impl Once {
    fn sleep(&self) {
        let word: *const AtomicUsize = &raw const self.0;
        let half = usize::from(cfg!(target_endian = "big"));
        // SAFETY: the half with the state is in the word, lives as long, and is aligned; both are atomic.
        let state = unsafe { &*word.cast::<AtomicU32>().add(half) };
        futex::wait(state, BUSY as u32, None);
    }

    fn set(&self, from: usize, to: usize) -> Result<(), usize> {
        self.0.compare_exchange(from, to, AcqRel, Acquire)?;
        let word: *const AtomicUsize = &raw const self.0;
        let half = usize::from(cfg!(target_endian = "big"));
        futex::wake_all(word.cast::<AtomicU32>().wrapping_add(half));
        Ok(())
    }

    fn begin(&self, together: bool) -> Begun {
        loop {
            let word = self.0.load(Acquire);
            match word {
                _ if word & STATE == DONE => return Begun::Done(word & !STATE),
                NEW => {
                    let busy = if together { BUSY_TOGETHER } else { BUSY };
                    if self.0.compare_exchange(NEW, busy, AcqRel, Acquire).is_ok() {
                        return Begun::Turn;
                    }
                }
                BUSY if !together => self.sleep(),
                BUSY_TOGETHER if together => return Begun::Turn,
                _ => return Begun::Refused,
            }
        }
    }
}

/// `InitOnceInitialize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitOnceInitialize(once: *mut Once) {
    // SAFETY: null, or memory for one.
    if let Some(once) = unsafe { once.as_ref() } {
        once.0.store(NEW, std::sync::atomic::Ordering::Release);
    }
}

/// `InitOnceExecuteOnce`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn InitOnceExecuteOnce(
    once: *mut Once,
    routine: Option<Routine>,
    parameter: Pointer,
    context: *mut Pointer,
) -> Bool {
    // SAFETY: null, or the program's.
    let (Some(it), Some(routine)) = (unsafe { once.as_ref() }, routine) else {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    };
    let made = match it.begin(false) {
        Begun::Done(made) => made,
        Begun::Refused => return error::no(codes::ERROR_INVALID_PARAMETER),
        Begun::Turn => {
            let mut made: Pointer = std::ptr::null_mut();
            // If the routine throws, the next thread has its turn.
            let again = Again(it);
            // SAFETY: the program's routine, with what it asks for.
            let well = unsafe { routine(once, parameter, &raw mut made) } != FALSE;
            if well {
                // Nobody else can have changed it.
                let _ = it.set(BUSY, made.expose_provenance() & !STATE | DONE);
            }
            drop(again);
            if !well {
                return FALSE;
            }
            made.addr() & !STATE
        }
    };
    // SAFETY: null, or a place for the context.
    if let Some(place) = unsafe { context.as_mut() } {
        *place = std::ptr::with_exposed_provenance_mut(made);
    }
    TRUE
}

/// Gives the turn to the next one, unless the work is done.
struct Again<'a>(&'a Once);

impl Drop for Again<'_> {
    fn drop(&mut self) {
        let _ = self.0.set(BUSY, NEW);
    }
}

/// `InitOnceBeginInitialize`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitOnceBeginInitialize(
    once: *mut Once,
    flags: Dword,
    pending: *mut Bool,
    context: *mut Pointer,
) -> Bool {
    // SAFETY: null, or the program's.
    let (Some(once), Some(pending)) = (unsafe { once.as_ref() }, unsafe { pending.as_mut() }) else {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    };
    let begun = match flags {
        CHECK_ONLY => match once.0.load(Acquire) {
            word if word & STATE == DONE => Begun::Done(word & !STATE),
            _ => {
                *pending = TRUE;
                return error::no(codes::ERROR_GEN_FAILURE);
            }
        },
        0 => once.begin(false),
        ASYNC => once.begin(true),
        _ => Begun::Refused,
    };
    match begun {
        Begun::Refused => return error::no(codes::ERROR_INVALID_PARAMETER),
        Begun::Turn => *pending = TRUE,
        Begun::Done(made) => {
            *pending = FALSE;
            // SAFETY: null, or a place for the context.
            if let Some(place) = unsafe { context.as_mut() } {
                *place = std::ptr::with_exposed_provenance_mut(made);
            }
        }
    }
    TRUE
}

/// `InitOnceComplete`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn InitOnceComplete(once: *mut Once, flags: Dword, context: Pointer) -> Bool {
    // SAFETY: null, or the program's.
    let Some(once) = (unsafe { once.as_ref() }) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    if context.addr() & STATE != 0 {
        return error::no(codes::ERROR_INVALID_PARAMETER);
    }
    let (from, to) = match flags {
        0 => (BUSY, context.expose_provenance() | DONE),
        ASYNC => (BUSY_TOGETHER, context.expose_provenance() | DONE),
        INIT_FAILED if context.is_null() => (BUSY, NEW),
        _ => return error::no(codes::ERROR_INVALID_PARAMETER),
    };
    match once.set(from, to) {
        Ok(()) => TRUE,
        Err(_) => error::no(codes::ERROR_GEN_FAILURE),
    }
}
