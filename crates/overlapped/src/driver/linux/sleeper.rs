//! Whether a thread sleeps, as another one sees it.

use rustix::thread::{Pid, gettid};

/// A thread of this process, which may sleep.
pub(crate) struct Sleeper(Pid);

impl Sleeper {
    pub(crate) fn current() -> Self {
        Self(gettid())
    }

    /// Whether it neither runs nor is ready to. One that cannot be looked at is taken to sleep: nobody knows that it goes on.
    pub(crate) fn sleeps(&self) -> bool {
        let Ok(stat) = std::fs::read(format!("/proc/self/task/{}/stat", self.0.as_raw_nonzero())) else { return true };
        // The name stands in parentheses, and may hold any character.
        let name = stat.iter().rposition(|&byte| byte == b')');
        name.is_none_or(|end| stat.get(end + 2) != Some(&b'R'))
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::SeqCst;
    use std::sync::mpsc;

    #[test]
    fn a_thread_that_computes_does_not_sleep_and_one_that_waits_does() {
        let (probe, probes) = mpsc::channel();
        let (resume, resumed) = mpsc::channel::<()>();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let over = &over;
            scope.spawn(move || {
                probe.send(Sleeper::current()).expect("the test goes on");
                while !over.load(SeqCst) {}
                resumed.recv().expect("the test goes on");
            });
            let probe = probes.recv().expect("it sends one");
            // It may still be in the send.
            while probe.sleeps() {}
            over.store(true, SeqCst);
            while !probe.sleeps() {
                std::thread::yield_now();
            }
            resume.send(()).expect("it waits");
        });
    }
}
