//! Waitable timers.

use crate::abi::{Bool, Dword, FALSE, Handle, Pointer, TRUE};
use crate::codes;
use crate::error::{self, Code, no};
use crate::handle::Object;
use crate::kernel::event::made;
use crate::kernel::lookup;
use crate::kernel::names::{self, Name};
use overlapped::{Reset, Timer};
use std::ffi::c_char;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const CREATE_WAITABLE_TIMER_MANUAL_RESET: Dword = 1;
const CREATE_WAITABLE_TIMER_HIGH_RESOLUTION: Dword = 2;

/// `PTIMERAPCROUTINE`.
type Routine = unsafe extern "C-unwind" fn(Pointer, Dword, Dword);

fn create(name: Result<Name, Code>, manual: bool) -> Handle {
    let reset = if manual { Reset::Manual } else { Reset::Auto };
    made(name.and_then(|name| names::create(name, || Ok(Object::Timer(Timer::new(reset))))))
}

fn create_ex(name: Result<Name, Code>, flags: Dword) -> Handle {
    if flags & !(CREATE_WAITABLE_TIMER_MANUAL_RESET | CREATE_WAITABLE_TIMER_HIGH_RESOLUTION) != 0 {
        return made(Err(codes::ERROR_INVALID_PARAMETER));
    }
    create(name, flags & CREATE_WAITABLE_TIMER_MANUAL_RESET != 0)
}

fn open(name: Result<Name, Code>) -> Handle {
    made(name.and_then(|name| names::open(name, |object| matches!(object, Object::Timer(_)))))
}

/// `CreateWaitableTimerA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateWaitableTimerA(_: Pointer, manual: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::narrow(name) }, manual != FALSE)
}

/// `CreateWaitableTimerW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateWaitableTimerW(_: Pointer, manual: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    create(unsafe { names::wide(name) }, manual != FALSE)
}

/// `CreateWaitableTimerExA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateWaitableTimerExA(
    _: Pointer,
    name: *const c_char,
    flags: Dword,
    _access: Dword,
) -> Handle {
    // SAFETY: the caller passes null or a string.
    create_ex(unsafe { names::narrow(name) }, flags)
}

/// `CreateWaitableTimerExW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateWaitableTimerExW(_: Pointer, name: *const u32, flags: Dword, _access: Dword) -> Handle {
    // SAFETY: the caller passes null or a string.
    create_ex(unsafe { names::wide(name) }, flags)
}

/// `OpenWaitableTimerA`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenWaitableTimerA(_access: Dword, _inherit: Bool, name: *const c_char) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::narrow(name) })
}

/// `OpenWaitableTimerW`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn OpenWaitableTimerW(_access: Dword, _inherit: Bool, name: *const u32) -> Handle {
    // SAFETY: the caller passes null or a string.
    open(unsafe { names::wide(name) })
}

/// From 1601, where Windows' time begins, to 1970.
const EPOCH: Duration = Duration::from_secs(11_644_473_600);
/// Units of 100 nanoseconds, in which Windows counts time.
const UNITS_PER_SECOND: u128 = 10_000_000;

fn span(units: u64) -> Duration {
    let (seconds, rest) = (units / UNITS_PER_SECOND as u64, units % UNITS_PER_SECOND as u64);
    Duration::new(seconds, (rest * 100) as u32)
}

/// The time of the system, as Windows counts it.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + EPOCH;
    (since.as_nanos() / 100) as u64
}

/// How long it is until then: until a time of the system, or so long if it is negative.
pub(crate) fn span_until(due: i64) -> Duration {
    match u64::try_from(due) {
        Ok(at) => span(at.saturating_sub(now())),
        Err(_) => span(due.unsigned_abs()),
    }
}

/// When a timer has become due last, of the times at which it does.
fn last_due(first: u64, period: u64) -> u64 {
    match now().checked_sub(first).and_then(|since| since.checked_div(period * 10_000)) {
        Some(times) => first + times * period * 10_000,
        None => first,
    }
}

/// What a timer passes to its routine. The program vouches that any thread may have it.
struct Call {
    routine: Routine,
    argument: Pointer,
    first: u64,
    period: u64,
}

fn set(handle: Handle, first: *const i64, period: i32, routine: Option<Routine>, argument: Pointer) -> Bool {
    let timer = match lookup::timer(handle) {
        Ok(timer) => timer,
        Err(code) => return no(code),
    };
    if first.is_null() {
        return no(codes::ERROR_NOACCESS);
    }
    let Ok(period) = u64::try_from(period) else { return no(codes::ERROR_INVALID_PARAMETER) };
    // SAFETY: not null, so it is the caller's `LARGE_INTEGER`.
    let due = span_until(unsafe { first.read_unaligned() });
    let first = now().saturating_add((due.as_nanos() / 100) as u64);
    let every = Some(Duration::from_millis(period));
    let Some(routine) = routine else {
        timer.set(due, every);
        return TRUE;
    };
    let call = Call { routine, argument, first, period };
    let set = timer.set_with(due, every, move || {
        let call = &call;
        let at = last_due(call.first, call.period);
        // SAFETY: the program has set this routine and its argument, to be called so.
        unsafe { (call.routine)(call.argument, at as Dword, (at >> 32) as Dword) }
    });
    set.map_or_else(|error| no(error::code(&error)), |()| TRUE)
}

/// `SetWaitableTimer`. The system is not woken from sleep for it: `resume` is not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetWaitableTimer(
    handle: Handle,
    due: *const i64,
    period: i32,
    routine: Option<Routine>,
    argument: Pointer,
    _resume: Bool,
) -> Bool {
    set(handle, due, period, routine, argument)
}

/// `SetWaitableTimerEx`. Timers are as precise as they can be, whatever delay is tolerated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetWaitableTimerEx(
    handle: Handle,
    due: *const i64,
    period: i32,
    routine: Option<Routine>,
    argument: Pointer,
    _context: Pointer,
    _delay: Dword,
) -> Bool {
    set(handle, due, period, routine, argument)
}

/// `CancelWaitableTimer`.
#[unsafe(no_mangle)]
pub extern "C" fn CancelWaitableTimer(handle: Handle) -> Bool {
    match lookup::timer(handle) {
        Ok(timer) => {
            timer.cancel();
            TRUE
        }
        Err(code) => no(code),
    }
}
