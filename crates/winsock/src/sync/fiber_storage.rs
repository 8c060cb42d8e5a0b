//! `FlsAlloc` and its like: a value for each thread (there are no fibers), with a routine for what is left at its end.

use super::critical_section::thread;
use crate::abi::{Bool, Dword, Pointer, TRUE};
use crate::codes;
use crate::error;
use std::collections::HashMap;
use std::ptr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// So many indexes are there on Windows.
const INDEXES: usize = 128;
const OUT_OF_INDEXES: Dword = u32::MAX;

/// What a program wants to be called with a value that is left.
type Routine = unsafe extern "C-unwind" fn(Pointer);

#[derive(Default)]
struct Index {
    routine: Option<Routine>,
    /// By thread, as numbers.
    values: HashMap<usize, usize>,
}

static ALL: Mutex<Vec<Option<Index>>> = Mutex::new(Vec::new());

fn all() -> MutexGuard<'static, Vec<Option<Index>>> {
    ALL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hands a value to the program's routine, with no lock held.
fn hand_over(routine: Option<Routine>, value: usize) {
    if let Some(routine) = routine.filter(|_| value != 0) {
        // SAFETY: the routine and the value are the program's, and made for each other.
        unsafe { routine(ptr::with_exposed_provenance_mut(value)) };
    }
}

/// The key whose only use is that the system calls [`end`] at the end of a thread.
fn end_of_thread() -> Option<libc::pthread_key_t> {
    static KEY: OnceLock<Option<libc::pthread_key_t>> = OnceLock::new();
    *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: a valid place for the key, and a function of the right kind.
        let result = unsafe { libc::pthread_key_create(&raw mut key, Some(end)) };
        (result == 0).then_some(key)
    })
}

unsafe extern "C" fn end(_: *mut libc::c_void) {
    let me = thread();
    let left: Vec<_> =
        all().iter_mut().flatten().filter_map(|index| Some((index.routine, index.values.remove(&me)?))).collect();
    for (routine, value) in left {
        hand_over(routine, value);
    }
}

/// `FlsAlloc`.
#[unsafe(no_mangle)]
pub extern "C" fn FlsAlloc(routine: Option<Routine>) -> Dword {
    let mut all = all();
    let free = all.iter().position(Option::is_none).unwrap_or(all.len());
    if free >= INDEXES {
        error::set_last(codes::ERROR_NO_MORE_ITEMS);
        return OUT_OF_INDEXES;
    }
    if free == all.len() {
        all.push(None);
    }
    if let Some(place) = all.get_mut(free) {
        *place = Some(Index { routine, values: HashMap::new() });
    }
    free as Dword
}

/// `FlsFree`: what any thread has left goes to the routine.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn FlsFree(index: Dword) -> Bool {
    let index = all().get_mut(index as usize).and_then(Option::take);
    let Some(index) = index else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    for value in index.values.into_values() {
        hand_over(index.routine, value);
    }
    TRUE
}

/// `FlsGetValue`.
#[unsafe(no_mangle)]
pub extern "C" fn FlsGetValue(index: Dword) -> Pointer {
    let all = all();
    let Some(Some(index)) = all.get(index as usize) else {
        error::set_last(codes::ERROR_INVALID_PARAMETER);
        return ptr::null_mut();
    };
    error::set_last(codes::ERROR_SUCCESS);
    ptr::with_exposed_provenance_mut(index.values.get(&thread()).copied().unwrap_or(0))
}

/// `FlsSetValue`.
#[unsafe(no_mangle)]
pub extern "C" fn FlsSetValue(index: Dword, value: Pointer) -> Bool {
    let mut all = all();
    let Some(Some(index)) = all.get_mut(index as usize) else { return error::no(codes::ERROR_INVALID_PARAMETER) };
    if let Some(key) = end_of_thread() {
        // SAFETY: the key is valid for ever; its value is not used, only not null.
        unsafe { libc::pthread_setspecific(key, ptr::without_provenance(1)) };
    }
    index.values.insert(thread(), value.expose_provenance());
    TRUE
}
