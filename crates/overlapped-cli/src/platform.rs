//! What the command needs of the system besides the library: to be told when to stop, limits, a compiler, and
//! other processes.

#[cfg(not(windows))]
mod linux;
#[cfg(windows)]
#[allow(unsafe_code)]
mod windows;

#[cfg(not(windows))]
pub(crate) use linux::{
    SYSTEM, TICK, compile, end, is_raised, limits, processes_named, processor, processor_time, processors,
    raise_open_files, requests, resident_memory, start,
};
#[cfg(windows)]
pub(crate) use windows::{
    SYSTEM, TICK, compile, end, is_raised, limits, processes_named, processor, processor_time, processors,
    raise_open_files, requests, resident_memory, start,
};

use serde::Serialize;

/// The limits of this process that a server meets first.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Limits {
    /// How many descriptors the process may have open.
    pub(crate) open_files: Limit,
    /// How much memory it may lock, which older kernels count for their rings.
    pub(crate) locked_memory: Limit,
}

/// A limit as the system gives it; none means unlimited.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Limit {
    pub(crate) soft: Option<u64>,
    pub(crate) hard: Option<u64>,
}
