//! Waits for all of several objects.

use super::{Of, check, core, join, spawn};
use crate::wait::{Goal, Waited, wait_as};

fn all(objects: &[Of; 2]) {
    let waited = wait_as(&core(), &Goal::All(&[&objects[0].0, &objects[1].0]), None);
    assert_eq!(waited, Waited::Object(0));
}

/// The last one that was missing wakes the wait, whoever sets which when; all are taken.
#[test]
fn the_last_that_was_missing_ends_the_wait() {
    check(|| {
        let objects = Of::autos();
        let setters = [0, 1].map(|index| {
            let object = objects[index].clone();
            spawn(move || object.set())
        });
        all(&objects);
        join(setters);
        assert!(!objects[0].left() && !objects[1].left());
    });
}

/// One that is taken back and set again is counted as missing just while it is.
#[test]
fn one_that_comes_and_goes_is_counted_right() {
    check(|| {
        let objects = Of::autos();
        let setter = spawn({
            let objects = objects.clone();
            move || {
                objects[0].set();
                objects[0].0.reset();
                objects[1].set();
                objects[0].set();
            }
        });
        all(&objects);
        setter.join().unwrap();
        assert!(!objects[0].left() && !objects[1].left());
    });
}

/// Two waits for the same objects take all or nothing, one after the other.
#[test]
fn two_waits_for_all_do_not_share() {
    check(|| {
        let objects = Of::autos();
        let waiter = |objects: &[Of; 2]| {
            all(objects);
            objects.iter().for_each(Of::set);
        };
        let other = spawn({
            let objects = objects.clone();
            move || waiter(&objects)
        });
        objects.iter().for_each(Of::set);
        waiter(&objects);
        other.join().unwrap();
        assert!(objects[0].left() && objects[1].left());
    });
}
