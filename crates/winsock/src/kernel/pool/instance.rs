//! What a callback of the pool is handed to speak of itself with.

use crate::abi::{Bool, Handle, Pointer, TRUE};
use crate::kernel::event::SetEvent;
use crate::kernel::mutex::ReleaseMutex;
use crate::kernel::semaphore::ReleaseSemaphore;
use crate::sync::critical_section::{CriticalSection, LeaveCriticalSection};
use std::cell::{Cell, RefCell};
use std::ptr;

/// `TP_CALLBACK_INSTANCE`.
pub(super) struct Instance {
    after: RefCell<Vec<After>>,
    before: *const Instance,
}

/// What is done when the callback has returned.
enum After {
    Set(Handle),
    Semaphore(Handle, u32),
    Mutex(Handle),
    Section(*mut CriticalSection),
}

thread_local! {
    /// The callback that the thread is in.
    static CURRENT: Cell<*const Instance> = const { Cell::new(ptr::null()) };
}

impl Instance {
    /// Makes a callback, and does after it what it has asked for.
    pub(super) fn call(callback: impl FnOnce(Pointer)) {
        let instance = Self { after: RefCell::default(), before: CURRENT.get() };
        CURRENT.set(&raw const instance);
        let pointer = (&raw const instance).cast_mut().cast();
        callback(pointer);
        for after in instance.after.take() {
            match after {
                After::Set(event) => SetEvent(event),
                // SAFETY: nobody asks for the count before.
                After::Semaphore(semaphore, count) => unsafe {
                    ReleaseSemaphore(semaphore, count as i32, ptr::null_mut())
                },
                After::Mutex(mutex) => ReleaseMutex(mutex),
                // SAFETY: the program has named its section, to be left so.
                After::Section(section) => unsafe {
                    LeaveCriticalSection(section);
                    TRUE
                },
            };
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        CURRENT.set(self.before);
    }
}

fn note(instance: Pointer, after: After) {
    let current = CURRENT.get();
    if !current.is_null() && ptr::eq(current, instance.cast_const().cast()) {
        // SAFETY: it is on the stack of this thread, in the callback that is running.
        unsafe { &*current }.after.borrow_mut().push(after);
    }
}

/// `SetEventWhenCallbackReturns`.
#[unsafe(no_mangle)]
pub extern "C" fn SetEventWhenCallbackReturns(instance: Pointer, event: Handle) {
    note(instance, After::Set(event));
}

/// `ReleaseSemaphoreWhenCallbackReturns`.
#[unsafe(no_mangle)]
pub extern "C" fn ReleaseSemaphoreWhenCallbackReturns(instance: Pointer, semaphore: Handle, count: u32) {
    note(instance, After::Semaphore(semaphore, count));
}

/// `ReleaseMutexWhenCallbackReturns`.
#[unsafe(no_mangle)]
pub extern "C" fn ReleaseMutexWhenCallbackReturns(instance: Pointer, mutex: Handle) {
    note(instance, After::Mutex(mutex));
}

/// `LeaveCriticalSectionWhenCallbackReturns`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn LeaveCriticalSectionWhenCallbackReturns(instance: Pointer, section: *mut CriticalSection) {
    note(instance, After::Section(section));
}

/// `CallbackMayRunLong`: another thread stands by in any case.
#[unsafe(no_mangle)]
pub extern "C" fn CallbackMayRunLong(_instance: Pointer) -> Bool {
    TRUE
}
