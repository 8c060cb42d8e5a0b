//! The wait functions.

use crate::abi::{Bool, Dword, FALSE, Handle, INFINITE};
use crate::codes;
use crate::error::{self, Code, set_last};
use crate::handle::Object;
use crate::kernel::{resolve, waited};
use crate::startup;
use overlapped::{Signal, Waitable, Waited, alertable, face, wait};
use std::time::Duration;

pub use crate::codes::WAIT_TIMEOUT;

/// `WAIT_ABANDONED_0`.
pub const WAIT_ABANDONED_0: Dword = 0x80;
/// `WAIT_IO_COMPLETION`.
pub const WAIT_IO_COMPLETION: Dword = 0xC0;
/// `WAIT_FAILED`, and `WSA_WAIT_FAILED`.
pub const WAIT_FAILED: Dword = u32::MAX;
/// `MAXIMUM_WAIT_OBJECTS`.
pub const MAXIMUM_WAIT_OBJECTS: usize = 64;
/// Waits for no more than so many objects reserve little room for them.
const FEW: usize = 4;

/// A number of milliseconds as the engine takes times.
pub(crate) fn timeout(milliseconds: Dword) -> Option<Duration> {
    (milliseconds != INFINITE).then(|| Duration::from_millis(milliseconds.into()))
}

/// What can be waited for of an object.
pub(crate) fn waitable(object: &Object) -> Option<&dyn Waitable> {
    match object {
        Object::Event(event) => Some(event),
        Object::Semaphore(semaphore) => Some(semaphore),
        Object::Mutex(mutex) => Some(mutex),
        Object::Timer(timer) => Some(timer),
        Object::Thread(thread) => Some(thread.engine()),
        Object::Process => Some(never()),
        _ => None,
    }
}

/// What stands for the process: it is not over as long as somebody waits.
fn never() -> &'static overlapped::Event {
    static NEVER: std::sync::LazyLock<overlapped::Event> = std::sync::LazyLock::new(overlapped::Event::manual);
    &NEVER
}

/// What can be signalled of an object.
fn signal(object: &Object) -> Option<&dyn Signal> {
    match object {
        Object::Event(event) => Some(event),
        Object::Semaphore(semaphore) => Some(semaphore),
        Object::Mutex(mutex) => Some(mutex),
        _ => None,
    }
}

/// What a wait returns.
pub(crate) fn returned(waited: Result<overlapped::Result<Waited>, Code>) -> Dword {
    let code = match waited {
        Ok(Ok(Waited::Object(index))) => return index as Dword,
        Ok(Ok(Waited::Abandoned(index))) => return WAIT_ABANDONED_0 + index as Dword,
        Ok(Ok(Waited::Routines)) => return WAIT_IO_COMPLETION,
        Ok(Ok(_)) => return WAIT_TIMEOUT,
        Ok(Err(error)) => error::code(&error),
        Err(code) => code,
    };
    set_last(code);
    WAIT_FAILED
}

fn for_one(handle: Handle, milliseconds: Dword, alert: bool) -> Dword {
    let object = match resolve(handle) {
        Ok(object) => object,
        Err(code) => return returned(Err(code)),
    };
    let Some(target) = waitable(&object) else { return returned(Err(codes::ERROR_INVALID_HANDLE)) };
    let time = timeout(milliseconds);
    returned(Ok(if alert { alertable::one(target, time) } else { wait::one(target, time) }))
}

fn for_several(handles: *const Handle, count: Dword, all: bool, milliseconds: Dword, alert: bool) -> Dword {
    let count = count as usize;
    if count == 0 || count > MAXIMUM_WAIT_OBJECTS {
        return returned(Err(codes::ERROR_INVALID_PARAMETER));
    }
    if handles.is_null() {
        return returned(Err(codes::ERROR_NOACCESS));
    }
    // SAFETY: not null, so it is the caller's array of so many handles.
    let handles = unsafe { std::slice::from_raw_parts(handles, count) };
    match *handles {
        [one] => for_one(one, milliseconds, alert),
        _ if count <= FEW => returned(for_each::<FEW>(handles, all, milliseconds, alert)),
        _ => returned(for_many(handles, all, milliseconds, alert)),
    }
}

/// Waits for as many as one wait takes. A server waits for the same events again and again: they are looked up once.
fn for_many(
    handles: &[Handle],
    all: bool,
    milliseconds: Dword,
    alert: bool,
) -> Result<overlapped::Result<Waited>, Code> {
    let Some(waited) = waited::same(handles) else {
        return for_each::<MAXIMUM_WAIT_OBJECTS>(handles, all, milliseconds, alert);
    };
    let mut targets: [&dyn Waitable; MAXIMUM_WAIT_OBJECTS] = [never(); MAXIMUM_WAIT_OBJECTS];
    for (target, event) in targets.iter_mut().zip(waited.events()) {
        *target = event;
    }
    for_targets(&targets, handles.len(), all, milliseconds, alert)
}

/// Waits for no more than `N` objects, which stay alive meanwhile, without an allocation.
fn for_each<const N: usize>(
    handles: &[Handle],
    all: bool,
    milliseconds: Dword,
    alert: bool,
) -> Result<overlapped::Result<Waited>, Code> {
    let mut objects = [const { None }; N];
    for (object, handle) in objects.iter_mut().zip(handles) {
        *object = Some(resolve(*handle)?);
    }
    let mut targets: [&dyn Waitable; N] = [never(); N];
    for (target, object) in targets.iter_mut().zip(objects.iter().flatten()) {
        *target = waitable(object).ok_or(codes::ERROR_INVALID_HANDLE)?;
    }
    for_targets(&targets, handles.len(), all, milliseconds, alert)
}

fn for_targets(
    targets: &[&dyn Waitable],
    count: usize,
    all: bool,
    milliseconds: Dword,
    alert: bool,
) -> Result<overlapped::Result<Waited>, Code> {
    let targets = targets.get(..count).ok_or(codes::ERROR_INVALID_PARAMETER)?;
    if all && has_twins(targets) {
        return Err(codes::ERROR_INVALID_PARAMETER);
    }
    let time = timeout(milliseconds);
    Ok(match (all, alert) {
        (false, false) => wait::any(targets, time),
        (false, true) => alertable::any(targets, time),
        (true, false) => wait::all(targets, time),
        (true, true) => alertable::all(targets, time),
    })
}

/// Whether one object is there twice: no wait for all takes it then.
fn has_twins(targets: &[&dyn Waitable]) -> bool {
    let twins = |(index, one): (usize, &&dyn Waitable)| {
        targets.iter().skip(index + 1).any(|other| face::objects::is_same(*one, *other))
    };
    targets.iter().enumerate().any(twins)
}

/// `WaitForSingleObject`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitForSingleObject(handle: Handle, milliseconds: Dword) -> Dword {
    for_one(handle, milliseconds, false)
}

/// `WaitForSingleObjectEx`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn WaitForSingleObjectEx(handle: Handle, milliseconds: Dword, alert: Bool) -> Dword {
    for_one(handle, milliseconds, alert != FALSE)
}

/// `WaitForMultipleObjects`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WaitForMultipleObjects(
    count: Dword,
    handles: *const Handle,
    all: Bool,
    milliseconds: Dword,
) -> Dword {
    for_several(handles, count, all != FALSE, milliseconds, false)
}

/// `WaitForMultipleObjectsEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WaitForMultipleObjectsEx(
    count: Dword,
    handles: *const Handle,
    all: Bool,
    milliseconds: Dword,
    alert: Bool,
) -> Dword {
    for_several(handles, count, all != FALSE, milliseconds, alert != FALSE)
}

/// `WSAWaitForMultipleEvents`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn WSAWaitForMultipleEvents(
    count: Dword,
    events: *const Handle,
    all: Bool,
    milliseconds: Dword,
    alert: Bool,
) -> Dword {
    match startup::check() {
        Ok(()) => for_several(events, count, all != FALSE, milliseconds, alert != FALSE),
        Err(code) => returned(Err(code)),
    }
}

/// `SignalObjectAndWait`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn SignalObjectAndWait(first: Handle, then: Handle, milliseconds: Dword, alert: Bool) -> Dword {
    let (first, then) = match (resolve(first), resolve(then)) {
        (Ok(first), Ok(then)) => (first, then),
        (Err(code), _) | (_, Err(code)) => return returned(Err(code)),
    };
    let (Some(first), Some(then)) = (signal(&first), waitable(&then)) else {
        return returned(Err(codes::ERROR_INVALID_HANDLE));
    };
    let time = timeout(milliseconds);
    returned(Ok(if alert == FALSE {
        wait::signal_and_wait(first, then, time)
    } else {
        alertable::signal_and_wait(first, then, time)
    }))
}

fn sleep(milliseconds: Dword) {
    // A wait for what does not come while somebody waits: so a thread that sleeps carries operations on, as every wait does.
    let waited = wait::one(&alertable::current(), timeout(milliseconds));
    if milliseconds == 0 {
        std::thread::yield_now();
    } else if !matches!(waited, Ok(Waited::TimedOut)) {
        // In the last destructors of its end the thread counts as ended.
        std::thread::sleep(Duration::from_millis(milliseconds.into()));
    }
}

/// `Sleep`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn Sleep(milliseconds: Dword) {
    sleep(milliseconds);
}

/// `SleepEx`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn SleepEx(milliseconds: Dword, alert: Bool) -> Dword {
    if alert == FALSE {
        sleep(milliseconds);
        return 0;
    }
    match alertable::sleep(timeout(milliseconds)) {
        Ok(Waited::Routines) => WAIT_IO_COMPLETION,
        Ok(_) => 0,
        Err(_) => {
            sleep(milliseconds);
            0
        }
    }
}
