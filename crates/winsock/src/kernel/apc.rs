//! APCs of the program.

use crate::abi::{Dword, Handle, TRUE};
use crate::codes;
use crate::error::{self, no};
use crate::kernel::lookup;

/// `PAPCFUNC`.
type Routine = unsafe extern "C-unwind" fn(usize);

/// `QueueUserAPC`. A thread that has not begun runs it before its function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn QueueUserAPC(routine: Option<Routine>, thread: Handle, data: usize) -> Dword {
    let thread = match lookup::thread(thread) {
        Ok(thread) => thread,
        Err(code) => return no(code) as Dword,
    };
    let Some(routine) = routine else { return no(codes::ERROR_INVALID_PARAMETER) as Dword };
    // SAFETY: the program has queued this routine with this argument, to be called so.
    let queued = thread.engine().queue(move || unsafe { routine(data) });
    queued.map_or_else(|error| no(error::code(&error)), |()| TRUE) as Dword
}
