//! Signalling one object and waiting for another.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use overlapped::{Event, MutexObject, Semaphore, Waited, alertable, codes, wait};

use super::support;

const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn each_kind_is_signalled_in_its_way() {
    let _watch = support::driver();
    let (event, semaphore, mutex) = (Event::manual(), Semaphore::new(0, 1).unwrap(), MutexObject::owned().unwrap());
    let never = Event::manual();
    assert_eq!(wait::signal_and_wait(&event, &event, None).unwrap(), Waited::Object(0));
    assert_eq!(wait::signal_and_wait(&semaphore, &never, NOW).unwrap(), Waited::TimedOut);
    assert_eq!(wait::signal_and_wait(&mutex, &semaphore, NOW).unwrap(), Waited::Object(0));
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Object(0)));
    });
}

#[test]
fn what_cannot_be_signalled_ends_it() {
    let _watch = support::driver();
    let (full, free, set) = (Semaphore::new(1, 1).unwrap(), MutexObject::new(), Event::auto());
    set.set();
    assert_eq!(wait::signal_and_wait(&full, &set, None).unwrap_err().code(), codes::ERROR_TOO_MANY_POSTS);
    assert_eq!(alertable::signal_and_wait(&free, &set, None).unwrap_err().code(), codes::ERROR_NOT_OWNER);
    assert!(set.is_set(), "there was no wait");
}

#[test]
fn alertable_or_not() {
    let _watch = support::driver();
    let (signal, unset, ran) = (Event::manual(), Event::manual(), Arc::new(AtomicUsize::new(0)));
    let set = Event::new(overlapped::Reset::Manual, true);
    let apc = Arc::clone(&ran);
    alertable::current().queue(move || _ = apc.fetch_add(1, Ordering::SeqCst)).unwrap();
    assert_eq!(wait::signal_and_wait(&signal, &unset, Some(Duration::from_millis(10))).unwrap(), Waited::TimedOut);
    assert_eq!(alertable::signal_and_wait(&signal, &set, None).unwrap(), Waited::Object(0));
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    signal.reset();
    assert_eq!(alertable::signal_and_wait(&signal, &unset, None).unwrap(), Waited::Routines);
    assert_eq!(ran.load(Ordering::SeqCst), 1);
    assert!(signal.is_set());
}

#[test]
fn two_threads_in_step() {
    let _watch = support::driver();
    let (ping, pong, turns) = (Event::auto(), Event::auto(), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            wait::one(&ping, None).unwrap();
            for turn in 0..100 {
                assert_eq!(turns.fetch_add(1, Ordering::SeqCst), 2 * turn + 1);
                wait::signal_and_wait(&pong, &ping, None).unwrap();
            }
        });
        for turn in 0..100 {
            assert_eq!(turns.fetch_add(1, Ordering::SeqCst), 2 * turn);
            alertable::signal_and_wait(&ping, &pong, None).unwrap();
        }
        ping.set();
    });
    assert_eq!(turns.into_inner(), 200);
}
