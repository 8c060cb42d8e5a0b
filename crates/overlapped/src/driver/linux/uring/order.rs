//! Kernels that tell in reverse order what has completed together, such as Linux 6.1: their lists of what is left to do
//! for a ring are stacks.
//!
//! In a ring with `DEFER_TASKRUN` such a list is worked off inside the call that waits, and nowhere else, so what it has
//! put into the completion queue can be turned around again. In other rings any system call of the thread works it off, in
//! parts that nobody can tell apart. What a submission completes at once is in order everywhere, and is left so.
//!
//! What completes while the kernel works one list off comes with the next, in the same call: the two are turned around
//! together. That is a matter of microseconds, in which an order of different sockets means little.

use crate::sync::real::lock;
use io_uring::{IoUring, cqueue, opcode, types};
use rustix::event::{EventfdFlags, eventfd};
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::sync::Mutex;

/// Whether completions come in reverse order: asked with a ring and two things to wait for.
pub(super) fn is_reversed() -> io::Result<bool> {
    let mut ring: IoUring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(2)?;
    let first = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    let second = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    for (name, event) in [(1, &first), (2, &second)] {
        let wait = opcode::PollAdd::new(types::Fd(event.as_raw_fd()), libc::POLLIN as u32).build().user_data(name);
        // SAFETY: the entry points to no memory.
        unsafe { ring.submission().push(&wait) }.map_err(io::Error::other)?;
    }
    patiently(|| ring.submit())?;
    for event in [&first, &second] {
        rustix::io::write(event, &1u64.to_ne_bytes())?;
    }
    // Both are there: this waits for nothing.
    patiently(|| ring.submit_and_wait(2))?;
    Ok(ring.completion().next().is_some_and(|entry| entry.user_data() == 2))
}

/// Errors of a call that say nothing of the kernel: it was interrupted, or refused for a moment.
const PASSING: [i32; 4] = [libc::EINTR, libc::EAGAIN, libc::EBUSY, libc::ENOMEM];

fn patiently(call: impl Fn() -> io::Result<usize>) -> io::Result<usize> {
    for _ in 0..1000 {
        match call() {
            Err(error) if error.raw_os_error().is_some_and(|code| PASSING.contains(&code)) => std::thread::yield_now(),
            called => return called,
        }
    }
    call()
}

/// Which entries of a completion queue are to be turned around.
#[derive(Default)]
pub(super) struct Batches(Mutex<Contents>);

#[derive(Default)]
struct Contents {
    /// Counted from the head of the queue, which moves with `in_order` only.
    batches: Vec<Range<usize>>,
    // Kept for its allocation.
    entries: Vec<cqueue::Entry>,
}

impl Batches {
    /// Notes what one call has put there by working off the list.
    pub(super) fn add(&self, batch: Range<usize>) {
        if batch.len() > 1 {
            lock(&self.0).batches.push(batch);
        }
    }

    /// Calls `f` with the queue's entries in the order in which they came to be.
    pub(super) fn in_order(&self, queue: impl Iterator<Item = cqueue::Entry>, f: impl FnMut(&cqueue::Entry)) {
        let contents = &mut *lock(&self.0);
        contents.entries.extend(queue);
        for batch in contents.batches.drain(..) {
            if let Some(entries) = contents.entries.get_mut(batch) {
                entries.reverse();
            }
        }
        contents.entries.iter().for_each(f);
        contents.entries.clear();
    }
}

// With a ring of the kernel's, which Miri has not.
#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    /// A queue of completions with these names.
    fn completed(names: &[u64]) -> IoUring {
        let mut ring = IoUring::new(8).expect("a ring");
        for name in names {
            // SAFETY: the entry points to no memory.
            unsafe { ring.submission().push(&opcode::Nop::new().build().user_data(*name)) }.expect("room");
        }
        ring.submit().expect("submitted");
        ring
    }

    #[test]
    fn batches_are_turned_around_and_the_rest_stays() {
        let mut ring = match IoUring::new(2) {
            Ok(_) => completed(&[1, 2, 5, 4, 3, 6, 8, 7]),
            Err(refused) => {
                assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{refused}");
                return println!("SKIPPED: {refused}");
            }
        };
        let batches = Batches::default();
        for batch in [2..5, 5..6, 6..8] {
            batches.add(batch);
        }
        let mut names = Vec::new();
        batches.in_order(ring.completion(), |entry| names.push(entry.user_data()));
        assert_eq!(names, [1, 2, 3, 4, 5, 6, 7, 8]);

        // What was noted holds for that queue only.
        let mut ring = completed(&[1, 2, 3]);
        batches.in_order(ring.completion(), |entry| names.push(entry.user_data()));
        assert_eq!(names[8..], [1, 2, 3]);
    }
}
