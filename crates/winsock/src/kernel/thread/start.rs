//! Starting threads. They are the system's own, not std's: one may end from deep inside the program's code.

use super::{Gate, Thread, adopt};
use crate::abi::{Dword, Handle, Pointer};
use crate::codes;
use crate::error::{Code, set_last};
use crate::handle::{self, Object};
use overlapped::face::threads::NewThread;
use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

const CREATE_SUSPENDED: Dword = 4;
const STACK_SIZE_PARAM_IS_A_RESERVATION: Dword = 0x1_0000;
/// What Windows reserves for a stack is small; the system's own functions want more here.
const SMALLEST_STACK: usize = 256 * 1024;

/// `LPTHREAD_START_ROUTINE`, and what `_beginthreadex` takes.
pub(crate) type Function = unsafe extern "C-unwind" fn(Pointer) -> Dword;
/// What `_beginthread` takes.
type Procedure = unsafe extern "C-unwind" fn(Pointer);

enum Body {
    Function(Function),
    Procedure(Procedure),
    /// Of this library.
    Own(Box<dyn FnOnce() + Send>),
}

struct Start {
    new: NewThread,
    thread: Arc<Thread>,
    body: Body,
    argument: Pointer,
}

unsafe extern "C-unwind" {
    // The thread's function may unwind: that is how a thread ends from inside.
    fn pthread_create(
        thread: *mut libc::pthread_t,
        attributes: *const libc::pthread_attr_t,
        function: unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> c_int;
}

/// The first function of each thread.
///
/// # Safety
///
/// `start` is a `Start` that was made for this thread.
unsafe extern "C-unwind" fn run(start: *mut c_void) -> *mut c_void {
    // SAFETY: the caller's promise.
    let Start { new, thread, body, argument } = *unsafe { Box::from_raw(start.cast::<Start>()) };
    // Before the engine knows the thread, so that its end there comes first.
    adopt(&thread);
    if thread.arrive() {
        new.begin();
        let code = match body {
            // SAFETY: the program has given this function and argument, to be called so.
            Body::Function(function) => unsafe { function(argument) },
            Body::Procedure(procedure) => {
                // SAFETY: as above.
                unsafe { procedure(argument) };
                0
            }
            Body::Own(function) => {
                function();
                0
            }
        };
        thread.set_exit_code(code);
    }
    ptr::null_mut()
}

/// Starts a thread.
fn start(body: Body, argument: Pointer, stack: usize, flags: Dword) -> Result<Arc<Thread>, Code> {
    let new = NewThread::new();
    let gate = Gate { suspended: Dword::from(flags & CREATE_SUSPENDED != 0), ..Gate::default() };
    let begun = gate.suspended == 0;
    let thread = Arc::new(Thread::new(new.thread(), Gate { begun, ..gate }));
    let start = Box::into_raw(Box::new(Start { new, thread: Arc::clone(&thread), body, argument }));
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::uninit();
    let mut number = MaybeUninit::<libc::pthread_t>::uninit();
    // SAFETY: the attributes are made before they are used and given back after; `start` is for the new thread alone.
    let failed = unsafe {
        let attributes = attributes.as_mut_ptr();
        libc::pthread_attr_init(attributes);
        libc::pthread_attr_setdetachstate(attributes, libc::PTHREAD_CREATE_DETACHED);
        if stack != 0 {
            set_stack(attributes, stack, flags & STACK_SIZE_PARAM_IS_A_RESERVATION != 0);
        }
        let failed = pthread_create(number.as_mut_ptr(), attributes, run, start.cast());
        libc::pthread_attr_destroy(attributes);
        failed
    };
    if failed != 0 {
        // SAFETY: there is no thread that has it.
        drop(unsafe { Box::from_raw(start) });
        return Err(codes::ERROR_NOT_ENOUGH_MEMORY);
    }
    Ok(thread)
}

/// A stack of that size; one that is not said to be the whole of it only makes it larger than usual.
///
/// # Safety
///
/// The attributes are initialised.
unsafe fn set_stack(attributes: *mut libc::pthread_attr_t, size: usize, whole: bool) {
    let mut usual = 0;
    // SAFETY: the caller's promise.
    unsafe { libc::pthread_attr_getstacksize(attributes, &mut usual) };
    let size = size.checked_next_multiple_of(64 * 1024).unwrap_or(usize::MAX);
    let size = if whole { size.max(SMALLEST_STACK) } else { size.max(usual) };
    // SAFETY: as above. One that the system does not take leaves the usual size.
    unsafe { libc::pthread_attr_setstacksize(attributes, size) };
}

/// Starts a thread of this library itself.
pub(crate) fn own(function: impl FnOnce() + Send + 'static) -> Result<Arc<Thread>, Code> {
    start(Body::Own(Box::new(function)), ptr::null_mut(), 0, 0)
}

fn create(
    function: Option<Function>,
    argument: Pointer,
    stack: usize,
    flags: Dword,
    id: *mut Dword,
) -> Result<Handle, Code> {
    let function = function.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    if flags & !(CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION) != 0 {
        return Err(codes::ERROR_INVALID_PARAMETER);
    }
    let thread = start(Body::Function(function), argument, stack, flags)?;
    if !id.is_null() {
        // SAFETY: not null, so it is the caller's variable.
        unsafe { id.write(thread.id()) };
    }
    Ok(handle::insert(Object::Thread(thread)))
}

/// `CreateThread`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateThread(
    _: Pointer,
    stack: usize,
    function: Option<Function>,
    argument: Pointer,
    flags: Dword,
    id: *mut Dword,
) -> Handle {
    create(function, argument, stack, flags, id).unwrap_or_else(|code| {
        set_last(code);
        0
    })
}

fn set_errno(code: c_int) {
    // SAFETY: it is the calling thread's own.
    unsafe { *libc::__errno_location() = code };
}

/// What the C runtime notes of a failure.
fn note(code: Code) {
    set_last(code);
    set_errno(if code == codes::ERROR_INVALID_PARAMETER { libc::EINVAL } else { libc::EAGAIN });
}

/// `_beginthreadex`: 0 when it fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _beginthreadex(
    _: Pointer,
    stack: u32,
    function: Option<Function>,
    argument: Pointer,
    flags: u32,
    id: *mut u32,
) -> usize {
    create(function, argument, stack as usize, flags, id).unwrap_or_else(|code| {
        note(code);
        0
    })
}

/// `_beginthread`: -1 when it fails. Its handle is closed at the end of the thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _beginthread(procedure: Option<Procedure>, stack: u32, argument: Pointer) -> usize {
    let Some(procedure) = procedure else {
        note(codes::ERROR_INVALID_PARAMETER);
        return usize::MAX;
    };
    // Suspended: its end must find the handle.
    match start(Body::Procedure(procedure), argument, stack as usize, CREATE_SUSPENDED) {
        Ok(thread) => {
            let handle = handle::insert(Object::Thread(Arc::clone(&thread)));
            thread.own_handle.store(handle, Relaxed);
            thread.resume();
            handle
        }
        Err(code) => {
            note(code);
            usize::MAX
        }
    }
}
