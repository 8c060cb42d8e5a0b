//! Threads that stay on one core. On a machine with a single one there is only that.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::sync::OnceLock;

/// The cores that this process had when it was first asked.
pub(crate) fn cores() -> &'static [usize] {
    static CORES: OnceLock<Vec<usize>> = OnceLock::new();
    CORES.get_or_init(|| {
        let allowed = sched_getaffinity(None).expect("the cores of this process");
        (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect()
    })
}

/// Keeps this thread, and what it starts, on the first core (0) or the second (1).
pub(crate) fn pin(index: usize) {
    let cores = cores();
    let mut set = CpuSet::new();
    set.set(cores[index.min(cores.len() - 1)]);
    sched_setaffinity(None, &set).expect("a core of this process");
}

/// Lets this thread run wherever it could at first.
pub(crate) fn free() {
    let mut set = CpuSet::new();
    cores().iter().for_each(|core| set.set(*core));
    sched_setaffinity(None, &set).expect("the cores of this process");
}
