//! Who gets an object: events and semaphores with several waiters.

use super::{Of, any, check, core, join, spawn};
use crate::object::Role;
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::Arc;

/// An auto-reset event satisfies one wait a time: whoever has it is alone until he sets it again, and no set is lost.
#[test]
fn an_auto_reset_event_goes_to_exactly_one() {
    check(|| {
        let (event, inside) = (Of::auto(), Arc::new(AtomicUsize::new(0)));
        let waiters = [(); 2].map(|()| {
            let (event, inside) = (event.clone(), Arc::clone(&inside));
            spawn(move || {
                any(&[&event]);
                assert_eq!(inside.fetch_add(1, SeqCst), 0);
                inside.fetch_sub(1, SeqCst);
                event.set();
            })
        });
        event.set();
        join(waiters);
        assert!(event.left());
        assert!(!event.left());
    });
}

/// A manual-reset event lets everybody go on, who waits and who comes later, and stays. What was written before is seen.
#[test]
fn a_manual_reset_event_goes_to_all() {
    check(|| {
        let (event, data) = (Of::manual(), Arc::new(AtomicUsize::new(0)));
        let waiters = [(); 2].map(|()| {
            let (event, data) = (event.clone(), Arc::clone(&data));
            spawn(move || {
                any(&[&event]);
                assert_eq!(data.load(Relaxed), 1);
            })
        });
        data.store(1, Relaxed);
        event.set();
        join(waiters);
        assert!(event.left() && event.left());
    });
}

/// What a semaphore has been given is what waits take: no count is lost, none is made.
#[test]
fn a_semaphore_satisfies_as_many_waits_as_it_counts() {
    check(|| {
        let semaphore = Of::semaphore(1, 3);
        let waiters = [(); 2].map(|()| {
            let semaphore = semaphore.clone();
            spawn(move || any(&[&semaphore]))
        });
        assert!(semaphore.0.add(2).is_some());
        join(waiters);
        assert!(semaphore.left());
        assert!(!semaphore.left());
    });
}

/// A wait that ends without the object, and a set: the signal is the wait's or it is still there.
#[test]
fn a_wait_that_gives_up_takes_no_signal_with_it() {
    check(|| {
        let (event, thread) = (Of::auto(), core());
        let setter = spawn({
            let event = event.clone();
            move || event.set()
        });
        let wait = thread.begin_wait();
        event.0.register(&thread, wait, Role::Claim(0));
        let claimed = !thread.abandon(wait);
        assert_eq!(thread.claimed().is_some(), claimed);
        event.0.unregister(&thread);
        setter.join().unwrap();
        assert_eq!(event.left(), !claimed);
    });
}

/// A registration that is left of an old wait claims nothing for the next.
#[test]
fn an_old_registration_claims_nothing() {
    check(|| {
        let (old, new, thread) = (Of::auto(), Of::auto(), core());
        let setter = spawn({
            let old = old.clone();
            move || old.set()
        });
        let first = thread.begin_wait();
        old.0.register(&thread, first, Role::Claim(0));
        let claimed = !thread.abandon(first);
        let second = thread.begin_wait();
        new.0.register(&thread, second, Role::Claim(1));
        setter.join().unwrap();
        assert_eq!(thread.claimed(), None);
        assert_eq!(old.left(), !claimed);
    });
}

/// A wait for two events that are set at once takes one and leaves the other.
#[test]
fn of_two_events_one_is_taken() {
    check(|| {
        let [low, high] = Of::autos();
        let setter = spawn({
            let high = high.clone();
            move || high.set()
        });
        let other = spawn({
            let low = low.clone();
            move || low.set()
        });
        let index = any(&[&low, &high]);
        setter.join().unwrap();
        other.join().unwrap();
        assert_eq!((low.left(), high.left()), (index == 1, index == 0));
    });
}
