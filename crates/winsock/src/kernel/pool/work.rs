//! Work items: functions that a thread of the pool calls.

use super::callbacks::{Callbacks, Queued};
use super::environment::{Environment, Place};
use super::instance::Instance;
use super::{Member, Pool, submit_as};
use crate::abi::{Bool, Dword, FALSE, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, no, set_last};
use crate::handle::{self, Object};
use crate::kernel::event::made;
use crate::kernel::thread::start::Function;
use std::sync::Arc;

/// `PTP_WORK_CALLBACK`.
type Callback = unsafe extern "C-unwind" fn(Pointer, Pointer, Handle);
/// `PTP_SIMPLE_CALLBACK`.
type Simple = unsafe extern "C-unwind" fn(Pointer, Pointer);

/// `TP_WORK`.
pub struct Work {
    pool: Arc<Pool>,
    callbacks: Arc<Callbacks>,
    callback: Callback,
    /// The program's pointer: it vouches that any thread may have it.
    context: usize,
}

impl Work {
    pub(super) fn callbacks(&self) -> &Callbacks {
        &self.callbacks
    }
}

fn work(handle: Handle) -> Option<Arc<Work>> {
    match handle::get(handle) {
        Some(Object::Pool(Member::Work(work))) => Some(work),
        _ => {
            set_last(codes::ERROR_INVALID_HANDLE);
            None
        }
    }
}

/// `QueueUserWorkItem`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QueueUserWorkItem(function: Option<Function>, context: Pointer, flags: Dword) -> Bool {
    let Some(function) = function else { return no(codes::ERROR_INVALID_PARAMETER) };
    let context = context as usize;
    let job = move || {
        // SAFETY: the program has queued this function with this argument, to be called so.
        unsafe { function(context as Pointer) };
    };
    submit_as(flags, &Pool::shared(), job).map_or_else(no, |()| TRUE)
}

/// `TrySubmitThreadpoolCallback`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn TrySubmitThreadpoolCallback(
    callback: Option<Simple>,
    context: Pointer,
    environment: *const Environment,
) -> Bool {
    let Some(callback) = callback else { return no(codes::ERROR_INVALID_PARAMETER) };
    let context = context as usize;
    let place = match Place::of(environment) {
        Ok(place) => place,
        Err(code) => return no(code),
    };
    let queued = place.group().map(|group| group.simple().queue());
    let job = move || {
        // Its group may have cancelled it.
        let running = queued.map(Queued::begin);
        if matches!(running, Some(None)) {
            return;
        }
        // SAFETY: the program has submitted this function with this argument, to be called so.
        Instance::call(|instance| unsafe { callback(instance, context as Pointer) });
    };
    place.pool.submit(job).map_or_else(no, |()| TRUE)
}

fn create(callback: Option<Callback>, context: Pointer, environment: *const Environment) -> Result<Handle, Code> {
    let callback = callback.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let place = Place::of(environment)?;
    let context = context as usize;
    let work = Work { pool: Arc::clone(&place.pool), callbacks: Callbacks::new(), callback, context };
    Ok(place.enter(Member::Work(Arc::new(work)), context))
}

/// `CreateThreadpoolWork`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateThreadpoolWork(
    callback: Option<Callback>,
    context: Pointer,
    environment: *const Environment,
) -> Handle {
    made(create(callback, context, environment))
}

/// `SubmitThreadpoolWork`.
#[unsafe(no_mangle)]
pub extern "C" fn SubmitThreadpoolWork(handle: Handle) {
    let Some(work) = work(handle) else { return };
    let (pool, queued) = (Arc::clone(&work.pool), work.callbacks.queue());
    let submitted = pool.submit(move || {
        let Some(_running) = queued.begin() else { return };
        // SAFETY: the program has made this work of the function and its argument, to be called so.
        Instance::call(|instance| unsafe { (work.callback)(instance, work.context as Pointer, handle) });
    });
    if let Err(code) = submitted {
        set_last(code);
    }
}

/// `WaitForThreadpoolWorkCallbacks`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitForThreadpoolWorkCallbacks(handle: Handle, cancel: Bool) {
    let Some(work) = work(handle) else { return };
    if cancel != FALSE {
        work.callbacks.cancel();
    }
    work.callbacks.wait();
}

/// `CloseThreadpoolWork`. What was submitted is done all the same.
#[unsafe(no_mangle)]
pub extern "C" fn CloseThreadpoolWork(handle: Handle) {
    if work(handle).is_some() {
        handle::remove(handle);
    }
}
