//! The limits of this process that a server meets first.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A limit as the system gives it; none means unlimited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) soft: Option<u64>,
    pub(crate) hard: Option<u64>,
}

impl Limit {
    fn of(resource: Resource) -> Self {
        let Rlimit { current, maximum } = getrlimit(resource);
        Self { soft: current, hard: maximum }
    }

    /// How many descriptors the process may have open.
    pub(crate) fn open_files() -> Self {
        Self::of(Resource::Nofile)
    }

    /// How much memory it may lock, which older kernels count for their rings.
    pub(crate) fn locked_memory() -> Self {
        Self::of(Resource::Memlock)
    }
}

/// Lets this process have as many descriptors as it is allowed to ask for: each client takes one,
/// and the usual soft limit of 1,024 exists for `select` only.
pub(crate) fn raise_open_files() {
    let hard = Limit::open_files().hard;
    // Refused only where a limit above the kernel's own was set: then the old one stays.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard });
}
