//! The `uring` driver: the receives, accepts and connects of one thread are submitted to io_uring and complete there.
//!
//! A ring is its thread's own, `SINGLE_ISSUER | DEFER_TASKRUN`: the kernel produces its completions
//! only when the thread enters to get them, which is when it waits alertably. Receives are staged
//! and go in with that same call.

mod enter;
mod order;
mod probe;
mod ring;
mod staged;

pub(super) use probe::{Setup, check_mask, probe};

use super::codes::result;
use super::message;
use crate::codes;
use crate::driver::{Alarm, Attempt, Done, Driver, Gate, Io, Key};
use io_uring::{cqueue, opcode, types};
use ring::Ring;
use staged::Staged;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// `user_data` of the operation that wakes; no key has it.
const WAKE: u64 = u64::MAX;
/// The key of cancels, whose own result nobody needs.
const CANCEL: Key = Key(u64::MAX - 1);

/// A driver for the calling thread.
pub(super) fn open(setup: Setup) -> io::Result<(Box<dyn Driver>, Arc<dyn Gate>)> {
    let ring = Arc::new(Ring::new(setup)?);
    let driver = Uring { ring: Arc::clone(&ring), wake_armed: false, staged: Staged::default(), cancelled: Vec::new() };
    Ok((Box::new(driver), ring))
}

struct Uring {
    ring: Arc<Ring>,
    wake_armed: bool,
    /// Operations that a cancel just takes out, and cancels of others.
    staged: Staged,
    /// Those taken out, to be harvested.
    cancelled: Vec<Done>,
}

impl Uring {
    /// Puts what is staged into the submission queue, at most so much; what does not fit stays for the next wait.
    fn push_staged(&mut self, most: usize) {
        let mut left = most.min(self.staged.len());
        while left > 0 {
            // SAFETY: the driver is used under its home's lock, which makes this the only producer,
            // and what the entries point to stays valid by the contract of `start`.
            let pushed = unsafe { self.ring.push(self.staged.iter().take(left)) };
            self.staged.drop_first(pushed);
            left -= pushed;
            // Full: the kernel takes what is there. It may want its completions taken first, which
            // needs no wait: it keeps those that do not fit.
            if left > 0 && self.ring.submit().is_err() {
                return;
            }
        }
    }
}

impl Driver for Uring {
    unsafe fn start(&mut self, key: Key, raw: i32, io: Io) -> Attempt<()> {
        let socket = types::Fd(raw);
        let poll = |mask: i16| opcode::PollAdd::new(socket, mask as u32).build();
        let entry = match io {
            Io::Receive { buffer, length } => opcode::Recv::new(socket, buffer, length).build(),
            Io::ReceiveMessage { message } => opcode::RecvMsg::new(socket, message::header(message, true))
                .flags(libc::MSG_CMSG_CLOEXEC as u32)
                .build(),
            Io::Accept => opcode::Accept::new(socket, std::ptr::null_mut(), std::ptr::null_mut())
                .flags(libc::SOCK_CLOEXEC)
                .build(),
            Io::Readable => poll(libc::POLLIN),
            Io::Connect => poll(libc::POLLOUT),
            Io::Send { .. } | Io::SendMessage { .. } | Io::Watch { .. } => {
                unreachable!("they go on whatever a thread does, so no thread's own driver has them")
            }
        };
        self.staged.add(key, entry.user_data(key.0));
        Ok(())
    }

    fn cancel(&mut self, key: Key, _raw: i32) {
        if self.staged.remove(key) {
            self.cancelled.push(Done { key, result: -codes::WSA_OPERATION_ABORTED, more: false });
            return;
        }
        self.staged.add_for_good(CANCEL, opcode::AsyncCancel::new(key.0).build().user_data(CANCEL.0));
    }

    fn flush(&mut self) -> bool {
        self.push_staged(usize::MAX);
        // What the kernel refuses (being short of memory, say) goes in with the next wait, and nobody else blocks in this ring.
        let _ = self.ring.submit();
        false
    }

    fn prepare(&mut self, most: usize) {
        self.push_staged(most);
        if !self.wake_armed && self.staged.is_empty() {
            let entry = self.ring.wake_entry().user_data(WAKE);
            // SAFETY: as in `push_staged`; the word it points to is the ring's own.
            let push = || unsafe { self.ring.push(std::iter::once(&entry)) } == 1;
            self.wake_armed = push() || self.ring.submit().is_ok() && push();
        }
    }

    fn is_ready(&self) -> bool {
        // Who could not be woken must not block.
        // SAFETY: the driver is used under its home's lock, which makes this the only consumer.
        !self.wake_armed
            || !self.staged.is_empty()
            || !self.cancelled.is_empty()
            || unsafe { self.ring.has_completions() }
    }

    fn harvest(&mut self, done: &mut Vec<Done>) {
        done.append(&mut self.cancelled);
        let ring = Arc::clone(&self.ring);
        // SAFETY: the driver is used under its home's lock, which makes this the only consumer.
        unsafe {
            ring.completions(|entry: &cqueue::Entry| match entry.user_data() {
                WAKE => {
                    self.wake_armed = false;
                    ring.woken();
                }
                key if key == CANCEL.0 => {}
                key => done.push(Done { key: Key(key), result: result(entry.result()), more: false }),
            });
        }
    }

    fn forget(&mut self, _raw: i32) {}
}

impl Gate for Ring {
    fn block(&self, timeout: Option<Duration>) {
        self.enter_and_wait(timeout);
    }

    fn wake(&self) {
        self.signal();
    }

    /// The descriptor of a ring with `DEFER_TASKRUN` cannot be relied on to tell of work that waits for its thread; an
    /// eventfd that is registered is told of both, work and completions.
    fn alarm(&self, bell: i32) -> Alarm {
        if self.register_bell(bell) { Alarm::Bell } else { Alarm::Silent }
    }

    fn end_alarm(&self) {
        self.unregister_bell();
    }
}
