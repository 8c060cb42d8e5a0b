//! `TlsAlloc` and its like: a value for each thread.

use crate::abi::{Bool, Dword, Pointer, TRUE};
use crate::codes;
use crate::error;
use std::cell::Cell;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU32};

/// So many indexes are there on Windows.
const INDEXES: usize = 1088;
const OUT_OF_INDEXES: Dword = u32::MAX;

/// An index. A value that was set before the index was last given out is none: `round` tells.
struct Index {
    used: AtomicBool,
    round: AtomicU32,
}

static ALL: [Index; INDEXES] = [const { Index { used: AtomicBool::new(false), round: AtomicU32::new(0) } }; INDEXES];

#[derive(Clone, Copy)]
struct Value {
    round: u32,
    value: Pointer,
}

type Values = [Cell<Value>; INDEXES];

thread_local! {
    /// The values of this thread, or null. Freed by [`free`], which comes after the destructors of the program's own
    /// `thread_local` objects: they may still ask for values.
    static MINE: Cell<*const Values> = const { Cell::new(ptr::null()) };
}

/// The key whose only use is that the system calls [`free`] at the end of a thread.
fn end_of_thread() -> Option<libc::pthread_key_t> {
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();
    *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: a valid place for the key, and a function of the right kind.
        let result = unsafe { libc::pthread_key_create(&raw mut key, Some(free)) };
        (result == 0).then_some(key)
    })
}

unsafe extern "C" fn free(values: *mut libc::c_void) {
    MINE.set(ptr::null());
    // SAFETY: the key's value is what `mine` made from a box for this thread, and nothing else has it now.
    drop(unsafe { Box::from_raw(values.cast::<Values>()) });
}

fn mine() -> Option<&'static Values> {
    let mut values = MINE.get();
    if values.is_null() {
        let key = end_of_thread()?;
        let empty = [const { Cell::new(Value { round: 0, value: ptr::null_mut() }) }; INDEXES];
        values = Box::into_raw(Box::new(empty));
        MINE.set(values);
        // SAFETY: the key is valid for ever. If the system has no memory for it, the values are not freed: no harm.
        unsafe { libc::pthread_setspecific(key, values.cast()) };
    }
    // SAFETY: not null, and alive until the end of this thread; the reference does not leave the call.
    unsafe { values.as_ref() }
}

/// `TlsAlloc`.
#[unsafe(no_mangle)]
pub extern "C" fn TlsAlloc() -> Dword {
    for (number, index) in (0..).zip(&ALL) {
        if index.used.compare_exchange(false, true, AcqRel, Relaxed).is_ok() {
            index.round.fetch_add(1, Relaxed);
            return number;
        }
    }
    error::set_last(codes::ERROR_NO_MORE_ITEMS);
    OUT_OF_INDEXES
}

/// `TlsFree`.
#[unsafe(no_mangle)]
pub extern "C" fn TlsFree(index: Dword) -> Bool {
    match ALL.get(index as usize) {
        Some(index) if index.used.swap(false, AcqRel) => TRUE,
        _ => error::no(codes::ERROR_INVALID_PARAMETER),
    }
}

/// `TlsGetValue`: the last error is 0 when it went well, since null is a value too.
#[unsafe(no_mangle)]
pub extern "C" fn TlsGetValue(index: Dword) -> Pointer {
    let Some(known) = ALL.get(index as usize) else {
        error::set_last(codes::ERROR_INVALID_PARAMETER);
        return ptr::null_mut();
    };
    error::set_last(codes::ERROR_SUCCESS);
    // SAFETY: null, or alive until the end of this thread.
    let values = unsafe { MINE.get().as_ref() };
    match values.and_then(|values| values.get(index as usize)).map(Cell::get) {
        Some(value) if value.round == known.round.load(Relaxed) => value.value,
        _ => ptr::null_mut(),
    }
}

/// `TlsSetValue`.
#[unsafe(no_mangle)]
pub extern "C" fn TlsSetValue(index: Dword, value: Pointer) -> Bool {
    let Some(known) = ALL.get(index as usize) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    match mine().and_then(|values| values.get(index as usize)) {
        Some(place) => {
            place.set(Value { round: known.round.load(Relaxed), value });
            TRUE
        }
        None => error::no(codes::ERROR_NOT_ENOUGH_MEMORY),
    }
}
