//! Objects by the waits of the program: semaphores, mutexes and timers.

use super::{check, spawn};
use crate::driver::scripted::Script;
use crate::sync::atomic::Ordering::SeqCst;
use crate::sync::now;
use crate::{Event, MutexObject, Reset, Semaphore, Timer, Waited, alertable, wait};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// Threads that pass the turn with `signal_and_wait` go one after the other for as long as they like.
#[test]
fn turns_are_passed_by_signal_and_wait() {
    check(|| {
        let (script, events, turn) = (Script::new(), [Event::auto(), Event::auto()], Arc::new(AtomicUsize::new(0)));
        let player = |mine: usize, events: &[Event; 2], turn: &AtomicUsize| {
            for round in 0..3 {
                assert_eq!(turn.fetch_add(1, SeqCst), 2 * round + mine);
                let waited = wait::signal_and_wait(&events[1 - mine], &events[mine], None).unwrap();
                assert_eq!(waited, Waited::Object(0));
            }
            events[1 - mine].set();
        };
        let other = spawn(&script, {
            let (events, turn) = (events.clone(), Arc::clone(&turn));
            move |_| {
                wait::one(&events[1], None).unwrap();
                player(1, &events, &turn);
            }
        });
        player(0, &events, &turn);
        other.join().unwrap();
    });
}

/// A semaphore between producers and consumers: as many are taken as were released, in waits for any and for all.
#[test]
fn a_semaphore_counts_for_any_and_all() {
    check(|| {
        let (script, semaphore, mutex) = (Script::new(), Semaphore::new(0, 4).unwrap(), MutexObject::new());
        let consumers = [false, true].map(|all| {
            let (semaphore, mutex) = (semaphore.clone(), mutex.clone());
            spawn(&script, move |_| {
                for _ in 0..2 {
                    if all {
                        wait::all(&[&semaphore, &mutex], None).unwrap();
                        mutex.release().unwrap();
                    } else {
                        wait::any(&[&semaphore, &Event::auto()], None).unwrap();
                    }
                }
            })
        });
        for _ in 0..4 {
            semaphore.release(1).unwrap();
        }
        consumers.into_iter().for_each(|consumer| consumer.join().unwrap());
        assert_eq!(wait::one(&semaphore, Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
    });
}

/// A timer that another thread sets to an earlier time wakes those who wait for it: one wait gets it, and a time-out of the
/// other takes no signal with it.
#[test]
fn a_timer_set_anew_ends_one_wait() {
    check(|| {
        let (script, timer) = (Script::new(), Timer::new(Reset::Auto));
        let waiters = [(); 2].map(|()| {
            let timer = timer.clone();
            spawn(&script, move |_| wait::one(&timer, Some(Duration::from_millis(20))).unwrap())
        });
        timer.set(Duration::from_millis(1), None);
        let ended = waiters.map(|waiter| waiter.join().unwrap());
        let left = wait::one(&timer, Some(Duration::from_secs(1))).unwrap();
        let signals = ended.iter().chain([&left]).filter(|waited| **waited == Waited::Object(0)).count();
        assert_eq!(signals, 1, "{ended:?} {left:?}");
    });
}

/// A timer's routine that another thread cancels runs or does not, and is dropped by its own thread, once.
#[test]
fn a_timers_routine_is_dropped_by_its_thread() {
    struct Bound(std::rc::Rc<()>, Arc<AtomicUsize>);
    impl Drop for Bound {
        fn drop(&mut self) {
            self.1.fetch_add(1, SeqCst);
        }
    }
    check(|| {
        let (script, timer, dropped) = (Script::new(), Timer::new(Reset::Auto), Arc::new(AtomicUsize::new(0)));
        let bound = Bound(Default::default(), Arc::clone(&dropped));
        timer
            .set_with(now() + Duration::from_millis(1), None, move || {
                assert_eq!(std::rc::Rc::strong_count(&bound.0), 1)
            })
            .unwrap();
        let me = alertable::current();
        let canceller = spawn(&script, {
            let timer = timer.clone();
            move |_| {
                timer.cancel();
                // Behind what the cancel has left.
                me.queue(|| {}).unwrap();
            }
        });
        let mut waits = 0;
        while dropped.load(SeqCst) == 0 || waits == 0 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
            waits += 1;
        }
        canceller.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 1);
        let _ = alertable::sleep(Some(Duration::ZERO));
    });
}
