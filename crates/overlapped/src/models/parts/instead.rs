//! A wait that one object has claimed and that finds a lower one signalled.

use super::{Of, any, check, core, spawn};
use crate::object::Object;

/// Two waits that list the same events in opposite order get one each, and their locks never wait for each other.
#[test]
fn two_waits_in_opposite_order_get_one_each() {
    check(|| {
        let [one, other] = Of::autos();
        let opposite = spawn({
            let (one, other) = (one.clone(), other.clone());
            move || any(&[&other, &one]) == 0
        });
        let setter = spawn({
            let (one, other) = (one.clone(), other.clone());
            move || {
                one.set();
                other.set();
            }
        });
        let has_one = any(&[&one, &other]) == 0;
        let has_other = opposite.join().unwrap();
        setter.join().unwrap();
        assert_eq!(has_one, has_other);
        assert!(!one.left() && !other.left());
    });
}

/// An event that the program has reset is not set by a wait that gives it back.
#[test]
fn a_reset_event_is_not_given_back() {
    check(|| {
        let [low, high] = Of::autos();
        let setter = spawn({
            let (low, high) = (low.clone(), high.clone());
            move || {
                high.set();
                high.0.reset();
                low.set();
            }
        });
        let index = any(&[&low, &high]);
        setter.join().unwrap();
        assert!(!high.left());
        assert_eq!(low.left(), index == 1);
    });
}

/// A semaphore that was filled meanwhile is not given back: it never counts more than its maximum, and nothing is lost.
#[test]
fn a_semaphore_is_given_back_if_there_is_room() {
    check(|| {
        let [low, high] = Of::pair(Object::event(true, false), Object::semaphore(0, 1));
        let setter = spawn({
            let (low, high) = (low.clone(), high.clone());
            move || {
                let first = high.0.add(1).is_some();
                low.set();
                usize::from(first) + usize::from(high.0.add(1).is_some())
            }
        });
        let index = any(&[&low, &high]);
        let added = setter.join().unwrap();
        let left = usize::from(high.left());
        assert!(!high.left());
        assert_eq!(added, left + usize::from(index == 1));
        assert_eq!(low.left(), index == 1);
    });
}

/// Two swaps in opposite directions, of objects that count, do not wait for each other's lock, and lose nothing.
#[test]
fn swaps_in_opposite_directions_go_on() {
    check(|| {
        let [one, other] = Of::pair(Object::semaphore(2, 2), Object::semaphore(2, 2));
        let (first, second) = (core(), core());
        assert!(other.0.take(&first) && one.0.take(&second));
        let opposite = spawn({
            let (one, other) = (one.clone(), other.clone());
            move || other.0.take_instead(&one.0, &second)
        });
        let swapped = one.0.take_instead(&other.0, &first);
        assert!(swapped && opposite.join().unwrap());
        assert!(one.left() && other.left());
        assert!(!one.left() && !other.left());
    });
}
