//! Waits for objects and messages at once.

use super::inbox::{self, Own};
use crate::abi::{Bool, Dword, FALSE, Handle};
use crate::codes::*;
use crate::error::Code;
use crate::handle::Object;
use crate::kernel::resolve;
use crate::kernel::wait::{MAXIMUM_WAIT_OBJECTS, returned, timeout, waitable};
use overlapped::{Waitable, Waited, alertable, wait};
use std::time::{Duration, Instant};

const MWMO_WAITALL: Dword = 1;
const MWMO_ALERTABLE: Dword = 2;
const MWMO_INPUTAVAILABLE: Dword = 4;

/// `MsgWaitForMultipleObjects`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MsgWaitForMultipleObjects(
    count: Dword,
    handles: *const Handle,
    all: Bool,
    milliseconds: Dword,
    kinds: Dword,
) -> Dword {
    let flags = if all == FALSE { 0 } else { MWMO_WAITALL };
    // SAFETY: what the program promises.
    returned(unsafe { wait(count, handles, milliseconds, kinds, flags) })
}

/// `MsgWaitForMultipleObjectsEx`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn MsgWaitForMultipleObjectsEx(
    count: Dword,
    handles: *const Handle,
    milliseconds: Dword,
    kinds: Dword,
    flags: Dword,
) -> Dword {
    // SAFETY: what the program promises.
    returned(unsafe { wait(count, handles, milliseconds, kinds, flags) })
}

/// # Safety
///
/// `handles` is null or so many handles.
unsafe fn wait(
    count: Dword,
    handles: *const Handle,
    milliseconds: Dword,
    kinds: Dword,
    flags: Dword,
) -> Result<overlapped::Result<Waited>, Code> {
    let count = count as usize;
    // One place is for the messages.
    if count >= MAXIMUM_WAIT_OBJECTS || flags & !(MWMO_WAITALL | MWMO_ALERTABLE | MWMO_INPUTAVAILABLE) != 0 {
        return Err(ERROR_INVALID_PARAMETER);
    }
    if count > 0 && handles.is_null() {
        return Err(ERROR_NOACCESS);
    }
    // SAFETY: not null, so it is the caller's array of so many handles.
    let handles = if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(handles, count) } };
    let objects = handles.iter().map(|handle| resolve(*handle)).collect::<Result<Vec<Object>, Code>>()?;
    let own = inbox::own().ok_or(ERROR_NOT_ENOUGH_MEMORY)?;
    let mut targets = Vec::with_capacity(count + 1);
    for object in &objects {
        targets.push(waitable(object).ok_or(ERROR_INVALID_HANDLE)?);
    }
    targets.push(&own.inbox.arrived);
    Ok(wait_for(&own, &targets, timeout(milliseconds), kinds, flags))
}

/// Waits for the targets, the last of which is the queue's.
fn wait_for(
    own: &Own,
    targets: &[&dyn Waitable],
    time: Option<Duration>,
    kinds: Dword,
    flags: Dword,
) -> overlapped::Result<Waited> {
    let deadline = time.and_then(|time| Instant::now().checked_add(time));
    let last = targets.len().saturating_sub(1);
    let available = flags & MWMO_INPUTAVAILABLE != 0 && own.present() & kinds != 0;
    loop {
        own.look_at_timers();
        // Signalled is the queue for what is asked for only; a change meanwhile signals it again.
        own.inbox.arrived.reset();
        if available || own.has_new(kinds) {
            own.inbox.arrived.set();
        }
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let time = [left, own.next_timer()].into_iter().flatten().min();
        let waited = match (flags & MWMO_WAITALL != 0, flags & MWMO_ALERTABLE != 0) {
            (false, false) => wait::any(targets, time),
            (false, true) => alertable::any(targets, time),
            (true, false) => wait::all(targets, time),
            (true, true) => alertable::all(targets, time),
        }?;
        let over = deadline.is_some_and(|deadline| Instant::now() >= deadline);
        match waited {
            Waited::TimedOut if !over => {}
            Waited::Object(index) if index == last && !available && !own.has_new(kinds) => {}
            waited => return Ok(waited),
        }
    }
}
