//! How threads end from inside.

use super::{current, unwind};
use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes;
use crate::error::no;
use crate::kernel::lookup;
use std::sync::Arc;

fn exit(code: Dword) -> ! {
    current().set_exit_code(code);
    unwind::leave()
}

/// `ExitThread`. Objects on the stack are destroyed, which Windows does not do; a program cannot keep the end from coming.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn ExitThread(code: Dword) -> ! {
    exit(code)
}

/// `_endthreadex`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn _endthreadex(code: u32) -> ! {
    exit(code)
}

/// `_endthread`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn _endthread() -> ! {
    exit(0)
}

/// `TerminateThread`, of the calling thread and of one that has not begun. Another one cannot be ended at any place: it may
/// hold a lock that others need to go on.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn TerminateThread(handle: Handle, code: Dword) -> Bool {
    let own = match lookup::thread(handle) {
        Ok(thread) if thread.has_ended() || thread.terminate(code) => return TRUE,
        // Not held any more when the thread ends.
        Ok(thread) => Arc::ptr_eq(&thread, &current()),
        Err(code) => return no(code),
    };
    if own { exit(code) } else { no(codes::ERROR_CALL_NOT_IMPLEMENTED) }
}

/// `GetExitCodeThread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetExitCodeThread(handle: Handle, code: *mut Dword) -> Bool {
    let thread = match lookup::thread(handle) {
        Ok(thread) => thread,
        Err(code) => return no(code),
    };
    if code.is_null() {
        return no(codes::ERROR_NOACCESS);
    }
    // SAFETY: not null, so it is the caller's variable.
    unsafe { code.write(thread.exit_code()) };
    TRUE
}
