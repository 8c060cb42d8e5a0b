//! What one thread asks of another, or says to it.

use super::{current, of_id, system_id};
use crate::abi::{Bool, Dword, Handle, TRUE};
use crate::codes;
use crate::error::{Code, no, set_last};
use crate::handle::{self, Object};
use crate::kernel::event::made;
use crate::kernel::{CURRENT_THREAD, lookup};
use crate::system::heap::LocalAlloc;
use std::fs;
use std::sync::atomic::Ordering::Relaxed;

/// What `ResumeThread` and `SuspendThread` return when they fail.
const FAILED: Dword = u32::MAX;
/// `THREAD_PRIORITY_ERROR_RETURN`.
const THREAD_PRIORITY_ERROR_RETURN: i32 = i32::MAX;
/// `THREAD_MODE_BACKGROUND_BEGIN` and `_END`.
const BACKGROUND: [i32; 2] = [0x1_0000, 0x2_0000];
/// How much of a thread's name the system keeps.
const LONGEST_NAME: usize = 15;

fn failed(code: Code) -> Dword {
    set_last(code);
    FAILED
}

/// `ResumeThread`.
#[unsafe(no_mangle)]
pub extern "C" fn ResumeThread(handle: Handle) -> Dword {
    lookup::thread(handle).map_or_else(failed, |thread| thread.resume())
}

/// `SuspendThread`, of the calling thread and of one that has not begun.
#[unsafe(no_mangle)]
pub extern "C" fn SuspendThread(handle: Handle) -> Dword {
    lookup::thread(handle).and_then(|thread| thread.suspend()).unwrap_or_else(failed)
}

/// `GetCurrentThread`: a handle that need not be closed.
#[unsafe(no_mangle)]
pub extern "C" fn GetCurrentThread() -> Handle {
    CURRENT_THREAD
}

/// `GetCurrentThreadId`. From now on others can open the thread by it.
#[unsafe(no_mangle)]
pub extern "C" fn GetCurrentThreadId() -> Dword {
    if super::CURRENT.get().is_null() {
        current();
    }
    system_id()
}

/// `GetThreadId`.
#[unsafe(no_mangle)]
pub extern "C" fn GetThreadId(handle: Handle) -> Dword {
    match lookup::thread(handle) {
        Ok(thread) => thread.id(),
        Err(code) => no(code) as Dword,
    }
}

/// `OpenThread`: one that was started here, or has called in.
#[unsafe(no_mangle)]
pub extern "C" fn OpenThread(_access: Dword, _inherit: Bool, id: Dword) -> Handle {
    made(of_id(id).map(|thread| handle::insert(Object::Thread(thread))).ok_or(codes::ERROR_INVALID_PARAMETER))
}

/// `SwitchToThread`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn SwitchToThread() -> Bool {
    std::thread::yield_now();
    TRUE
}

/// `SetThreadPriority`. The priority is kept for who asks; the system goes on sharing the processors evenly.
#[unsafe(no_mangle)]
pub extern "C" fn SetThreadPriority(handle: Handle, priority: i32) -> Bool {
    let thread = match lookup::thread(handle) {
        Ok(thread) => thread,
        Err(code) => return no(code),
    };
    match priority {
        -2..=2 | -15 | 15 => thread.priority.store(priority, Relaxed),
        _ if BACKGROUND.contains(&priority) => {}
        _ => return no(codes::ERROR_INVALID_PARAMETER),
    }
    TRUE
}

/// `GetThreadPriority`.
#[unsafe(no_mangle)]
pub extern "C" fn GetThreadPriority(handle: Handle) -> i32 {
    match lookup::thread(handle) {
        Ok(thread) => thread.priority.load(Relaxed),
        Err(code) => {
            set_last(code);
            THREAD_PRIORITY_ERROR_RETURN
        }
    }
}

/// What an `HRESULT` makes of an error of Win32.
fn hresult(code: Code) -> i32 {
    (0x8007_0000 | code & 0xffff) as i32
}

/// `SetThreadDescription`: debuggers see the first fifteen bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn SetThreadDescription(handle: Handle, description: *const u32) -> i32 {
    let thread = match lookup::thread(handle) {
        Ok(thread) => thread,
        Err(code) => return hresult(code),
    };
    let mut letters = Vec::new();
    if !description.is_null() {
        // SAFETY: not null, and the end of the string is not passed.
        letters.extend((0..).map(|index| unsafe { *description.add(index) }).take_while(|letter| *letter != 0));
    }
    let mut name = String::new();
    for letter in letters.iter().map(|letter| char::from_u32(*letter).unwrap_or(char::REPLACEMENT_CHARACTER)) {
        if name.len() + letter.len_utf8() > LONGEST_NAME {
            break;
        }
        name.push(letter);
    }
    thread.set_description(letters);
    // That name is for people only: where the system does not take it the thread has none there.
    let _ = fs::write(format!("/proc/self/task/{}/comm", thread.id()), name);
    0
}

/// `GetThreadDescription`. The program frees it with `LocalFree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn GetThreadDescription(handle: Handle, description: *mut *mut u32) -> i32 {
    let thread = match lookup::thread(handle) {
        Ok(thread) => thread,
        Err(code) => return hresult(code),
    };
    if description.is_null() {
        return hresult(codes::ERROR_NOACCESS);
    }
    let mut letters = thread.description();
    letters.push(0);
    let block = LocalAlloc(0, size_of_val(letters.as_slice())).cast::<u32>();
    if block.is_null() {
        return hresult(codes::ERROR_OUTOFMEMORY);
    }
    // SAFETY: the block is as large as the letters; the other is not null, so it is the caller's variable.
    unsafe {
        block.copy_from_nonoverlapping(letters.as_ptr(), letters.len());
        description.write(block);
    }
    0
}

/// `GetProcessIdOfThread`.
#[unsafe(no_mangle)]
pub extern "C" fn GetProcessIdOfThread(handle: Handle) -> Dword {
    match lookup::thread(handle) {
        Ok(_) => std::process::id(),
        Err(code) => no(code) as Dword,
    }
}
