//! Events and the waits for them (`04_waits`).

use overlapped::{Event, Reset, Waitable, Waited, wait};

use super::super::support;
use super::{LONG, NOW, SHORT};

/// Whether a wait that only looks is satisfied; consumes what a wait consumes.
fn signalled(event: &Event) -> bool {
    wait::one(event, NOW).unwrap() == Waited::Object(0)
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
