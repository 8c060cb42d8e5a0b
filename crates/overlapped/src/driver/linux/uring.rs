//! The `uring` driver: operations are submitted to io_uring and complete there.
//!
//! A thread's own ring is `SINGLE_ISSUER | DEFER_TASKRUN`: the kernel produces its completions
//! only when the thread enters to get them, which is when it waits alertably. Receives are staged
//! and go in with that same call. The shared ring is `COOP_TASKRUN`: whoever waits gets the
//! completions of all.

mod half_closed;
mod order;
mod probe;
mod ring;

pub(super) use probe::{Setup, check_mask, probe};

use super::codes::{failed, result};
use super::message;
use super::network::polled;
use crate::codes;
use crate::driver::{Alarm, Attempt, Done, Driver, Gate, Io, Key};
use half_closed::HalfClosed;
use io_uring::{cqueue, opcode, squeue, types};
use ring::Ring;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// `user_data` of the operation that wakes; no key has it.
const WAKE: u64 = u64::MAX;
/// The key of cancels, whose own result nobody needs.
const CANCEL: Key = Key(u64::MAX - 1);

/// The key of the watch of half-closed sockets.
const HALF_CLOSED: Key = Key(u64::MAX - 2);

/// `IORING_RECVSEND_POLL_FIRST`: do not try before the socket is ready.
const POLL_FIRST: u16 = 1;

pub(super) fn open(setup: Setup, shared: bool) -> io::Result<(Box<dyn Driver>, Arc<dyn Gate>)> {
    let ring = Arc::new(Ring::new(setup, shared)?);
    let driver = Uring {
        ring: Arc::clone(&ring),
        wake_armed: false,
        staged: Vec::new(),
        cancelled: Vec::new(),
        half_closed: None,
    };
    Ok((Box::new(driver), ring))
}

struct Uring {
    ring: Arc<Ring>,
    wake_armed: bool,
    /// Operations that the kernel does not know of, which a cancel just takes out, and cancels of others.
    staged: Vec<(Key, squeue::Entry)>,
    /// Those taken out, to be harvested.
    cancelled: Vec<Done>,
    half_closed: Option<HalfClosed>,
}

/// So many staged operations go to the kernel before anybody waits. Each cancel searches them, so there are never more.
const MANY: usize = 64;

impl Uring {
    fn stage(&mut self, key: Key, entry: squeue::Entry) {
        self.staged.push((key, entry));
        if self.staged.len() >= MANY {
            // Taken is taken: what does not fit now goes with a later wait.
            self.push_staged();
        }
    }

    /// Puts what is staged into the submission queue; what does not fit stays for the next wait.
    fn push_staged(&mut self) {
        while !self.staged.is_empty() {
            let entries = self.staged.iter().map(|(_, entry)| entry);
            // SAFETY: the driver is used under its home's lock, which makes this the only producer,
            // and what the entries point to stays valid by the contract of `start`.
            let pushed = unsafe { self.ring.push(entries) };
            self.staged.drain(..pushed);
            // Full: the kernel takes what is there. It may want its completions taken first, which
            // needs no wait: it keeps those that do not fit.
            if !self.staged.is_empty() && self.ring.submit().is_err() {
                return;
            }
        }
    }

    /// Watches for room on a socket whose peer has ended its direction.
    fn watch_half_closed(&mut self, key: Key, raw: i32) -> io::Result<()> {
        let half_closed = match &mut self.half_closed {
            Some(half_closed) => half_closed,
            none => none.insert(HalfClosed::new()?),
        };
        half_closed.start(key, raw)?;
        self.arm_half_closed();
        Ok(())
    }

    fn arm_half_closed(&mut self) {
        let Some(half_closed) = self.half_closed.as_mut().filter(|watch| !watch.armed && !watch.is_empty()) else {
            return;
        };
        half_closed.armed = true;
        let entry = opcode::PollAdd::new(types::Fd(half_closed.raw()), libc::POLLIN as u32).build();
        self.stage(HALF_CLOSED, entry.user_data(HALF_CLOSED.0));
    }
}

impl Driver for Uring {
    unsafe fn start(&mut self, key: Key, raw: i32, io: Io) -> Attempt<()> {
        let socket = types::Fd(raw);
        let poll = |mask: i16| opcode::PollAdd::new(socket, mask as u32).build();
        let entry = match io {
            Io::Receive { buffer, length, eager } => {
                opcode::Recv::new(socket, buffer, length).ioprio(if eager { 0 } else { POLL_FIRST }).build()
            }
            Io::Send { buffer, length } => opcode::Send::new(socket, buffer, length).flags(libc::MSG_NOSIGNAL).build(),
            Io::ReceiveMessage { message, eager } => opcode::RecvMsg::new(socket, message::header(message, true))
                .flags(libc::MSG_CMSG_CLOEXEC as u32)
                .ioprio(if eager { 0 } else { POLL_FIRST })
                .build(),
            Io::SendMessage { message } => {
                opcode::SendMsg::new(socket, message::header(message, false)).flags(libc::MSG_NOSIGNAL as u32).build()
            }
            Io::Accept => opcode::Accept::new(socket, std::ptr::null_mut(), std::ptr::null_mut())
                .flags(libc::SOCK_CLOEXEC)
                .build(),
            Io::Readable => poll(libc::POLLIN),
            Io::Connect => poll(libc::POLLOUT),
            Io::Watch { events } if half_closed::concerns(raw, events) => {
                return self.watch_half_closed(key, raw).map_err(failed);
            }
            Io::Watch { events } => poll(polled(events).bits() as i16),
        };
        self.stage(key, entry.user_data(key.0));
        Ok(())
    }

    fn cancel(&mut self, key: Key, _raw: i32) {
        if let Some(position) = self.staged.iter().position(|(staged, _)| *staged == key) {
            self.staged.remove(position);
            self.cancelled.push(Done { key, result: -codes::WSA_OPERATION_ABORTED, more: false });
            return;
        }
        if self.half_closed.as_mut().is_some_and(|half_closed| half_closed.end(key)) {
            self.cancelled.push(Done { key, result: -codes::WSA_OPERATION_ABORTED, more: false });
            return;
        }
        self.stage(CANCEL, opcode::AsyncCancel::new(key.0).build().user_data(CANCEL.0));
    }

    fn flush(&mut self) -> bool {
        self.push_staged();
        // The kernel wakes who waits in the ring. What it refuses (being short of memory, say) they must try again.
        let _ = self.ring.submit();
        // SAFETY: the driver is used under its home's lock, which makes this the only producer.
        !self.cancelled.is_empty() || !self.staged.is_empty() || unsafe { self.ring.has_submissions() }
    }

    fn prepare(&mut self) {
        self.push_staged();
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
        !self.wake_armed || !self.cancelled.is_empty() || unsafe { self.ring.has_completions() }
    }

    fn harvest(&mut self, done: &mut Vec<Done>) {
        done.append(&mut self.cancelled);
        let ring = Arc::clone(&self.ring);
        let mut room = false;
        // SAFETY: the driver is used under its home's lock, which makes this the only consumer.
        unsafe {
            ring.completions(|entry: &cqueue::Entry| match entry.user_data() {
                WAKE => {
                    self.wake_armed = false;
                    ring.woken();
                }
                key if key == CANCEL.0 => {}
                key if key == HALF_CLOSED.0 => room = true,
                key => done.push(Done {
                    key: Key(key),
                    result: result(entry.result()),
                    more: cqueue::sock_nonempty(entry.flags()),
                }),
            });
        }
        if let Some(half_closed) = self.half_closed.as_mut().filter(|_| room) {
            half_closed.harvest(done);
            self.arm_half_closed();
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

#[cfg(all(test, not(miri), not(any(loom, shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn of_thousands_of_cancels_few_are_left_to_search() {
        let setup = match probe("") {
            Ok(setup) => setup,
            Err(refusal) if std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_some() => panic!("{refusal:?}"),
            Err(_) => return,
        };
        let ring = Arc::new(Ring::new(setup, false).unwrap());
        let mut driver =
            Uring { ring, wake_armed: false, staged: Vec::new(), cancelled: Vec::new(), half_closed: None };
        for slot in 0..9000 {
            // The kernel knows none of them, and says so to nobody.
            driver.cancel(Key::new(slot, 1), -1);
            assert!(driver.staged.len() < MANY, "{}", driver.staged.len());
        }
    }
}
