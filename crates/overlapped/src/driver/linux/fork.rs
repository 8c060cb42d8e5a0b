//! How a process learns that it was forked.

/// From now on `child` is called in a forked child.
pub(crate) fn on_fork(child: extern "C" fn()) {
    // SAFETY: `fork::watch`, the only caller, gives a handler that touches an atomic and a
    // thread-local without destructor. Should there be no memory for it, a child is on its own.
    unsafe { libc::pthread_atfork(None, None, Some(child)) };
}

/// Whether the process is ending and its other threads are gone: not while destructors run on Linux.
pub(crate) fn process_ends() -> bool {
    false
}

/// Whether the calling thread is the first of the process: code runs on it after the last destructor of its thread-locals,
/// that of static objects of C++.
pub(crate) fn is_first_thread() -> bool {
    rustix::thread::gettid() == rustix::process::getpid()
}
