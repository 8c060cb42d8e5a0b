//! Events, semaphores, mutexes and the waits for them (`04_waits`).

use std::thread;

use overlapped::{Event, MutexObject, Reset, Semaphore, Waitable, Waited, wait};

use super::super::support;
use super::{LONG, NOW, SHORT};

/// Whether a wait that only looks is satisfied; consumes what a wait consumes.
fn signalled(object: &dyn Waitable) -> bool {
    wait::one(object, NOW).unwrap() == Waited::Object(0)
}

#[test]
fn a_manual_reset_event() {
    let _watch = support::driver();
    let event = Event::manual();
    assert!(!signalled(&event));
    event.set();
    assert!(signalled(&event) && signalled(&event));
    event.reset();
    assert!(!signalled(&event));
    event.set();
    assert!(signalled(&event));
}

#[test]
fn an_auto_reset_event() {
    let _watch = support::driver();
    let event = Event::new(Reset::Auto, true);
    assert!(signalled(&event));
    assert!(!signalled(&event));
    event.set();
    event.set();
    assert!(signalled(&event));
    assert!(!signalled(&event), "twice set is once signalled");
}

#[test]
fn any_and_all_of_many() {
    let _watch = support::driver();
    let events = [(); 64].map(|()| Event::manual());
    let objects = events.each_ref().map(|event| event as &dyn Waitable);
    events[5].set();
    events[2].set();
    assert_eq!(wait::any(&objects[..10], LONG).unwrap(), Waited::Object(2));
    assert_eq!(wait::all(&objects[..3], SHORT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::any(&objects[..2], SHORT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::any(&objects[..2], NOW).unwrap(), Waited::TimedOut);
    events[63].set();
    events[2].reset();
    events[5].reset();
    assert_eq!(wait::any(&objects, LONG).unwrap(), Waited::Object(63));
}

#[test]
fn wait_all_takes_nothing_until_it_can_take_everything() {
    let _watch = support::driver();
    let (first, second) = (Event::new(Reset::Auto, true), Event::auto());
    assert_eq!(wait::all(&[&first, &second], SHORT).unwrap(), Waited::TimedOut);
    assert!(signalled(&first), "the set one was not consumed");
    first.set();
    second.set();
    assert_eq!(wait::all(&[&first, &second], SHORT).unwrap(), Waited::Object(0));
    assert!(!signalled(&first) && !signalled(&second));
    first.set();
    second.set();
    assert_eq!(wait::any(&[&first, &second], SHORT).unwrap(), Waited::Object(0));
    assert!(!signalled(&first) && signalled(&second), "only the first is consumed");
}

#[test]
fn a_wait_for_no_object() {
    let _watch = support::driver();
    let error = wait::any(&[], SHORT).unwrap_err();
    assert_eq!((error.code(), error.name()), (87, "WSA_INVALID_PARAMETER"));
    assert_eq!(support::code(&wait::all(&[], SHORT)), 87);
}

#[test]
fn the_same_event_twice() {
    let _watch = support::driver();
    let event = Event::manual();
    event.set();
    assert_eq!(wait::any(&[&event, &event], SHORT).unwrap(), Waited::Object(0));
}

#[test]
fn a_clone_is_the_same_event_and_outlives_it() {
    let _watch = support::driver();
    let event = Event::new(Reset::Manual, true);
    let clone = event.clone();
    clone.reset();
    assert!(!signalled(&event));
    drop(event);
    clone.set();
    assert!(signalled(&clone));
}

#[test]
fn a_semaphore() {
    let _watch = support::driver();
    let semaphore = Semaphore::new(1, 3).unwrap();
    assert_eq!(semaphore.release(2).unwrap(), 1, "the count before");
    let error = semaphore.release(1).unwrap_err();
    assert_eq!((error.code(), error.name()), (298, "ERROR_TOO_MANY_POSTS"));
    let mut waits = 0;
    while signalled(&semaphore) {
        waits += 1;
    }
    assert_eq!(waits, 3);
}

#[test]
fn a_mutex_and_its_owner() {
    let _watch = support::driver();
    let mutex = MutexObject::owned().unwrap();
    assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Object(0), "again by the owner");
    let other = mutex.clone();
    let error = thread::spawn(move || other.release().unwrap_err()).join().unwrap();
    assert_eq!((error.code(), error.name()), (288, "ERROR_NOT_OWNER"));
    assert_eq!([support::code(&mutex.release()), support::code(&mutex.release())], [0, 0]);
    assert_eq!(support::code(&mutex.release()), 288, "one too many");
}

/// A mutex whose owner has ended.
fn abandoned() -> MutexObject {
    let mutex = MutexObject::new();
    let owned = mutex.clone();
    thread::spawn(move || assert_eq!(wait::one(&owned, LONG).unwrap(), Waited::Object(0))).join().unwrap();
    mutex
}

#[test]
fn an_abandoned_mutex() {
    let _watch = support::driver();
    let mutex = abandoned();
    assert_eq!(wait::one(&mutex, LONG).unwrap(), Waited::Abandoned(0));
    assert_eq!(wait::one(&mutex, LONG).unwrap(), Waited::Object(0), "by the new owner");
}

#[test]
fn an_abandoned_mutex_among_others() {
    let _watch = support::driver();
    let (unset, mutex) = (Event::auto(), abandoned());
    assert_eq!(wait::any(&[&unset, &mutex], LONG).unwrap(), Waited::Abandoned(1));
}

/// Of `13_threads`, where two handles of one mutex come from its name.
#[test]
fn a_mutex_is_released_through_another_handle() {
    let _watch = support::driver();
    let mutex = MutexObject::new();
    let clone = mutex.clone();
    assert!(signalled(&mutex));
    assert_eq!(support::code(&clone.release()), 0);
    assert_eq!(support::code(&mutex.release()), 288, "it is free");
}
