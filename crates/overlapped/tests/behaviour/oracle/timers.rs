//! Waitable timers, and those with a routine (`13_timers_pool`).

use std::cell::Cell;
use std::rc::Rc;
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use overlapped::{Timer, Waited, alertable, wait};

use super::super::support;
use super::{LONG, NOW};

const TICK: Duration = Duration::from_millis(10);
const FAR: Duration = Duration::from_secs(1000);

fn signalled(timer: &Timer) -> bool {
    wait::one(timer, NOW).unwrap() == Waited::Object(0)
}

#[test]
fn a_manual_reset_timer() {
    let _watch = support::driver();
    let timer = Timer::manual();
    assert!(!signalled(&timer));
    timer.set(FAR, None);
    assert!(!signalled(&timer), "not yet");
    let start = Instant::now();
    timer.set(TICK, None);
    assert_eq!(wait::one(&timer, LONG).unwrap(), Waited::Object(0));
    assert!(start.elapsed() >= TICK);
    assert!(signalled(&timer), "it stays so");
    timer.set(FAR, None);
    assert!(!signalled(&timer), "set again");
}

#[test]
fn an_auto_reset_timer() {
    let _watch = support::driver();
    let timer = Timer::auto();
    timer.set(TICK, None);
    assert_eq!(wait::one(&timer, LONG).unwrap(), Waited::Object(0));
    assert!(!signalled(&timer), "consumed");
}

#[test]
fn a_periodic_timer() {
    let _watch = support::driver();
    let timer = Timer::auto();
    let start = Instant::now();
    timer.set(TICK, Some(2 * TICK));
    for due in [1, 3, 5] {
        assert_eq!(wait::one(&timer, LONG).unwrap(), Waited::Object(0));
        assert!(start.elapsed() >= due * TICK);
    }
    timer.cancel();
}

#[test]
fn due_at_once() {
    let _watch = support::driver();
    let timer = Timer::auto();
    timer.set(Duration::ZERO, None);
    assert_eq!(wait::one(&timer, NOW).unwrap(), Waited::Object(0));
}

#[test]
fn a_timer_with_a_routine() {
    let _watch = support::driver();
    let timer = Timer::manual();
    let calls: Rc<Cell<Vec<ThreadId>>> = Rc::default();
    // What a C program passes as the argument is what the routine has captured.
    let argument = Rc::clone(&calls);
    let routine = move || argument.set([argument.take(), vec![thread::current().id()]].concat());
    timer.set_with(2 * TICK, None, routine).unwrap();
    thread::sleep(10 * TICK);
    assert_eq!(calls.take(), []);
    assert!(signalled(&timer), "the timer is signalled all the same");
    assert_eq!(alertable::sleep(LONG).unwrap(), Waited::Routines);
    assert_eq!(calls.take(), [thread::current().id()], "one call, on this thread");
}

#[test]
fn a_cancelled_timer() {
    let _watch = support::driver();
    let timer = Timer::manual();
    timer.set_with(3 * TICK, None, || unreachable!("it was cancelled")).unwrap();
    timer.cancel();
    assert_eq!(alertable::sleep(Some(5 * TICK)).unwrap(), Waited::TimedOut);
}
