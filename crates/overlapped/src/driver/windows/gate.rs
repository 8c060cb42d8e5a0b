//! Where a thread blocks: one wait for what wakes it and for the driver's events.
//!
//! A wait takes 64 objects, so there is not an event for each operation: operations share a fixed
//! number of them, the *buckets*. One that is signalled says that something in it has completed. What
//! starts an operation resets its event, so whoever does so signals it again if others had completed.

use super::codes::last;
use super::slot::Slot;
use crate::driver::Attempt;
use crate::sync::real::lock;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64};
use std::time::Duration;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::{CreateEventW, INFINITE, SetEvent, SleepEx, WaitForMultipleObjectsEx};

/// One wait takes so many objects (`MAXIMUM_WAIT_OBJECTS`).
const OBJECTS: usize = 64;

/// So many buckets there are at most: one object is what wakes.
pub(super) const BUCKETS: usize = OBJECTS - 1;

pub(super) struct Gate {
    /// The gate of a thread's own driver: its routines come while it blocks here.
    alertable: bool,
    wake: Event,
    buckets: Mutex<Vec<Event>>,
    /// The buckets that were signalled and have not been looked into, a bit each.
    signalled: AtomicU64,
    /// What routines have brought, last first. Only the thread that the routines run on uses it.
    arrived: AtomicPtr<Slot>,
}

impl Gate {
    pub(super) fn new(alertable: bool) -> Attempt<Self> {
        Ok(Self {
            alertable,
            wake: Event::new()?,
            buckets: Mutex::default(),
            signalled: AtomicU64::new(0),
            arrived: AtomicPtr::new(ptr::null_mut()),
        })
    }

    /// Whether operations that can have a routine have one.
    pub(super) fn takes_routines(&self) -> bool {
        self.alertable
    }

    /// Makes one more bucket; a thread that is blocked already does not wait for it.
    pub(super) fn add_bucket(&self) -> Attempt<HANDLE> {
        let event = Event::new()?;
        let handle = event.handle();
        lock(&self.buckets).push(event);
        Ok(handle)
    }

    /// How many buckets there are; the last has the number below that.
    pub(super) fn count_buckets(&self) -> usize {
        lock(&self.buckets).len()
    }

    /// Whether there is something to harvest.
    pub(super) fn has_news(&self) -> bool {
        self.signalled.load(Relaxed) != 0 || !self.arrived.load(Relaxed).is_null()
    }

    /// The buckets to look into, a bit each.
    pub(super) fn take_signalled(&self) -> u64 {
        self.signalled.swap(0, Acquire)
    }

    /// Notes a completion; returns the one noted before. Called by a routine: it must not lock.
    pub(super) fn note(&self, slot: *const Slot) -> *const Slot {
        let before = self.arrived.load(Relaxed);
        self.arrived.store(slot.cast_mut(), Relaxed);
        before
    }

    /// The last completion noted.
    pub(super) fn take_arrived(&self) -> *const Slot {
        self.arrived.swap(ptr::null_mut(), Relaxed)
    }

    fn handles(&self) -> ([HANDLE; OBJECTS], usize) {
        let mut handles = [ptr::null_mut(); OBJECTS];
        let buckets = lock(&self.buckets);
        let present = std::iter::once(&self.wake).chain(&*buckets).map(Event::handle);
        let count = handles.iter_mut().zip(present).map(|(place, handle)| *place = handle).count();
        (handles, count)
    }
}

impl crate::driver::Gate for Gate {
    fn block(&self, timeout: Option<Duration>) {
        let (handles, count) = self.handles();
        let mut time = milliseconds(timeout);
        let mut next = 0;
        // A wait tells of the first signalled object only: the others behind it are asked for too,
        // or a busy one would hide them.
        while next < count {
            let rest = &handles[next..count];
            // SAFETY: the events live as long as the gate. No lock is held: routines may run.
            let ended =
                unsafe { WaitForMultipleObjectsEx(rest.len() as u32, rest.as_ptr(), 0, time, self.alertable.into()) };
            // Else the time was over, or routines have run: all that were queued.
            let Some(index) = Some(ended as usize).filter(|index| *index < rest.len()) else { return };
            next += index;
            if let Some(bucket) = next.checked_sub(1) {
                self.signalled.fetch_or(1 << bucket, AcqRel);
            }
            next += 1;
            time = 0;
        }
        if self.alertable {
            // A signalled object leaves routines queued.
            // SAFETY: as above.
            unsafe { SleepEx(0, 1) };
        }
    }

    fn wake(&self) {
        self.wake.set();
    }
}

/// The time of a wait: never shorter than asked for, unless it is weeks.
fn milliseconds(timeout: Option<Duration>) -> u32 {
    let Some(timeout) = timeout else { return INFINITE };
    timeout.as_nanos().div_ceil(1_000_000).min(u128::from(INFINITE - 1)) as u32
}

/// An auto-reset event of the system.
struct Event(OwnedHandle);

impl Event {
    fn new() -> Attempt<Self> {
        // SAFETY: no name and no attributes; the handle is this owner's alone.
        unsafe {
            let handle = CreateEventW(ptr::null(), 0, 0, ptr::null());
            if handle.is_null() { Err(last()) } else { Ok(Self(OwnedHandle::from_raw_handle(handle))) }
        }
    }

    fn handle(&self) -> HANDLE {
        self.0.as_raw_handle()
    }

    fn set(&self) {
        signal(self.handle());
    }
}

/// Signals an event that its gate keeps.
pub(super) fn signal(event: HANDLE) {
    // SAFETY: callers have the gate, or an operation of it. It cannot fail for an event.
    unsafe { SetEvent(event) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Gate as _;

    #[test]
    fn a_wait_is_not_shorter_than_asked_for() {
        assert_eq!(milliseconds(None), INFINITE);
        assert_eq!(milliseconds(Some(Duration::ZERO)), 0);
        assert_eq!(milliseconds(Some(Duration::from_nanos(1))), 1);
        assert_eq!(milliseconds(Some(Duration::from_micros(2001))), 3);
        assert_eq!(milliseconds(Some(Duration::MAX)), INFINITE - 1);
    }

    #[test]
    fn one_block_sees_every_signalled_bucket() {
        for alertable in [false, true] {
            let gate = Gate::new(alertable).expect("a gate");
            let buckets: Vec<_> = (0..BUCKETS).map(|_| gate.add_bucket().expect("a bucket")).collect();
            for bucket in [0, 7, BUCKETS - 1] {
                signal(buckets[bucket]);
            }
            gate.wake();
            gate.block(None);
            assert_eq!(gate.take_signalled(), 1 | 1 << 7 | 1 << (BUCKETS - 1));
            gate.block(Some(Duration::ZERO));
            assert!(!gate.has_news());
        }
    }
}
