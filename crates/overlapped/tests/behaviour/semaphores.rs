//! Semaphores: each wait takes one, never more than there are.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Semaphore, Waited, alertable, codes, wait};

use super::support;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// How often it can be taken.
fn drain(semaphore: &Semaphore) -> usize {
    std::iter::from_fn(|| (wait::one(semaphore, NOW).unwrap() == Waited::Object(0)).then_some(())).count()
}

#[test]
fn each_wait_takes_one() {
    let _watch = support::driver();
    let semaphore = Semaphore::new(1, 3).unwrap();
    assert_eq!(semaphore.release(2).unwrap(), 1);
    assert_eq!(semaphore.release(1).unwrap_err().code(), codes::ERROR_TOO_MANY_POSTS);
    assert_eq!(drain(&semaphore), 3);
    assert_eq!(semaphore.release(u32::MAX).unwrap_err().code(), codes::ERROR_TOO_MANY_POSTS);
    assert_eq!(drain(&semaphore), 0);
}

#[test]
fn senseless_counts_are_refused() {
    let _watch = support::driver();
    for (initial, maximum) in [(0, 0), (2, 1)] {
        assert_eq!(Semaphore::new(initial, maximum).unwrap_err().code(), codes::WSA_INVALID_PARAMETER);
    }
    let semaphore = Semaphore::new(u32::MAX, u32::MAX).unwrap();
    assert_eq!(semaphore.release(0).unwrap_err().code(), codes::WSA_INVALID_PARAMETER);
    assert_eq!(semaphore.release(1).unwrap_err().code(), codes::ERROR_TOO_MANY_POSTS);
}

#[test]
fn a_release_wakes_as_many_as_it_gives() {
    let _watch = support::driver();
    let semaphore = Semaphore::new(0, 10).unwrap();
    let woken = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                assert_eq!(wait::one(&semaphore, None).unwrap(), Waited::Object(0));
                woken.fetch_add(1, Ordering::SeqCst);
            });
        }
        for wanted in [2, 5] {
            semaphore.release(if wanted == 2 { 2 } else { 3 }).unwrap();
            while woken.load(Ordering::SeqCst) < wanted {
                thread::yield_now();
            }
            assert_eq!(woken.load(Ordering::SeqCst), wanted);
        }
    });
    assert_eq!(drain(&semaphore), 0);
}

#[test]
fn who_is_woken_finds_what_is_left() {
    let _watch = support::driver();
    let semaphore = Semaphore::new(0, 2).unwrap();
    for _ in 0..2000 {
        thread::scope(|scope| {
            scope.spawn(|| {
                assert_eq!(wait::one(&semaphore, None).unwrap(), Waited::Object(0));
                assert_eq!(wait::one(&semaphore, NOW).unwrap(), Waited::Object(0), "the second of two");
            });
            semaphore.release(2).unwrap();
        });
    }
}

#[test]
fn wait_for_all_takes_one_of_each_or_nothing() {
    let _watch = support::driver();
    let (first, second) = (Semaphore::new(2, 2).unwrap(), Semaphore::new(0, 2).unwrap());
    assert_eq!(wait::all(&[&first, &second], NOW).unwrap(), Waited::TimedOut);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| wait::all(&[&first, &second], None).unwrap());
        second.release(2).unwrap();
        assert_eq!(waiting.join().unwrap(), Waited::Object(0));
    });
    assert_eq!((drain(&first), drain(&second)), (1, 1));
}

#[test]
fn the_lowest_index_is_taken_and_what_was_claimed_given_back() {
    let _watch = support::driver();
    let event = Event::auto();
    for round in 0..500 {
        let (low, high) = (Semaphore::new(0, 1).unwrap(), Semaphore::new(0, 1).unwrap());
        let index = thread::scope(|scope| {
            let waiting = scope.spawn(|| wait::any(&[&event, &low, &high], None).unwrap());
            if round % 2 == 0 {
                thread::yield_now();
            }
            high.release(1).unwrap();
            low.release(1).unwrap();
            waiting.join().unwrap()
        });
        // Exactly one is gone, and none came out of nothing.
        let left = (drain(&low), drain(&high));
        match index {
            Waited::Object(1) => assert_eq!(left, (0, 1)),
            Waited::Object(2) => assert_eq!(left, (1, 0)),
            other => panic!("{other:?}"),
        }
    }
}

/// Producers and consumers that wait in every way: what is taken is what was released.
#[test]
fn counts_are_exact_among_many_threads() {
    let _watch = support::driver();
    const EACH: usize = 2000;
    let (full, free) = (Semaphore::new(0, 7).unwrap(), Semaphore::new(7, 7).unwrap());
    let (stop, other) = (Event::manual(), Semaphore::new(0, 1).unwrap());
    let (made, used) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..EACH {
                    assert_eq!(wait::any(&[&other, &free], None).unwrap(), Waited::Object(1));
                    made.fetch_add(1, Ordering::SeqCst);
                    full.release(1).unwrap();
                }
            });
        }
        for kind in 0..4 {
            let (full, free, stop, other, used) = (&full, &free, &stop, &other, &used);
            scope.spawn(move || {
                loop {
                    let waited = match kind {
                        0 => wait::any(&[other, full, stop], None),
                        1 => alertable::any(&[full, stop], None),
                        2 => wait::any(&[full, stop], Some(Duration::from_micros(50))),
                        _ => wait::all(&[full], Some(Duration::from_millis(1))),
                    };
                    match (waited.unwrap(), kind) {
                        (Waited::Object(1), 0) | (Waited::Object(0), 1..) => {
                            if used.fetch_add(1, Ordering::SeqCst) + 1 == 3 * EACH {
                                stop.set();
                            }
                            free.release(1).unwrap();
                        }
                        (Waited::TimedOut, _) if used.load(Ordering::SeqCst) < 3 * EACH => {}
                        _ => return,
                    }
                }
            });
        }
    });
    assert_eq!((made.into_inner(), used.into_inner()), (3 * EACH, 3 * EACH));
    assert_eq!((drain(&full), drain(&free)), (0, 7));
}
