//! Threads as objects to wait for (`04_waits`, `13_threads`).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use overlapped::{Event, Waited, alertable, wait};

use super::super::support;
use super::{LONG, NOW, SHORT};

#[test]
fn waiting_for_the_end_of_a_thread() {
    let _watch = support::driver();
    let argument = 41;
    let (thread, handle) = alertable::spawn(move || (argument + 1, thread::current().id())).unwrap();
    let id = handle.thread().id();
    assert_eq!(wait::one(&thread, LONG).unwrap(), Waited::Object(0));
    for _ in 0..2 {
        assert_eq!(wait::one(&thread, NOW).unwrap(), Waited::Object(0), "it stays signalled");
    }
    assert_eq!(handle.join().unwrap(), (42, id), "the exit code is what the function returns");
}

#[test]
fn waiting_for_the_end_of_all() {
    let _watch = support::driver();
    let [(first, seven), (second, nine)] = [7, 9].map(|code| alertable::spawn(move || code).unwrap());
    assert_eq!(wait::all(&[&first, &second], LONG).unwrap(), Waited::Object(0));
    assert_eq!((seven.join().unwrap(), nine.join().unwrap()), (7, 9));
}

#[test]
fn waiting_for_the_own_thread() {
    let _watch = support::driver();
    assert_eq!(wait::one(&alertable::current(), NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn a_suspended_thread() {
    let _watch = support::driver();
    let ran = Arc::new(AtomicBool::new(false));
    let function = Arc::clone(&ran);
    let suspended = alertable::suspended(move || function.store(true, Ordering::SeqCst));
    assert_eq!(wait::one(&suspended.thread(), SHORT).unwrap(), Waited::TimedOut, "it is alive");
    assert!(!ran.load(Ordering::SeqCst));
    let (thread, _) = suspended.resume().unwrap();
    assert_eq!(wait::one(&thread, LONG).unwrap(), Waited::Object(0));
    assert!(ran.load(Ordering::SeqCst));
}

#[test]
fn ping_pong_of_two_auto_reset_events() {
    let _watch = support::driver();
    let (ping, pong, turns) = (Event::auto(), Event::auto(), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..100 {
                assert_eq!(wait::one(&ping, LONG).unwrap(), Waited::Object(0));
                turns.fetch_add(1, Ordering::SeqCst);
                pong.set();
            }
        });
        for turn in 1..=100 {
            assert_eq!(wait::signal_and_wait(&ping, &pong, LONG).unwrap(), Waited::Object(0));
            assert_eq!(turns.load(Ordering::SeqCst), turn, "in step");
        }
    });
}
