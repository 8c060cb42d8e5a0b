//! Waitable timers: signalled when due and not before, to as many waits as their kind says.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use overlapped::{Event, Timer, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);
const TICK: Duration = Duration::from_millis(10);
const FAR: Duration = Duration::from_secs(3600);

fn signalled(timer: &Timer) -> bool {
    wait::one(timer, NOW).unwrap() == Waited::Object(0)
}

#[test]
fn nobody_sees_it_before_it_is_due() {
    let _watch = support::driver();
    let timer = Timer::manual();
    assert!(!signalled(&timer));
    let set = Instant::now();
    timer.set(2 * TICK, None);
    assert!(!signalled(&timer) || set.elapsed() >= 2 * TICK);
    assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0));
    assert!(set.elapsed() >= 2 * TICK);
    assert!(signalled(&timer), "a manual-reset one stays signalled");
    timer.set(FAR, None);
    assert!(!signalled(&timer), "setting resets");
}

#[test]
fn every_wait_sees_it() {
    let _watch = support::driver();
    let (timer, never, set) = (Timer::auto(), Event::auto(), Event::new(overlapped::Reset::Manual, true));
    type Wait<'a> = &'a dyn Fn() -> overlapped::Result<Waited>;
    let waits: [(Wait<'_>, usize); 6] = [
        (&|| wait::one(&timer, None), 0),
        (&|| wait::any(&[&never, &timer], None), 1),
        (&|| wait::all(&[&timer, &set], None), 0),
        (&|| alertable::one(&timer, None), 0),
        (&|| alertable::any(&[&never, &timer], Some(FAR)), 1),
        (&|| alertable::all(&[&set, &timer], None), 0),
    ];
    for (wait, index) in waits {
        let start = Instant::now();
        timer.set(TICK, None);
        assert_eq!(wait().unwrap(), Waited::Object(index));
        assert!(start.elapsed() >= TICK);
        assert!(!signalled(&timer), "the wait took it");
    }
}

#[test]
fn due_is_a_time_from_now_or_a_point_in_time() {
    let _watch = support::driver();
    let timer = Timer::auto();
    timer.set(Duration::ZERO, None);
    assert!(signalled(&timer));
    timer.set(SystemTime::UNIX_EPOCH, None);
    assert!(signalled(&timer), "the past is now");
    let at = Instant::now() + TICK;
    timer.set(at, None);
    assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0));
    assert!(Instant::now() >= at);
    let at = SystemTime::now() + TICK;
    timer.set(at, None);
    assert_eq!(wait::one(&timer, Some(FAR)).unwrap(), Waited::Object(0));
    for never in [Duration::MAX, FAR] {
        timer.set(never, None);
        assert_eq!(wait::one(&timer, Some(TICK)).unwrap(), Waited::TimedOut);
    }
}

#[test]
fn cancelling_leaves_the_signal_as_it_is() {
    let _watch = support::driver();
    let timer = Timer::manual();
    timer.set(TICK, None);
    timer.cancel();
    assert_eq!(wait::one(&timer, Some(2 * TICK)).unwrap(), Waited::TimedOut);
    timer.set(Duration::ZERO, None);
    timer.cancel();
    assert!(signalled(&timer));
}

#[test]
fn a_period_does_not_drift() {
    let _watch = support::driver();
    let timer = Timer::auto();
    let first = Instant::now() + TICK;
    timer.set(first, Some(TICK));
    for n in 0..5 {
        assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0));
        assert!(Instant::now() >= first + n * TICK);
    }
    // What was missed counts once, and the next is a whole number of periods after the first.
    thread::sleep(5 * TICK);
    assert!(signalled(&timer));
    let before = Instant::now();
    assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0));
    let periods = (before - first).as_nanos() / TICK.as_nanos();
    assert!(Instant::now() >= first + TICK * u32::try_from(periods).unwrap());
    timer.set(Duration::ZERO, Some(Duration::ZERO));
    assert!(signalled(&timer));
    assert_eq!(wait::one(&timer, Some(TICK)).unwrap(), Waited::TimedOut, "a period of zero is none");
}

#[test]
fn an_auto_reset_one_goes_to_one_wait_each_time() {
    let _watch = support::driver();
    const ROUNDS: usize = 50;
    let (timer, stop, taken) = (Timer::auto(), Event::manual(), AtomicUsize::new(0));
    let took = Event::auto();
    thread::scope(|scope| {
        for alert in [false, true, false, true] {
            let (timer, stop, taken, took) = (&timer, &stop, &taken, &took);
            scope.spawn(move || {
                loop {
                    let waited =
                        if alert { alertable::any(&[timer, stop], None) } else { wait::any(&[timer, stop], None) };
                    match waited.unwrap() {
                        Waited::Object(0) => taken.fetch_add(1, Ordering::SeqCst),
                        _ => return,
                    };
                    took.set();
                }
            });
        }
        for round in 1..=ROUNDS {
            timer.set(Duration::from_micros(round as u64 * 20), None);
            wait::one(&took, None).unwrap();
            assert_eq!(wait::one(&took, Some(Duration::from_millis(1))).unwrap(), Waited::TimedOut);
            assert_eq!(taken.load(Ordering::SeqCst), round);
        }
        stop.set();
    });
    assert_eq!(taken.into_inner(), ROUNDS);
}

#[test]
fn a_manual_reset_one_goes_to_all() {
    let _watch = support::driver();
    let timer = Timer::manual();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0)));
        }
        timer.set(TICK, None);
    });
}

/// Whoever waits already blocks anew when the timer is set to another time.
#[test]
fn setting_it_reaches_those_who_wait() {
    let _watch = support::driver();
    let (timer, waiting) = (Timer::manual(), AtomicUsize::new(0));
    let far = Timer::manual();
    thread::scope(|scope| {
        for alert in [false, true] {
            let (timer, far, waiting) = (&timer, &far, &waiting);
            scope.spawn(move || {
                waiting.fetch_add(1, Ordering::SeqCst);
                let waited = if alert { alertable::any(&[far, timer], None) } else { wait::any(&[far, timer], None) };
                assert_eq!(waited.unwrap(), Waited::Object(1));
            });
        }
        while waiting.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        far.set(FAR, None);
        thread::sleep(TICK);
        timer.set(FAR, None);
        thread::sleep(TICK);
        timer.set(TICK, None);
    });
}

/// A thread that drives operations of others still looks when its timer is due.
#[test]
fn who_waits_in_a_driver_wakes_in_time() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (event, timer) = (Event::manual(), Timer::auto());
    let receive = Conn::new(&socket, 8).recv_event(&event);
    timer.set(TICK, Some(TICK));
    for _ in 0..3 {
        assert_eq!(wait::any(&[&event, &timer], None).unwrap(), Waited::Object(1));
    }
    peer.write_all(b"x").unwrap();
    while wait::any(&[&event, &timer], None).unwrap() != Waited::Object(0) {}
    assert_eq!(support::outcome(receive.finish()), ":x");

    // In its own home, for a routine, too.
    let log = Log::default();
    Talk::new("a", &socket, 8, &log).recv(support::logged);
    for _ in 0..3 {
        assert_eq!(alertable::one(&timer, None).unwrap(), Waited::Object(0));
    }
    peer.write_all(b"y").unwrap();
    while alertable::one(&timer, None).unwrap() != Waited::Routines {}
    assert_eq!(log.take(), ["a:y"]);
}

#[test]
fn what_was_set_ends_with_the_last_handle() {
    let _watch = support::driver();
    let timer = Timer::manual();
    let other = timer.clone();
    timer.set(TICK, None);
    drop(timer);
    assert_eq!(wait::one(&other, None).unwrap(), Waited::Object(0));
}

/// Set, cancelled, dropped and waited for by many threads at once, nothing is lost or counted twice.
#[test]
fn any_thread_may_set_and_cancel() {
    let _watch = support::driver();
    let (timer, stop) = (Timer::auto(), AtomicBool::new(false));
    let (set, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        let setters: Vec<_> = (0..2)
            .map(|kind| {
                let (timer, set) = (&timer, &set);
                scope.spawn(move || {
                    for round in 0..3000_u64 {
                        set.fetch_add(1, Ordering::SeqCst);
                        timer.clone().set(Duration::from_micros(round % 30), None);
                        if (round + kind) % 3 == 0 {
                            timer.cancel();
                        }
                    }
                })
            })
            .collect();
        for _ in 0..2 {
            let (timer, stop, taken) = (&timer, &stop, &taken);
            scope.spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    if wait::one(timer, Some(Duration::from_micros(100))).unwrap() == Waited::Object(0) {
                        taken.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        setters.into_iter().for_each(|setter| setter.join().unwrap());
        stop.store(true, Ordering::SeqCst);
    });
    assert!(taken.into_inner() <= set.into_inner());
}

#[test]
fn as_far_away_as_it_can_be_it_keeps_nobody_from_waiting() {
    let _watch = support::driver();
    for far in [Duration::MAX, Duration::from_secs(i64::MAX as u64 - 10_000_000), Duration::from_secs(1 << 40)] {
        let (timer, event) = (Timer::manual(), Event::manual());
        timer.set(far, Some(far));
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(10));
                event.set();
            });
            assert_eq!(wait::any(&[&timer, &event], Some(far)).unwrap(), Waited::Object(1));
        });
        timer.set_with(far, Some(far), || unreachable!("in an age")).unwrap();
        // With an operation of its own the thread blocks in its driver.
        let ((socket, mut peer), log) = (support::pair(), Log::default());
        for _ in 0..2 {
            let start = Instant::now();
            assert_eq!(alertable::sleep(Some(TICK)).unwrap(), Waited::TimedOut);
            assert!(start.elapsed() >= TICK);
            Talk::new("r", &socket, 2, &log).recv(support::logged);
        }
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(TICK);
                peer.write_all(b"1122").unwrap();
            });
            assert_eq!(log.wait(2), ["r:11", "r:22"]);
        });
    }
}
