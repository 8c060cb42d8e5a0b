//! Timer queues.

use super::watch::Watched;
use super::{Member, Pool, WT_EXECUTEONLYONCE, insert};
use crate::abi::{Bool, Dword, Handle, INVALID, Pointer, TRUE};
use crate::codes;
use crate::error::{Code, no};
use crate::handle::{self, Object};
use crate::kernel::lookup;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// `WAITORTIMERCALLBACK`.
pub(super) type Callback = unsafe extern "C-unwind" fn(Pointer, u8);

/// A queue: its timers end with it.
#[derive(Default)]
pub struct Queue(Mutex<Timers>);

#[derive(Default)]
struct Timers {
    all: Vec<(Handle, Arc<QueueTimer>)>,
    deleted: bool,
}

/// A timer of a queue.
pub struct QueueTimer {
    queue: Arc<Queue>,
    watched: Arc<Watched>,
    once: bool,
}

/// The queue of timers that are in no other.
static DEFAULT: LazyLock<Arc<Queue>> = LazyLock::new(Arc::default);

impl Queue {
    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn queue(handle: Handle) -> Result<Arc<Queue>, Code> {
    match handle {
        0 => Ok(Arc::clone(&DEFAULT)),
        _ => match handle::get(handle) {
            Some(Object::Pool(Member::TimerQueue(queue))) => Ok(queue),
            _ => Err(codes::ERROR_INVALID_HANDLE),
        },
    }
}

fn timer(queue: Handle, handle: Handle) -> Result<Arc<QueueTimer>, Code> {
    let queue = self::queue(queue)?;
    match handle::get(handle) {
        Some(Object::Pool(Member::QueueTimer(timer))) if Arc::ptr_eq(&timer.queue, &queue) => Ok(timer),
        _ => Err(codes::ERROR_INVALID_HANDLE),
    }
}

fn after(milliseconds: Dword) -> Option<Instant> {
    Instant::now().checked_add(Duration::from_millis(milliseconds.into()))
}

fn every(milliseconds: Dword) -> Option<Duration> {
    (milliseconds != 0).then(|| Duration::from_millis(milliseconds.into()))
}

/// `CreateTimerQueue`.
#[unsafe(no_mangle)]
pub extern "C" fn CreateTimerQueue() -> Handle {
    insert(Member::TimerQueue(Arc::default()))
}

fn create(
    queue: Handle,
    callback: Option<Callback>,
    context: Pointer,
    due: Dword,
    period: Dword,
    flags: Dword,
    made: impl FnOnce(Handle),
) -> Result<(), Code> {
    let callback = callback.ok_or(codes::ERROR_INVALID_PARAMETER)?;
    let queue = self::queue(queue)?;
    let context = context as usize;
    let watched = Watched::new(Pool::shared(), flags, move |_| {
        // SAFETY: the program has made the timer with this function and argument, to be called so.
        unsafe { callback(context as Pointer, 1) }
    });
    let period = if flags & WT_EXECUTEONLYONCE == 0 { every(period) } else { None };
    let timer = Arc::new(QueueTimer { queue, watched, once: period.is_none() });
    let mut timers = timer.queue.timers();
    if timers.deleted {
        return Err(codes::ERROR_INVALID_HANDLE);
    }
    let handle = insert(Member::QueueTimer(Arc::clone(&timer)));
    timers.all.push((handle, Arc::clone(&timer)));
    drop(timers);
    // A call may come at once, and look for the handle where it belongs.
    made(handle);
    timer.watched.at(after(due), period).inspect_err(|_| forget(handle, &timer))
}

/// Takes a timer out of its queue.
fn forget(handle: Handle, timer: &QueueTimer) {
    handle::remove(handle);
    timer.queue.timers().all.retain(|(other, _)| *other != handle);
}

/// `CreateTimerQueueTimer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn CreateTimerQueueTimer(
    made: *mut Handle,
    queue: Handle,
    callback: Option<Callback>,
    context: Pointer,
    due: Dword,
    period: Dword,
    flags: Dword,
) -> Bool {
    if made.is_null() {
        return no(codes::ERROR_INVALID_PARAMETER);
    }
    let made = |handle| {
        // SAFETY: not null, so it is the caller's variable.
        unsafe { made.write(handle) };
    };
    create(queue, callback, context, due, period, flags, made).map_or_else(no, |()| TRUE)
}

/// `ChangeTimerQueueTimer`. One that is over stays so.
#[unsafe(no_mangle)]
pub extern "C" fn ChangeTimerQueueTimer(queue: Handle, handle: Handle, due: Dword, period: Dword) -> Bool {
    match timer(queue, handle) {
        Ok(timer) if timer.once && !timer.watched.is_set() => TRUE,
        Ok(timer) => timer.watched.at(after(due), every(period)).map_or_else(no, |()| TRUE),
        Err(code) => no(code),
    }
}

/// `DeleteTimerQueueTimer`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn DeleteTimerQueueTimer(queue: Handle, handle: Handle, completion: Handle) -> Bool {
    if completion != 0 && completion != INVALID {
        if let Err(code) = lookup::event(completion) {
            return no(code);
        }
    }
    match timer(queue, handle) {
        Ok(timer) => {
            timer.watched.stop();
            forget(handle, &timer);
            timer.watched.callbacks().end(completion)
        }
        Err(code) => no(code),
    }
}

/// `DeleteTimerQueueEx`, with all its timers.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn DeleteTimerQueueEx(handle: Handle, completion: Handle) -> Bool {
    let event = match completion {
        0 | INVALID => None,
        event => match lookup::event(event) {
            Ok(event) => Some(event),
            Err(code) => return no(code),
        },
    };
    let queue = match handle {
        0 => return no(codes::ERROR_INVALID_HANDLE),
        _ => match queue(handle) {
            Ok(queue) => queue,
            Err(code) => return no(code),
        },
    };
    handle::remove(handle);
    let timers = {
        let mut timers = queue.timers();
        timers.deleted = true;
        std::mem::take(&mut timers.all)
    };
    for (handle, timer) in &timers {
        timer.watched.stop();
        handle::remove(*handle);
    }
    if completion == INVALID {
        for (_, timer) in &timers {
            timer.watched.callbacks().cancel();
            timer.watched.callbacks().wait();
        }
    }
    if let Some(event) = event {
        tell_after(timers.into_iter().map(|(_, timer)| timer).collect(), &event);
    }
    TRUE
}

/// Sets an event when no call of these timers is under way.
fn tell_after(timers: Vec<Arc<QueueTimer>>, event: &overlapped::Event) {
    if timers.iter().all(|timer| timer.watched.callbacks().is_idle()) {
        return event.set();
    }
    let timers = Arc::new(timers);
    let (told, theirs) = (event.clone(), Arc::clone(&timers));
    // A thread of the pool waits for them; without one this thread does.
    if Pool::shared().submit(move || end_of_all(&theirs, &told)).is_err() {
        end_of_all(&timers, event);
    }
}

fn end_of_all(timers: &[Arc<QueueTimer>], event: &overlapped::Event) {
    timers.iter().for_each(|timer| timer.watched.callbacks().wait());
    event.set();
}

/// `DeleteTimerQueue`.
#[unsafe(no_mangle)]
pub extern "C-unwind" fn DeleteTimerQueue(queue: Handle) -> Bool {
    DeleteTimerQueueEx(queue, 0)
}
