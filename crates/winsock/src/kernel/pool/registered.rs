//! Waits that the pool does for the program.

use super::timer_queue::Callback;
use super::watch::Watched;
use super::{Member, Pool, WT_EXECUTEONLYONCE, insert};
use crate::abi::{Bool, Dword, Handle, INVALID, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, no};
use crate::handle::{self, Object};
use crate::kernel::wait::{timeout, waitable};
use crate::kernel::{lookup, resolve};
use std::sync::Arc;

/// A wait that `RegisterWaitForSingleObject` has made.
pub struct Registered(Arc<Watched>);

fn register(
    object: Handle,
    callback: Option<Callback>,
    context: Pointer,
    milliseconds: Dword,
    flags: Dword,
    made: impl FnOnce(Handle),
) -> Result<(), Code> {
    let object = resolve(object)?;
    if waitable(&object).is_none() {
        return Err(codes::ERROR_INVALID_HANDLE);
    }
    let callback = callback.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let context = context as usize;
    let watched = Watched::new(Pool::shared(), flags, move |timed_out| {
        // SAFETY: the program has registered this function with this argument, to be called so.
        unsafe { callback(context as Pointer, timed_out.into()) }
    });
    let handle = insert(Member::Registered(Arc::new(Registered(Arc::clone(&watched)))));
    // A call may come at once, and look for the handle where it belongs.
    made(handle);
    let once = flags & WT_EXECUTEONLYONCE != 0;
    watched.on(object, timeout(milliseconds), !once).inspect_err(|_| drop(handle::remove(handle)))
}

/// `RegisterWaitForSingleObject`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RegisterWaitForSingleObject(
    made: *mut Handle,
    object: Handle,
    callback: Option<Callback>,
    context: Pointer,
    milliseconds: Dword,
    flags: Dword,
) -> Bool {
    if made.is_null() {
        return no(codes::ERROR_INVALID_PARAMETER);
    }
    let made = |handle| {
        // SAFETY: not null, so it is the caller's variable.
        unsafe { made.write(handle) };
    };
    register(object, callback, context, milliseconds, flags, made).map_or_else(no, |()| TRUE)
}

/// `UnregisterWaitEx`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn UnregisterWaitEx(handle: Handle, completion: Handle) -> Bool {
    if completion != 0 && completion != INVALID {
        if let Err(code) = lookup::event(completion) {
            return no(code);
        }
    }
    match handle::get(handle) {
        Some(Object::Pool(Member::Registered(registered))) => {
            handle::remove(handle);
            registered.0.stop();
            registered.0.callbacks().end(completion)
        }
        _ => no(codes::ERROR_INVALID_HANDLE),
    }
}

/// `UnregisterWait`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn UnregisterWait(handle: Handle) -> Bool {
    UnregisterWaitEx(handle, 0)
}
