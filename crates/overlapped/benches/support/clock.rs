//! Clocks, in nanoseconds: the processor time of this thread, that of another process, and what the wall shows.

use std::fs;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// What this thread has used: other programs on the machine hardly change it.
    Thread,
    /// For what sleeps.
    Wall,
}

impl Clock {
    pub(crate) fn now(self) -> f64 {
        let clock = match self {
            Self::Thread => libc::CLOCK_THREAD_CPUTIME_ID,
            Self::Wall => libc::CLOCK_MONOTONIC,
        };
        let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: writes to the place given. (rustix looks for the vDSO, which is not there under valgrind.)
        let failed = unsafe { libc::clock_gettime(clock, &raw mut time) };
        assert_eq!(failed, 0, "there is such a clock");
        time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
    }
}

/// What the living threads of a process have used.
pub(crate) fn processor_time(process: u32) -> f64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the threads of a child");
    let used = |thread: fs::DirEntry| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.flatten().filter_map(used).sum()
}
