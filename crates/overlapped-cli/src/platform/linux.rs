//! Signals, and the limits that `ulimit` shows.

#[allow(unsafe_code)]
mod processes;

use super::{Limit, Limits};
pub(crate) use crate::cc::run as compile;
pub(crate) use processes::{
    TICK, end, is_raised, processes_named, processor, processor_time, processors, resident_memory, start,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io::Result;

pub(crate) const SYSTEM: &str = "Linux";

/// From now on SIGINT and SIGTERM are listened to: what is returned calls `each`, again and again, with the exit code of
/// a process that ends by it.
pub(crate) fn requests(mut each: impl FnMut(i32) + Send) -> Result<impl FnOnce() + Send> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    Ok(move || signals.forever().for_each(|signal| each(128 + signal)))
}

/// The limits of this process.
pub(crate) fn limits() -> Option<Limits> {
    let limit = |resource| {
        let Rlimit { current, maximum } = getrlimit(resource);
        Limit { soft: current, hard: maximum }
    };
    Some(Limits { open_files: limit(Resource::Nofile), locked_memory: limit(Resource::Memlock) })
}

/// Lets this process have as many descriptors as it is allowed to ask for: each client takes one,
/// and the usual soft limit of 1,024 exists for `select` only.
pub(crate) fn raise_open_files() {
    let hard = getrlimit(Resource::Nofile).maximum;
    // Refused only where a limit above the kernel's own was set: then the old one stays.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard });
}
