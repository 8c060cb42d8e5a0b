//! The way out of a thread from anywhere: its stack is unwound frame by frame, so that objects on it are destroyed and the
//! engine's own frames are left in order, and then the system ends the thread.
//!
//! The system's `pthread_exit` does the same, but ends the whole process when the program catches everything (`catch (...)`)
//! and does not throw it on. Here such a handler runs, and the way out goes on behind it.

use crate::abi::Pointer;
use std::cell::UnsafeCell;
use std::ffi::c_int;
use std::ptr;

/// `_Unwind_Exception` of the C++ ABI.
#[repr(C, align(16))]
struct Exception {
    class: u64,
    cleanup: Option<unsafe extern "C-unwind" fn(c_int, *mut Exception)>,
    private: [usize; 2],
    /// The unwinder of some systems has more.
    spare: [usize; 4],
}

type Stop = unsafe extern "C-unwind" fn(c_int, c_int, u64, *mut Exception, Pointer, Pointer) -> c_int;

unsafe extern "C-unwind" {
    fn _Unwind_ForcedUnwind(exception: *mut Exception, stop: Stop, argument: Pointer) -> c_int;
    fn pthread_exit(value: Pointer) -> !;
}

/// `_URC_NO_REASON`.
const GO_ON: c_int = 0;
/// `_UA_END_OF_STACK`.
const END_OF_STACK: c_int = 16;
/// Who throws: nobody else's.
const CLASS: u64 = u64::from_be_bytes(*b"OVERLEND");

thread_local! {
    /// What is under way; without destructor, since it is needed until the very end.
    static EXCEPTION: UnsafeCell<Exception> = const {
        UnsafeCell::new(Exception { class: CLASS, cleanup: Some(caught), private: [0; 2], spare: [0; 4] })
    };
}

/// Called for each frame on the way.
unsafe extern "C-unwind" fn frame(
    _version: c_int,
    actions: c_int,
    _class: u64,
    _exception: *mut Exception,
    _context: Pointer,
    _argument: Pointer,
) -> c_int {
    if actions & END_OF_STACK != 0 {
        end();
    }
    GO_ON
}

/// The program has caught it, and its handler has returned: the way goes on from there.
unsafe extern "C-unwind" fn caught(_reason: c_int, _exception: *mut Exception) {
    leave()
}

fn end() -> ! {
    // SAFETY: every frame of the thread has been left already, so there is nothing left to be destroyed.
    unsafe { pthread_exit(ptr::null_mut()) }
}

/// Ends the calling thread.
pub(super) fn leave() -> ! {
    EXCEPTION.with(|exception| {
        // SAFETY: only the unwinder uses it, for this thread, one way after the other; each frame from here to the thread's
        // first function is one that may be unwound.
        unsafe {
            exception.get().write(Exception { class: CLASS, cleanup: Some(caught), private: [0; 2], spare: [0; 4] });
            _Unwind_ForcedUnwind(exception.get(), frame, ptr::null_mut());
        }
    });
    // The unwinder could not go on: there is a frame that says nothing of itself.
    end()
}
