//! What other threads may touch of a thread: its mailbox, its claim word and its parking place.

use crate::driver::Gate;
use crate::fork;
use crate::object::{Object, Serial};
use crate::op::OpRef;
use crate::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use crate::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize};
use crate::sync::{self, Condvar, Mutex, Sleeper, lock};
use std::collections::VecDeque;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Instant;

/// What other threads leave for a thread.
pub(crate) enum Mail {
    /// A completed operation whose routine is to run here.
    Done(OpRef),
    /// A user APC.
    Apc(Box<dyn FnOnce() + Send>),
    /// An operation in this thread's own driver is to be cancelled.
    Cancel(u64),
    /// It was then that what follows was left: timers that were due before come first.
    Time(Instant),
    /// A timer with a routine of this thread was set anew or cancelled.
    Discard(Serial),
}

struct Mailbox {
    mail: VecDeque<Mail>,
    closed: bool,
    /// When the thread must look at its timers with a routine.
    timer_due: Option<Instant>,
}

pub(crate) struct ThreadCore {
    /// A thread of a forked child; those of its parent are not there any more.
    in_child: bool,
    mailbox: Mutex<Mailbox>,
    has_mail: AtomicBool,
    /// Number of the current wait and how it stands, see [`ThreadCore::claim`].
    claim: AtomicU64,
    /// How many objects the current wait for all still misses, so that not each one wakes it.
    missing: AtomicUsize,
    /// Operations on events that the thread has issued and that have not completed.
    on_events: AtomicUsize,
    parked: AtomicU8,
    /// Operations of this thread that have become the heads of their lanes elsewhere: it must start them.
    starts: Mutex<Vec<OpRef>>,
    has_starts: AtomicBool,
    /// How to wake a thread that is parked in a driver.
    gate: Mutex<Option<Arc<dyn Gate>>>,
    token: Mutex<bool>,
    woken: Condvar,
    /// The mutexes that belong to the thread.
    held: Mutex<Vec<Weak<Object>>>,
    /// How others see whether the thread sleeps; known once it works for a port.
    sleeper: OnceLock<Sleeper>,
    /// Signalled for ever once the thread has ended.
    ended: OnceLock<Arc<Object>>,
}

// States of `parked`.
const RUNNING: u8 = 0;
const NOTIFIED: u8 = 1;
const IN_CONDVAR: u8 = 2;
const IN_GATE: u8 = 3;

// How a wait stands, in the low half of `claim`; a claimed one holds CLAIMED + index.
const OVER: u32 = 0;
const WAITING: u32 = 1;
const CLAIMED: u32 = 2;

impl ThreadCore {
    pub(crate) fn new() -> Self {
        Self {
            in_child: fork::in_child(),
            mailbox: Mutex::new(Mailbox { mail: VecDeque::new(), closed: false, timer_due: None }),
            has_mail: AtomicBool::new(false),
            claim: AtomicU64::new(0),
            missing: AtomicUsize::new(0),
            on_events: AtomicUsize::new(0),
            parked: AtomicU8::new(RUNNING),
            starts: Mutex::new(Vec::new()),
            has_starts: AtomicBool::new(false),
            gate: Mutex::new(None),
            token: Mutex::new(false),
            woken: Condvar::new(),
            held: Mutex::default(),
            sleeper: OnceLock::new(),
            ended: OnceLock::new(),
        }
    }

    /// Another owner of a core.
    ///
    /// # Safety
    ///
    /// `core` comes from `Arc::as_ptr` and is alive.
    pub(crate) unsafe fn share(core: NonNull<Self>) -> Arc<Self> {
        // SAFETY: the caller's promise; the count is raised for the owner made here.
        unsafe {
            Arc::increment_strong_count(core.as_ptr());
            Arc::from_raw(core.as_ptr())
        }
    }

    // ---- operations on events

    pub(crate) fn event_operation_issued(&self) {
        self.on_events.fetch_add(1, Relaxed);
    }

    pub(crate) fn event_operation_done(&self) {
        self.on_events.fetch_sub(1, Relaxed);
    }

    pub(crate) fn has_event_operations(&self) -> bool {
        self.on_events.load(Relaxed) > 0
    }

    // ---- mailbox

    /// Leaves mail and wakes the thread; gives back what an ending thread does not look at.
    pub(crate) fn post(&self, mail: Mail) -> Result<(), Mail> {
        if fork::in_child() != self.in_child {
            return Err(mail);
        }
        {
            let mut mailbox = lock(&self.mailbox);
            // Completed operations still come back to an ending thread: it waits for them.
            if mailbox.closed && matches!(mail, Mail::Apc(_) | Mail::Discard(_)) {
                return Err(mail);
            }
            if let Some(due) = mailbox.timer_due {
                let now = sync::now();
                if due <= now {
                    mailbox.mail.push_back(Mail::Time(now));
                }
            }
            mailbox.mail.push_back(mail);
            self.has_mail.store(true, Release);
        }
        self.unpark();
        Ok(())
    }

    pub(crate) fn has_mail(&self) -> bool {
        self.has_mail.load(Acquire)
    }

    pub(crate) fn take_mail(&self) -> VecDeque<Mail> {
        if !self.has_mail() {
            return VecDeque::new();
        }
        let mut mailbox = lock(&self.mailbox);
        self.has_mail.store(false, Relaxed);
        std::mem::take(&mut mailbox.mail)
    }

    /// Refuses APCs from now on.
    pub(crate) fn close(&self) {
        lock(&self.mailbox).closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.mailbox).closed
    }

    /// Notes when the first of the thread's timers with a routine is due.
    pub(crate) fn set_timer_due(&self, due: Option<Instant>) {
        lock(&self.mailbox).timer_due = due;
    }

    // ---- what belongs to the thread, and its end

    /// A mutex has become the thread's.
    pub(crate) fn holds(&self, mutex: &Arc<Object>) {
        let mut held = lock(&self.held);
        if held.len() == held.capacity() {
            // Those that the program has dropped while they were its own.
            held.retain(|mutex| mutex.strong_count() > 0);
        }
        held.push(Arc::downgrade(mutex));
    }

    pub(crate) fn holds_no_longer(&self, mutex: &Arc<Object>) {
        let mut held = lock(&self.held);
        if let Some(index) = held.iter().rposition(|held| std::ptr::eq(held.as_ptr(), Arc::as_ptr(mutex))) {
            held.swap_remove(index);
        }
    }

    pub(crate) fn ended(&self) -> &Arc<Object> {
        self.ended.get_or_init(|| Arc::new(Object::event(false, false)))
    }

    /// The thread has ended: its mutexes are abandoned, and who waits for it goes on.
    pub(crate) fn finish(self: &Arc<Self>) {
        self.leave_gate();
        let held = std::mem::take(&mut *lock(&self.held));
        for mutex in held.iter().filter_map(Weak::upgrade) {
            mutex.abandon(self);
        }
        self.ended().set();
    }

    /// Lets others see whether the thread sleeps; called by itself.
    pub(crate) fn show(&self) {
        self.sleeper.get_or_init(Sleeper::current);
    }

    /// Whether the thread sleeps, wherever that may be, as far as can be seen.
    pub(crate) fn sleeps(&self) -> bool {
        self.sleeper.get().is_none_or(Sleeper::sleeps)
    }

    // ---- operations to be started

    /// Leaves an operation to be started, and wakes the thread.
    pub(crate) fn leave_start(&self, op: OpRef) {
        {
            let mut starts = lock(&self.starts);
            starts.push(op);
            self.has_starts.store(true, Release);
        }
        self.unpark();
    }

    /// Takes that back, if the thread has not come to it.
    pub(crate) fn take_back_start(&self, op: OpRef) -> bool {
        let mut starts = lock(&self.starts);
        let position = starts.iter().position(|left| *left == op);
        position.map(|position| starts.remove(position)).is_some()
    }

    pub(crate) fn has_starts(&self) -> bool {
        self.has_starts.load(Acquire)
    }

    /// What the thread must start; each is its affair from now on.
    pub(crate) fn take_starts(&self) -> Vec<OpRef> {
        if !self.has_starts() {
            return Vec::new();
        }
        let mut starts = lock(&self.starts);
        self.has_starts.store(false, Relaxed);
        std::mem::take(&mut starts)
    }

    // ---- claim: which object satisfied the current wait

    /// Begins a wait; its number makes old registrations harmless.
    pub(crate) fn begin_wait(&self) -> u32 {
        let wait = ((self.claim.load(Relaxed) >> 32) as u32).wrapping_add(1);
        self.missing.store(0, Relaxed);
        self.claim.store(pack(wait, WAITING), Release);
        wait
    }

    /// Satisfies the wait with an object, unless it is over or satisfied already.
    pub(crate) fn claim(&self, wait: u32, index: u32) -> bool {
        self.claim.compare_exchange(pack(wait, WAITING), pack(wait, CLAIMED + index), AcqRel, Relaxed).is_ok()
    }

    /// The object that satisfied the current wait.
    pub(crate) fn claimed(&self) -> Option<usize> {
        (self.claim.load(Acquire) as u32).checked_sub(CLAIMED).map(|index| index as usize)
    }

    /// Ends the current wait without an object; `false` if one has satisfied it.
    pub(crate) fn abandon(&self, wait: u32) -> bool {
        self.claim.compare_exchange(pack(wait, WAITING), pack(wait, OVER), AcqRel, Relaxed).is_ok()
    }

    /// An object of a wait for all is not signalled, or no longer.
    pub(crate) fn misses_one_more(&self) {
        self.missing.fetch_add(1, AcqRel);
    }

    /// One of them is signalled; whether it was the last.
    pub(crate) fn misses_one_less(&self) -> bool {
        self.missing.fetch_sub(1, AcqRel) == 1
    }

    // ---- parking

    /// Blocks in the condition variable until `unpark` or the deadline; whether somebody has unparked the thread.
    pub(crate) fn park(&self, deadline: Option<Instant>) -> bool {
        if self.announce(IN_CONDVAR) {
            let mut token = lock(&self.token);
            while !*token {
                let left = deadline.map(|deadline| deadline.saturating_duration_since(sync::now()));
                if left.is_some_and(|left| left.is_zero()) {
                    break;
                }
                token = sync::wait(&self.woken, &self.token, token, left);
            }
            *token = false;
        }
        self.parked.swap(RUNNING, SeqCst) == NOTIFIED
    }

    /// Blocks in a driver: `block` is called unless somebody has unparked the thread already.
    ///
    /// The gate must be prepared, so that a wake from now on ends the block.
    pub(crate) fn park_in(&self, gate: &Arc<dyn Gate>, block: impl FnOnce()) {
        {
            let mut place = lock(&self.gate);
            if !place.as_ref().is_some_and(|place| Arc::ptr_eq(place, gate)) {
                *place = Some(Arc::clone(gate));
            }
        }
        if self.announce(IN_GATE) {
            block();
        }
        self.parked.swap(RUNNING, SeqCst);
    }

    fn announce(&self, place: u8) -> bool {
        self.parked.compare_exchange(RUNNING, place, SeqCst, SeqCst).is_ok()
    }

    /// Makes the thread's present or next parking return. No system call if it is not parked.
    pub(crate) fn unpark(&self) {
        match self.parked.swap(NOTIFIED, SeqCst) {
            IN_CONDVAR => {
                *lock(&self.token) = true;
                self.woken.notify_one();
            }
            IN_GATE => {
                // Not under the lock, which the thread takes when it parks again.
                let gate = lock(&self.gate).clone();
                if let Some(gate) = gate {
                    gate.wake();
                }
            }
            _ => {}
        }
    }

    /// Lets go of the driver at the end of the thread.
    pub(crate) fn leave_gate(&self) {
        *lock(&self.gate) = None;
    }
}

fn pack(wait: u32, state: u32) -> u64 {
    u64::from(wait) << 32 | u64::from(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_claimed_once() {
        let thread = ThreadCore::new();
        let wait = thread.begin_wait();
        assert_eq!(thread.claimed(), None);
        assert!(thread.claim(wait, 3));
        assert!(!thread.claim(wait, 4));
        assert!(!thread.abandon(wait));
        assert_eq!(thread.claimed(), Some(3));
    }

    #[test]
    fn an_old_wait_cannot_be_claimed() {
        let thread = ThreadCore::new();
        let old = thread.begin_wait();
        assert!(thread.abandon(old));
        let new = thread.begin_wait();
        assert!(!thread.claim(old, 0));
        assert!(thread.claim(new, 0));
    }

    #[test]
    fn an_unpark_before_the_park_is_not_lost() {
        let thread = ThreadCore::new();
        thread.unpark();
        thread.park(None);
    }

    #[test]
    fn an_ending_thread_takes_no_apcs() {
        let thread = ThreadCore::new();
        assert!(thread.post(Mail::Apc(Box::new(|| {}))).is_ok());
        thread.close();
        assert!(thread.post(Mail::Apc(Box::new(|| {}))).is_err());
        assert!(thread.post(Mail::Cancel(1)).is_ok());
        assert_eq!(thread.take_mail().len(), 2);
    }
}
