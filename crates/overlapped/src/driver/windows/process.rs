//! How a process ends, and that it does not fork.

#[link(name = "ntdll")]
unsafe extern "system" {
    fn RtlDllShutdownInProgress() -> u8;
}

/// Windows does not fork.
pub(crate) fn on_fork(_child: extern "C" fn()) {}

/// Whether the process is ending and its other threads are gone: Windows ends them, wherever they
/// are and whatever they hold, before the destructors of the last thread run.
pub(crate) fn process_ends() -> bool {
    // SAFETY: reads a flag of the process.
    unsafe { RtlDllShutdownInProgress() != 0 }
}

/// Whether code runs on the calling thread after the last destructor of its thread-locals: not here, where others are gone by then.
pub(crate) fn is_first_thread() -> bool {
    false
}
