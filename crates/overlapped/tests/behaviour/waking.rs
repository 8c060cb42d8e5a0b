//! Setting an event wakes its waiters on other threads: all of them if manual, exactly one each if auto.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::{Event, Reset, Waited, alertable, wait};

use super::support;

#[test]
fn a_manual_event_wakes_all() {
    let _watch = support::driver();
    let (event, never) = (Event::manual(), Event::manual());
    thread::scope(|scope| {
        let plain = scope.spawn(|| wait::one(&event, None).unwrap());
        let any = scope.spawn(|| wait::any(&[&never, &event], None).unwrap());
        let all = scope.spawn(|| wait::all(&[&event, &Event::new(Reset::Auto, true)], None).unwrap());
        let alert = scope.spawn(|| alertable::one(&event, None).unwrap());
        let alert_any = scope.spawn(|| alertable::any(&[&never, &event], None).unwrap());
        thread::sleep(Duration::from_millis(10));
        event.set();
        assert_eq!(plain.join().unwrap(), Waited::Object(0));
        assert_eq!(any.join().unwrap(), Waited::Object(1));
        assert_eq!(all.join().unwrap(), Waited::Object(0));
        assert_eq!(alert.join().unwrap(), Waited::Object(0));
        assert_eq!(alert_any.join().unwrap(), Waited::Object(1));
    });
    assert!(event.is_set());
}

#[test]
fn an_auto_event_wakes_exactly_one_each_time() {
    let _watch = support::driver();
    const WAITERS: usize = 5;
    let event = Event::auto();
    let (woken, wakes) = mpsc::channel();
    thread::scope(|scope| {
        for index in 0..WAITERS {
            let (woken, event) = (woken.clone(), &event);
            scope.spawn(move || {
                let waited = match index % 2 {
                    0 => wait::one(event, None),
                    _ => alertable::any(&[event], None),
                };
                woken.send(waited.unwrap()).unwrap();
            });
        }
        for _ in 0..WAITERS {
            event.set();
            assert_eq!(wakes.recv().unwrap(), Waited::Object(0));
            // One more would be one too many; only a wrong wake-up could come now.
            assert!(wakes.recv_timeout(Duration::from_millis(10)).is_err());
        }
    });
    assert!(!event.is_set());
}

#[test]
fn an_auto_event_is_a_lock() {
    let _watch = support::driver();
    const THREADS: u64 = 4;
    const TURNS: u64 = 2000;
    let free = Event::new(Reset::Auto, true);
    let count = AtomicU64::new(0);
    thread::scope(|scope| {
        for index in 0..THREADS {
            let (free, count) = (&free, &count);
            scope.spawn(move || {
                for _ in 0..TURNS {
                    let waited = match index % 2 {
                        0 => wait::one(free, None),
                        _ => alertable::one(free, None),
                    };
                    assert_eq!(waited.unwrap(), Waited::Object(0));
                    // Read and write apart: two holders at once would lose a turn.
                    let before = count.load(Ordering::Relaxed);
                    std::hint::spin_loop();
                    count.store(before + 1, Ordering::Relaxed);
                    free.set();
                }
            });
        }
    });
    assert_eq!(count.into_inner(), THREADS * TURNS);
}

#[test]
fn two_threads_pass_two_auto_events_to_and_fro() {
    let _watch = support::driver();
    let (ping, pong, never) = (Event::auto(), Event::auto(), Event::manual());
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..5000 {
                assert_eq!(wait::one(&ping, None).unwrap(), Waited::Object(0));
                pong.set();
            }
        });
        for _ in 0..5000 {
            ping.set();
            assert_eq!(wait::any(&[&never, &pong], None).unwrap(), Waited::Object(1));
        }
    });
}

#[test]
fn waits_that_time_out_while_the_event_is_set_lose_no_signal() {
    let _watch = support::driver();
    const SIGNALS: u32 = 3000;
    let (event, taken) = (Event::auto(), Event::auto());
    thread::scope(|scope| {
        scope.spawn(|| {
            for turn in 0..SIGNALS {
                // So short that the signal comes before, in and after the wait.
                let patience = Some(Duration::from_micros(u64::from(turn % 30)));
                while wait::any(&[&event], patience).unwrap() == Waited::TimedOut {}
                taken.set();
            }
        });
        for _ in 0..SIGNALS {
            event.set();
            assert_eq!(wait::one(&taken, None).unwrap(), Waited::Object(0));
        }
    });
}

#[test]
fn two_waits_for_the_same_pair_in_opposite_order_never_share_it() {
    let _watch = support::driver();
    let (a, b, eaten) = (Event::auto(), Event::auto(), Event::auto());
    thread::scope(|scope| {
        for turned in [false, true] {
            let (a, b, eaten) = (&a, &b, &eaten);
            scope.spawn(move || {
                for _ in 0..500 {
                    let waited = if turned { wait::all(&[b, a], None) } else { wait::all(&[a, b], None) };
                    assert_eq!(waited.unwrap(), Waited::Object(0));
                    eaten.set();
                }
            });
        }
        for _ in 0..1000 {
            a.set();
            b.set();
            assert_eq!(wait::one(&eaten, None).unwrap(), Waited::Object(0));
            assert!(!a.is_set() && !b.is_set());
        }
    });
}

#[test]
fn a_signal_that_wakes_an_any_that_took_another_goes_to_the_next_waiter() {
    let _watch = support::driver();
    let (a, b) = (Event::auto(), Event::auto());
    for _ in 0..500 {
        thread::scope(|scope| {
            // Both signals may reach the first wait at once; it may keep one only.
            let either = scope.spawn(|| wait::any(&[&a, &b], None).unwrap());
            let (first, second) = (scope.spawn(|| a.set()), scope.spawn(|| b.set()));
            let left = match either.join().unwrap() {
                Waited::Object(0) => &b,
                Waited::Object(1) => &a,
                other => panic!("{other:?}"),
            };
            assert_eq!(wait::one(left, None).unwrap(), Waited::Object(0));
            first.join().unwrap();
            second.join().unwrap();
        });
        assert!(!a.is_set() && !b.is_set());
    }
}
