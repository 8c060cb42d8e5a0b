//! Threads: those that C programs start here, and all others that call in, under the same handles.

pub mod control;
pub mod end;
pub mod placement;
pub mod start;
mod unwind;

use crate::abi::{Dword, Handle};
use crate::codes;
use crate::error::Code;
use overlapped::{alertable, face};
use std::cell::Cell;
use std::collections::HashMap;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicUsize};
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError, RwLock};

/// What `GetExitCodeThread` gives of a thread that has not ended.
pub const STILL_ACTIVE: Dword = 259;
/// So often a thread can be suspended.
const MAXIMUM_SUSPEND_COUNT: Dword = 127;

/// A thread, as its handles know it.
pub struct Thread {
    engine: alertable::Thread,
    exit_code: AtomicU32,
    /// Which `SetThreadPriority` has set.
    priority: AtomicI32,
    /// A handle that is closed at the thread's end: that of `_beginthread`.
    own_handle: AtomicUsize,
    /// What `SetThreadDescription` has said of it.
    description: Mutex<Vec<u32>>,
    gate: Mutex<Gate>,
    changed: Condvar,
}

/// Where a thread stands before it has begun, and while it has suspended itself.
#[derive(Default)]
struct Gate {
    /// The system's number of it, once it is known.
    id: Option<Dword>,
    suspended: Dword,
    /// It may begin, or has.
    begun: bool,
    /// It is never to begin.
    terminated: bool,
}

impl Thread {
    fn new(engine: alertable::Thread, gate: Gate) -> Self {
        Self {
            engine,
            exit_code: AtomicU32::new(0),
            priority: AtomicI32::new(0),
            own_handle: AtomicUsize::new(0),
            description: Mutex::default(),
            gate: Mutex::new(gate),
            changed: Condvar::new(),
        }
    }

    /// The thread as the engine knows it.
    pub(crate) fn engine(&self) -> &alertable::Thread {
        &self.engine
    }

    fn description(&self) -> Vec<u32> {
        self.description.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_description(&self, description: Vec<u32>) {
        *self.description.lock().unwrap_or_else(PoisonError::into_inner) = description;
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, gate: MutexGuard<'a, Gate>) -> MutexGuard<'a, Gate> {
        self.changed.wait(gate).unwrap_or_else(PoisonError::into_inner)
    }

    /// The system's number of the thread.
    pub(crate) fn id(&self) -> Dword {
        let mut gate = self.gate();
        loop {
            match gate.id {
                Some(id) => return id,
                None => gate = self.wait(gate),
            }
        }
    }

    pub(crate) fn has_ended(&self) -> bool {
        face::threads::has_ended(&self.engine)
    }

    /// What the thread returned, once it has ended.
    pub(crate) fn exit_code(&self) -> Dword {
        if self.has_ended() { self.exit_code.load(Acquire) } else { STILL_ACTIVE }
    }

    fn set_exit_code(&self, code: Dword) {
        self.exit_code.store(code, Release);
    }

    /// Closes the handle that belongs to the thread itself.
    fn close_own_handle(&self) {
        let handle: Handle = self.own_handle.swap(0, Relaxed);
        if handle != 0 {
            let _ = crate::kernel::close::close(handle);
        }
    }

    /// Called by the thread itself, before all else: whether it is to begin, which it may not before it is resumed.
    fn arrive(&self) -> bool {
        let mut gate = self.gate();
        gate.id = Some(system_id());
        self.changed.notify_all();
        while gate.suspended > 0 && !gate.terminated {
            gate = self.wait(gate);
        }
        gate.begun = !gate.terminated;
        gate.begun
    }

    /// Suspends the calling thread, or one that has not begun; how often it was before.
    fn suspend(&self) -> Result<Dword, Code> {
        let mut gate = self.gate();
        let own = gate.id == Some(system_id());
        if gate.begun && !own {
            // It could be at any place, and hold a lock that others need to go on.
            return Err(codes::ERROR_CALL_NOT_IMPLEMENTED);
        }
        if gate.suspended == MAXIMUM_SUSPEND_COUNT {
            return Err(codes::ERROR_SIGNAL_REFUSED);
        }
        let before = gate.suspended;
        gate.suspended += 1;
        if own {
            while gate.suspended > 0 {
                gate = self.wait(gate);
            }
        }
        Ok(before)
    }

    /// Undoes one suspension; how many there were.
    fn resume(&self) -> Dword {
        let mut gate = self.gate();
        let before = gate.suspended;
        gate.suspended = before.saturating_sub(1);
        if before == 1 {
            gate.begun = true;
            self.changed.notify_all();
        }
        before
    }

    /// Ends a thread that has not begun; whether it had not.
    fn terminate(&self, code: Dword) -> bool {
        let mut gate = self.gate();
        if !gate.begun && !gate.terminated {
            gate.terminated = true;
            self.set_exit_code(code);
            self.changed.notify_all();
        }
        gate.terminated
    }
}

type Registry = RwLock<HashMap<Dword, Arc<Thread>>>;

/// The threads that are known by their numbers.
static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::default);

thread_local! {
    /// The calling thread; without destructor, so that it can be read at any time of the thread's end.
    static CURRENT: Cell<*const Thread> = const { Cell::new(ptr::null()) };
    static ID: Cell<Dword> = const { Cell::new(0) };
    static END: End = const { End };
}

/// Takes the thread out of the registry at its end, which owns it until then.
struct End;

impl Drop for End {
    fn drop(&mut self) {
        CURRENT.set(ptr::null());
        let gone = {
            let mut registry = REGISTRY.write().unwrap_or_else(PoisonError::into_inner);
            registry.remove(&system_id())
        };
        if let Some(thread) = gone {
            thread.close_own_handle();
        }
    }
}

pub(crate) fn system_id() -> Dword {
    let known = ID.get();
    if known != 0 {
        return known;
    }
    // SAFETY: it takes nothing and cannot fail.
    let id = unsafe { libc::gettid() } as Dword;
    ID.set(id);
    id
}

/// Makes `thread` the calling thread; `false` if that is at its end.
fn adopt(thread: &Arc<Thread>) -> bool {
    if END.try_with(|_| ()).is_err() {
        return false;
    }
    CURRENT.set(Arc::as_ptr(thread));
    REGISTRY.write().unwrap_or_else(PoisonError::into_inner).insert(system_id(), Arc::clone(thread));
    true
}

/// The calling thread. One that was not started here is known from its first call on.
pub(crate) fn current() -> Arc<Thread> {
    let known = CURRENT.get();
    if !known.is_null() {
        // SAFETY: it came from an `Arc`, and the registry owns that as long as the pointer is here.
        unsafe {
            Arc::increment_strong_count(known);
            return Arc::from_raw(known);
        }
    }
    let gate = Gate { id: Some(system_id()), begun: true, ..Gate::default() };
    let thread = Arc::new(Thread::new(alertable::current(), gate));
    adopt(&thread);
    thread
}

/// The thread of a number, if it is one that is known.
fn of_id(id: Dword) -> Option<Arc<Thread>> {
    REGISTRY.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
}
