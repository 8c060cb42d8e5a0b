//! The io_uring of one thread, which the driver fills and the gate blocks in.

use super::enter::enter;
use super::order::Batches;
use super::probe::Setup;
use io_uring::{IoUring, cqueue, opcode, squeue, types};
use rustix::event::{EventfdFlags, eventfd};
use rustix::thread::{Pid, gettid};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

/// Operations that can be staged before the kernel must take them.
const SUBMISSIONS: u32 = 256;
/// Completions that fit; the kernel keeps those that do not.
const COMPLETIONS: u32 = 4096;

const GETEVENTS: u32 = 1;
const EXT_ARG: u32 = 1 << 3;
const REGISTERED_RING: u32 = 1 << 4;
const NO_IOWAIT: u32 = 1 << 7;

/// `IORING_REGISTER_RING_FDS`, `IORING_UNREGISTER_RING_FDS`.
const REGISTER_RING: u32 = 20;
const UNREGISTER_RING: u32 = 21;

/// `FUTEX2_SIZE_U32`, and not private: since Linux 6.16 private futexes move to a table of the process when its second
/// thread starts, but for those that io_uring waits for, which nobody would find any more.
const FUTEX_FLAGS: u32 = 2;

pub(super) struct Ring {
    ring: IoUring,
    setup: Setup,
    /// The ring's number among those that this thread has registered.
    registered: Option<(u32, Pid)>,
    wake: Wake,
    /// What to turn around, where the kernel tells in reverse order.
    reversed: Option<Batches>,
}

/// How another thread ends a wait in the ring.
enum Wake {
    /// A futex operation waits for this word to change.
    Futex(AtomicU32),
    /// A poll operation waits for this eventfd to be written.
    Eventfd(OwnedFd),
}

impl Ring {
    pub(super) fn new(setup: Setup) -> io::Result<Self> {
        let mut builder = IoUring::builder();
        builder.setup_cqsize(COMPLETIONS).setup_clamp().setup_submit_all();
        builder.setup_single_issuer().setup_defer_taskrun();
        if setup.no_sqarray() {
            builder.setup_no_sqarray();
        }
        let ring = builder.build(SUBMISSIONS)?;
        let wake = if setup.futex_wait() {
            Wake::Futex(AtomicU32::new(0))
        } else {
            Wake::Eventfd(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
        };
        // A registration holds for the registering thread alone.
        let registered = if setup.registered_ring() { register(&ring) } else { None };
        let reversed = setup.is_reversed().then(Batches::default);
        Ok(Self { ring, setup, registered, wake, reversed })
    }

    /// Puts entries into the submission queue, as far as there is room; how many.
    ///
    /// # Safety
    ///
    /// One thread at a time; what the entries point to stays valid until they have completed.
    pub(super) unsafe fn push<'e>(&self, entries: impl Iterator<Item = &'e squeue::Entry>) -> usize {
        // SAFETY: the caller is the only producer.
        let mut queue = unsafe { self.ring.submission_shared() };
        // SAFETY: the caller's promise.
        entries.take_while(|entry| unsafe { queue.push(entry) }.is_ok()).count()
    }

    /// # Safety
    ///
    /// One thread at a time, the same as for `completions`.
    pub(super) unsafe fn has_completions(&self) -> bool {
        // SAFETY: the caller is the only consumer.
        !unsafe { self.ring.completion_shared() }.is_empty()
    }

    /// Calls `f` with each completion and takes it.
    ///
    /// # Safety
    ///
    /// One thread at a time.
    pub(super) unsafe fn completions(&self, mut f: impl FnMut(&cqueue::Entry)) {
        // SAFETY: the caller is the only consumer.
        let queue = unsafe { self.ring.completion_shared() };
        match &self.reversed {
            None => queue.for_each(|entry| f(&entry)),
            Some(batches) => batches.in_order(queue, f),
        }
    }

    /// Submits what is staged.
    pub(super) fn submit(&self) -> io::Result<()> {
        self.enter(0, 0, None).map(drop)
    }

    /// Submits what is staged and waits for a completion; zero only lets the kernel progress.
    pub(super) fn enter_and_wait(&self, timeout: Option<Duration>) {
        let wanted = u32::from(timeout != Some(Duration::ZERO));
        let wait = || {
            // Time over, an interruption, completions to be taken first: all are a return for nothing.
            let _ = self.enter(wanted, GETEVENTS, timeout.filter(|_| wanted > 0));
        };
        let Some(batches) = &self.reversed else { return wait() };
        // First what completes at once, which comes in order; what the kernel refuses goes in with the wait.
        let _ = self.submit();
        let before = self.count_completions();
        wait();
        batches.add(before..self.count_completions());
    }

    /// How many completions there are to take. Only for the ring of one thread, by that thread, which is its only consumer.
    fn count_completions(&self) -> usize {
        // SAFETY: so nobody moves the head meanwhile.
        unsafe { self.ring.completion_shared() }.len()
    }

    fn enter(&self, wanted: u32, flags: u32, timeout: Option<Duration>) -> io::Result<u32> {
        // SAFETY: the ring is that of the calling thread, so nobody pushes meanwhile.
        let staged = unsafe { self.ring.submission_shared() }.len() as u32;
        if staged == 0 && flags == 0 {
            return Ok(0);
        }
        self.enter_raw(staged, wanted, flags, timeout)
    }

    fn enter_raw(&self, submit: u32, wanted: u32, mut flags: u32, timeout: Option<Duration>) -> io::Result<u32> {
        if wanted > 0 && self.setup.no_iowait() {
            flags |= NO_IOWAIT;
        }
        let descriptor = match self.registered {
            Some((number, _)) => {
                flags |= REGISTERED_RING;
                number as i32
            }
            None => self.ring.as_raw_fd(),
        };
        let timespec = timeout.map(types::Timespec::from);
        let arguments = timespec.as_ref().map(|timespec| types::SubmitArgs::new().timespec(timespec));
        let (argument, size) = match &arguments {
            Some(arguments) => {
                flags |= EXT_ARG;
                (std::ptr::from_ref(arguments).cast::<libc::c_void>(), size_of_val(arguments))
            }
            None => (std::ptr::null(), 0),
        };
        // SAFETY: the descriptor is the ring's own; `SubmitArgs` is the kernel's structure, and it
        // and the time it points to live until the call returns. What staged entries point to is
        // valid by the contract of `push`.
        unsafe { enter(descriptor, submit, wanted, flags, argument, size) }
    }

    // ---- waking

    /// Has the kernel write to an eventfd when there is something to enter for.
    pub(super) fn register_bell(&self, eventfd: i32) -> bool {
        self.ring.submitter().register_eventfd(eventfd).is_ok()
    }

    pub(super) fn unregister_bell(&self) {
        // Fails if there is none.
        let _ = self.ring.submitter().unregister_eventfd();
    }

    /// The operation that a wake completes. It must be armed before a wait is announced.
    pub(super) fn wake_entry(&self) -> squeue::Entry {
        match &self.wake {
            Wake::Futex(word) => {
                opcode::FutexWait::new(word.as_ptr(), u64::from(word.load(SeqCst)), u64::from(u32::MAX), FUTEX_FLAGS)
                    .build()
            }
            Wake::Eventfd(descriptor) => {
                opcode::PollAdd::new(types::Fd(descriptor.as_raw_fd()), libc::POLLIN as u32).build()
            }
        }
    }

    /// Ends the present or next wait; from any thread.
    pub(super) fn signal(&self) {
        match &self.wake {
            Wake::Futex(word) => {
                word.fetch_add(1, SeqCst);
                // SAFETY: the word lives as long as the ring.
                unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, 1) };
            }
            Wake::Eventfd(descriptor) => {
                let _ = rustix::io::write(descriptor, &1u64.to_ne_bytes());
            }
        }
    }

    /// The wake operation has completed.
    pub(super) fn woken(&self) {
        if let Wake::Eventfd(descriptor) = &self.wake {
            let _ = rustix::io::read(descriptor, &mut [0; 8]);
        }
    }
}

fn register(ring: &IoUring) -> Option<(u32, Pid)> {
    let mut update = RingUpdate { offset: u32::MAX, reserved: 0, data: ring.as_raw_fd() as u64 };
    (register_call(ring, REGISTER_RING, &mut update) == 1).then(|| (update.offset, gettid()))
}

/// `struct io_uring_rsrc_update`.
#[repr(C)]
struct RingUpdate {
    offset: u32,
    reserved: u32,
    data: u64,
}

fn register_call(ring: &IoUring, operation: u32, update: &mut RingUpdate) -> i64 {
    // SAFETY: one update of the kernel's layout, alive until the call returns.
    unsafe { libc::syscall(libc::SYS_io_uring_register, ring.as_raw_fd(), operation, std::ptr::from_mut(update), 1) }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // The kernel takes the ring apart later. Its futex operation must not be there then, to
        // take the wake of somebody else whose futex lies where the word was.
        self.signal();
        // The registration would keep the ring until its thread ends. Another thread has none of
        // it, and under the same number perhaps one of its own.
        if let Some((number, _)) = self.registered.filter(|(_, thread)| *thread == gettid()) {
            register_call(&self.ring, UNREGISTER_RING, &mut RingUpdate { offset: number, reserved: 0, data: 0 });
        }
    }
}
