//! Waits of the pool.

use super::Member;
use super::environment::{Environment, Place};
use super::instance::Instance;
use super::watch::Watched;
use crate::abi::{Bool, Dword, FALSE, Handle, Pointer};
use crate::codes;
use crate::error::{Code, set_last};
use crate::handle::{self, Object};
use crate::kernel::event::made;
use crate::kernel::resolve;
use crate::kernel::timer::span_until;
use crate::kernel::wait::{WAIT_TIMEOUT, waitable};
use std::sync::{Arc, OnceLock};

/// `PTP_WAIT_CALLBACK`.
type Callback = unsafe extern "C-unwind" fn(Pointer, Pointer, Handle, Dword);

/// `TP_WAIT`.
pub struct PoolWait(Arc<Watched>);

impl PoolWait {
    pub(super) fn watched(&self) -> &Watched {
        &self.0
    }
}

fn wait(handle: Handle) -> Option<Arc<PoolWait>> {
    match handle::get(handle) {
        Some(Object::Pool(Member::Wait(wait))) => Some(wait),
        _ => {
            set_last(codes::ERROR_INVALID_HANDLE);
            None
        }
    }
}

fn create(callback: Option<Callback>, context: Pointer, environment: *const Environment) -> Result<Handle, Code> {
    let callback = callback.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let context = context as usize;
    let place = Place::of(environment)?;
    let own = Arc::new(OnceLock::new());
    let watched = Watched::new(Arc::clone(&place.pool), 0, {
        let own = Arc::clone(&own);
        move |timed_out| {
            let own = own.get().copied().unwrap_or(0);
            let result = if timed_out { WAIT_TIMEOUT } else { 0 };
            // SAFETY: the program has made the wait with this function and argument, to be called so.
            Instance::call(|instance| unsafe { callback(instance, context as Pointer, own, result) });
        }
    });
    let handle = place.enter(Member::Wait(Arc::new(PoolWait(watched))), context);
    let _ = own.set(handle);
    Ok(handle)
}

/// `CreateThreadpoolWait`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateThreadpoolWait(
    callback: Option<Callback>,
    context: Pointer,
    environment: *const Environment,
) -> Handle {
    made(create(callback, context, environment))
}

/// `SetThreadpoolWait`: for one object and one call; for none with the null handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetThreadpoolWait(handle: Handle, object: Handle, time: *const i64) {
    let Some(wait) = wait(handle) else { return };
    wait.0.stop();
    if object == 0 {
        return;
    }
    let object = match resolve(object) {
        Ok(object) if waitable(&object).is_some() => object,
        Ok(_) => return set_last(codes::ERROR_INVALID_HANDLE),
        Err(code) => return set_last(code),
    };
    // SAFETY: if it is not null it is the caller's `FILETIME`, which may lie at a multiple of four.
    let time = (!time.is_null()).then(|| span_until(unsafe { time.read_unaligned() }));
    if let Err(code) = wait.0.on(object, time, false) {
        set_last(code);
    }
}

/// `WaitForThreadpoolWaitCallbacks`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitForThreadpoolWaitCallbacks(handle: Handle, cancel: Bool) {
    let Some(wait) = wait(handle) else { return };
    if cancel != FALSE {
        wait.0.callbacks().cancel();
    }
    wait.0.callbacks().wait();
}

/// `CloseThreadpoolWait`.
#[unsafe(no_mangle)]
pub extern "C" fn CloseThreadpoolWait(handle: Handle) {
    if let Some(wait) = wait(handle) {
        wait.0.stop();
        handle::remove(handle);
    }
}
