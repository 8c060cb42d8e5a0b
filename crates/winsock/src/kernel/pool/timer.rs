//! Timers of the pool.

use super::Member;
use super::environment::{Environment, Place};
use super::instance::Instance;
use super::watch::Watched;
use crate::abi::{Bool, Dword, FALSE, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, set_last};
use crate::handle::{self, Object};
use crate::kernel::event::made;
use crate::kernel::timer::span_until;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// `PTP_TIMER_CALLBACK`.
type Callback = unsafe extern "C-unwind" fn(Pointer, Pointer, Handle);

/// `TP_TIMER`.
pub struct PoolTimer {
    watched: Arc<Watched>,
    /// It stays set when it is over.
    set: AtomicBool,
}

impl PoolTimer {
    pub(super) fn watched(&self) -> &Watched {
        &self.watched
    }
}

fn timer(handle: Handle) -> Option<Arc<PoolTimer>> {
    match handle::get(handle) {
        Some(Object::Pool(Member::Timer(timer))) => Some(timer),
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
        move |_| {
            let own = own.get().copied().unwrap_or(0);
            // SAFETY: the program has made the timer with this function and argument, to be called so.
            Instance::call(|instance| unsafe { callback(instance, context as Pointer, own) });
        }
    });
    let timer = PoolTimer { watched, set: AtomicBool::new(false) };
    let handle = place.enter(Member::Timer(Arc::new(timer)), context);
    let _ = own.set(handle);
    Ok(handle)
}

/// `CreateThreadpoolTimer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateThreadpoolTimer(
    callback: Option<Callback>,
    context: Pointer,
    environment: *const Environment,
) -> Handle {
    made(create(callback, context, environment))
}

/// `SetThreadpoolTimer`. A window in which the call may be late is not used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetThreadpoolTimer(handle: Handle, due: *const i64, period: Dword, _window: Dword) {
    let Some(timer) = timer(handle) else { return };
    timer.set.store(!due.is_null(), Relaxed);
    if due.is_null() {
        return timer.watched.stop();
    }
    // SAFETY: not null, so it is the caller's `FILETIME`, which may lie at a multiple of four.
    let due = Instant::now().checked_add(span_until(unsafe { due.read_unaligned() }));
    let period = (period != 0).then(|| Duration::from_millis(period.into()));
    if let Err(code) = timer.watched.at(due, period) {
        set_last(code);
    }
}

/// `IsThreadpoolTimerSet`.
#[unsafe(no_mangle)]
pub extern "C" fn IsThreadpoolTimerSet(handle: Handle) -> Bool {
    if timer(handle).is_some_and(|timer| timer.set.load(Relaxed)) { TRUE } else { FALSE }
}

/// `WaitForThreadpoolTimerCallbacks`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitForThreadpoolTimerCallbacks(handle: Handle, cancel: Bool) {
    let Some(timer) = timer(handle) else { return };
    if cancel != FALSE {
        timer.watched.callbacks().cancel();
    }
    timer.watched.callbacks().wait();
}

/// `CloseThreadpoolTimer`.
#[unsafe(no_mangle)]
pub extern "C" fn CloseThreadpoolTimer(handle: Handle) {
    if let Some(timer) = timer(handle) {
        timer.watched.stop();
        handle::remove(handle);
    }
}
