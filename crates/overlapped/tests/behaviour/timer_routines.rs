//! A timer's routine: called by the thread that set it, in its alertable waits, in line with the rest.

use std::cell::{Cell, RefCell};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use overlapped::{Event, Timer, Waited, alertable, codes, wait};

use super::support::{self, Drops, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);
const TICK: Duration = Duration::from_millis(10);
const FAR: Duration = Duration::from_secs(3600);

/// A routine that logs its name.
fn says(log: &Log, name: &'static str) -> impl FnMut() + 'static {
    let log = log.clone();
    move || log.add(name)
}

/// A routine that is dropped with what it keeps.
fn keeps(kept: impl Sized + 'static) -> impl FnMut() + 'static {
    move || {
        let _ = &kept;
    }
}

fn apc(log: &Log, name: &'static str) {
    // The log stays on its thread, where an APC to the thread itself runs.
    thread_local!(static LOG: RefCell<Log> = RefCell::default());
    LOG.set(log.clone());
    alertable::current().queue(move || LOG.with_borrow(|log| log.add(name))).unwrap();
}

#[test]
fn it_waits_for_an_alertable_wait_and_the_signal_does_not() {
    let _watch = support::driver();
    let (log, timer) = (Log::default(), Timer::manual());
    timer.set_with(TICK, None, says(&log, "t")).unwrap();
    thread::sleep(2 * TICK);
    assert_eq!(wait::one(&timer, NOW).unwrap(), Waited::Object(0));
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::one(&timer, NOW).unwrap(), Waited::Object(0), "a signalled object wins");
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(Some(FAR)).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["t"]);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut, "once");
}

#[test]
fn a_sleeping_thread_wakes_for_it() {
    let _watch = support::driver();
    let (log, timer, never) = (Log::default(), Timer::auto(), Event::manual());
    for wait in 0..3 {
        let start = Instant::now();
        timer.set_with(TICK, None, says(&log, "t")).unwrap();
        let waited = match wait {
            0 => alertable::sleep(None),
            1 => alertable::one(&never, None),
            _ => alertable::all(&[&never], Some(FAR)),
        };
        assert_eq!(waited.unwrap(), Waited::Routines);
        assert!(start.elapsed() >= TICK);
        assert_eq!(log.take(), ["t"]);
    }
}

#[test]
fn it_is_in_line_with_apcs() {
    let _watch = support::driver();
    let (log, first, second) = (Log::default(), Timer::manual(), Timer::manual());
    apc(&log, "a");
    let now = Instant::now();
    second.set_with(now + 2 * TICK, None, says(&log, "second")).unwrap();
    first.set_with(now + TICK, None, says(&log, "first")).unwrap();
    thread::sleep(3 * TICK);
    apc(&log, "b");
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["a", "first", "second", "b"]);
}

#[test]
fn it_is_in_line_with_apcs_of_other_threads() {
    let _watch = support::driver();
    thread_local!(static SAID: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) });
    let say = |name| move || SAID.with_borrow_mut(|said| said.push(name));
    let (timer, later) = (Timer::manual(), Timer::manual());
    let me = alertable::current();
    let queue = |name| thread::scope(|scope| scope.spawn(|| me.queue(say(name)).unwrap()).join().unwrap());
    // This thread does not look meanwhile.
    queue("before");
    timer.set_with(Duration::ZERO, None, say("timer")).unwrap();
    queue("between");
    later.set_with(Duration::ZERO, None, say("later")).unwrap();
    queue("after");
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    SAID.with_borrow(|said| assert_eq!(said[..], ["before", "timer", "between", "later", "after"]));
}

#[test]
fn a_period_queues_one_call_at_a_time() {
    let _watch = support::driver();
    let (log, timer) = (Log::default(), Timer::auto());
    let set = Instant::now();
    timer.set_with(Duration::ZERO, Some(5 * TICK), says(&log, "t")).unwrap();
    // Somebody else looks too, and takes the signals.
    thread::scope(|scope| {
        scope.spawn(|| (0..4).for_each(|_| assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0))));
    });
    assert!(set.elapsed() >= 15 * TICK);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["t"]);
    for _ in 0..2 {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert!(!log.take().is_empty());
    }
    timer.cancel();
    assert_eq!(alertable::sleep(Some(6 * TICK)).unwrap(), Waited::TimedOut);
}

#[test]
fn setting_and_cancelling_take_a_queued_call_back() {
    let _watch = support::driver();
    let (log, timer) = (Log::default(), Timer::manual());
    for how in 0..5 {
        let timer = if how == 4 { Timer::auto() } else { timer.clone() };
        timer.set_with(Duration::ZERO, Some(TICK), says(&log, "old")).unwrap();
        apc(&log, "apc"); // looks, so the call is queued
        match how {
            0 => timer.cancel(),
            1 => timer.set(FAR, None),
            2 => timer.set_with(Duration::ZERO, None, says(&log, "new")).unwrap(),
            3 => thread::scope(|scope| scope.spawn(|| timer.cancel()).join().unwrap()),
            _ => drop(timer),
        }
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        let wanted: &[_] = if how == 2 { &["apc", "new"] } else { &["apc"] };
        assert_eq!(log.take(), wanted, "{how}");
        assert_eq!(alertable::sleep(Some(2 * TICK)).unwrap(), Waited::TimedOut, "{how}");
    }
}

#[test]
fn a_call_that_was_taken_back_ends_no_wait() {
    let _watch = support::driver();
    let (timer, object, drops) = (Timer::manual(), Event::manual(), Drops::default());
    let token = drops.token();
    timer.set_with(FAR, None, keeps(token)).unwrap();
    let waits = |wait: &dyn Fn() -> overlapped::Result<Waited>, wanted| {
        thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(TICK);
                timer.cancel();
                // The wait goes on, and drops what was taken back.
                while wanted == Waited::Object(0) && drops.count() == 0 {
                    thread::yield_now();
                }
                object.set();
            });
            assert_eq!(wait().unwrap(), wanted);
        });
        object.reset();
    };
    waits(&|| alertable::one(&object, None), Waited::Object(0));
    assert_eq!(drops.count(), 1);
    let token = drops.token();
    timer.set_with(FAR, None, keeps(token)).unwrap();
    waits(&|| alertable::sleep(Some(4 * TICK)), Waited::TimedOut);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    assert_eq!(drops.count(), 2);
}

#[test]
fn it_may_set_cancel_and_drop_its_own_timer() {
    let _watch = support::driver();
    let (log, drops) = (Log::default(), Drops::default());
    // One that sets itself again, three times.
    let timer = Rc::new(RefCell::new(Some(Timer::manual())));
    fn again(timer: &Rc<RefCell<Option<Timer>>>, log: &Log, drops: &Drops, left: usize) {
        let (mine, log, drops, token) = (Rc::clone(timer), log.clone(), drops.clone(), drops.token());
        let routine = move || {
            let _ = &token;
            log.add(format!("{left}"));
            match left {
                0 => drop(mine.take()),
                1 => {
                    mine.borrow().as_ref().unwrap().cancel();
                    again(&mine, &log, &drops, 0);
                }
                _ => again(&mine, &log, &drops, left - 1),
            }
        };
        timer.borrow().as_ref().unwrap().set_with(Duration::ZERO, Some(TICK), routine).unwrap();
    }
    again(&timer, &log, &drops, 3);
    assert_eq!(log.wait(4), ["3", "2", "1", "0"]);
    assert!(timer.borrow().is_none());
    assert_eq!(drops.count(), 4);
    assert_eq!(alertable::sleep(Some(2 * TICK)).unwrap(), Waited::TimedOut);
}

#[test]
fn it_is_dropped_after_its_last_call() {
    let _watch = support::driver();
    let (drops, timer) = (Drops::default(), Timer::manual());
    let token = drops.token();
    timer.set_with(Duration::ZERO, None, keeps(token)).unwrap();
    assert_eq!(drops.count(), 0);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(drops.count(), 1);
    let token = drops.token();
    timer.set_with(FAR, None, keeps(token)).unwrap();
    timer.set(FAR, None);
    assert_eq!(drops.count(), 2, "at once, on its own thread");
}

#[test]
fn a_nested_wait_does_not_call_it_again() {
    let _watch = support::driver();
    let (log, timer, other) = (Log::default(), Timer::auto(), Timer::auto());
    let (inside, calls) = (log.clone(), Rc::new(Cell::new(0)));
    let (count, mine) = (Rc::clone(&calls), timer.clone());
    other.set_with(2 * TICK, None, says(&log, "other")).unwrap();
    let routine = move || {
        count.set(count.get() + 1);
        inside.add("in");
        if count.get() == 1 {
            assert_eq!(alertable::sleep(Some(5 * TICK)).unwrap(), Waited::Routines, "the other");
            assert_eq!(alertable::sleep(Some(TICK)).unwrap(), Waited::TimedOut, "not this one");
        } else {
            mine.cancel();
        }
        inside.add("out");
    };
    timer.set_with(Duration::ZERO, Some(TICK), routine).unwrap();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["in", "other", "out"]);
    // It came due meanwhile, and that is one call in the next wait.
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["in", "out"]);
    assert_eq!(alertable::sleep(Some(2 * TICK)).unwrap(), Waited::TimedOut);
    assert_eq!(calls.get(), 2);
}

/// The wait that has called it is not over, but another one has begun.
#[test]
fn a_nested_wait_sleeps_no_longer_than_until_one_is_due_again() {
    let _watch = support::driver();
    let (log, timer) = (Log::default(), Timer::auto());
    timer.set_with(Duration::ZERO, Some(TICK), says(&log, "t")).unwrap();
    alertable::current().queue(|| assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines)).unwrap();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert!(log.take().starts_with(&["t".into(), "t".into()]));
}

/// However often it is due meanwhile a wait makes one call, and routines of sockets have their turn.
#[test]
fn a_routine_longer_than_its_period_keeps_no_wait_from_ending() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (log, timer) = (Log::default(), Timer::auto());
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    let inside = log.clone();
    let slow = move || {
        thread::sleep(Duration::from_millis(2));
        inside.add("t");
    };
    timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), slow).unwrap();
    for _ in 0..3 {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert_eq!(log.take(), ["t"]);
    }
    peer.write_all(b"x").unwrap();
    support::delivered(&peer);
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert!(log.take().contains(&"r:x".into()));
}

#[test]
fn one_that_panics_is_not_called_again() {
    let _watch = support::driver();
    let (timer, drops) = (Timer::manual(), Drops::default());
    let token = drops.token();
    let routine = move || {
        let _ = &token;
        panic!("this routine was made to fail");
    };
    timer.set_with(Duration::ZERO, Some(TICK), routine).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| alertable::sleep(None))).is_err());
    assert_eq!(drops.count(), 1);
    assert_eq!(alertable::sleep(Some(3 * TICK)).unwrap(), Waited::TimedOut);
}

/// Each looks at the others again when it waits inside, and all are always due.
#[test]
fn a_wait_ends_though_several_take_longer_than_their_periods_and_wait_themselves() {
    let _watch = support::driver();
    let log = Log::default();
    let timers = [(); 3].map(|()| Timer::auto());
    for timer in &timers {
        let log = log.clone();
        let slow = move || {
            thread::sleep(Duration::from_millis(3));
            log.add("t");
            let _ = alertable::sleep(NOW).unwrap();
        };
        timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), slow).unwrap();
    }
    for _ in 0..2 {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        assert!(log.take().len() >= 3);
    }
}

#[test]
fn together_with_sockets_each_has_its_turn() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (log, timer, event) = (Log::default(), Timer::auto(), Event::manual());
    let (other, mut far_end) = support::pair();
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    let pending = support::Conn::new(&other, 8).recv_event(&event);
    let mut count = 0;
    let inside = log.clone();
    let tick = move || {
        count += 1;
        inside.add(format!("t{count}"));
        match count {
            2 => peer.write_all(b"x").unwrap(),
            4 => far_end.write_all(b"y").unwrap(),
            _ => {}
        }
    };
    timer.set_with(TICK, Some(TICK), tick).unwrap();
    while alertable::one(&event, None).unwrap() != Waited::Object(0) {}
    assert_eq!(support::outcome(pending.finish()), ":y");
    let said = log.take();
    assert!(said.contains(&"r:x".into()), "{said:?}");
    let ticks: Vec<_> = said.iter().filter(|said| said.starts_with('t')).collect();
    assert!(ticks.len() >= 4 && ticks.iter().enumerate().all(|(n, tick)| **tick == format!("t{}", n + 1)), "{said:?}");
}

#[test]
fn the_end_of_its_thread_cancels_and_drops_there() {
    let _watch = support::driver();
    let (timer, fired) = (Timer::manual(), Timer::manual());
    let (give, take) = mpsc::channel();
    /// Tells where it is dropped.
    struct Here(mpsc::Sender<thread::ThreadId>);
    impl Drop for Here {
        fn drop(&mut self) {
            let timer = Timer::manual();
            assert_eq!(timer.set_with(FAR, None, || {}).unwrap_err().code(), codes::ERROR_GEN_FAILURE);
            self.0.send(thread::current().id()).unwrap();
        }
    }
    let setter = thread::spawn({
        let (timer, fired) = (timer.clone(), fired.clone());
        move || {
            for timer in [timer, fired] {
                let here = Here(give.clone());
                timer.set_with(Duration::ZERO, Some(TICK), keeps(here)).unwrap();
            }
            thread::current().id()
        }
    });
    let id = setter.join().unwrap();
    assert_eq!(take.iter().collect::<Vec<_>>(), [id, id]);
    for timer in [timer, fired] {
        let _ = wait::one(&timer, NOW).unwrap();
        timer.set(FAR, None);
        assert_eq!(wait::one(&timer, NOW).unwrap(), Waited::TimedOut);
    }
}

/// Other threads set, cancel, wait for and drop a timer while its routine lives here: it is called and
/// dropped on this thread only (it could not be otherwise: it is not `Send`), and never leaks.
#[test]
fn other_threads_interfere_at_any_moment() {
    let _watch = support::driver();
    let (drops, calls, mine) = (Drops::default(), Rc::new(Cell::new(0)), thread::current().id());
    let mut made = 0;
    for round in 0..300_u64 {
        let timer = Timer::auto();
        thread::scope(|scope| {
            for kind in 0..2 {
                let timer = timer.clone();
                scope.spawn(move || {
                    thread::sleep(Duration::from_micros(round % 50));
                    match (round + kind) % 5 {
                        0 => timer.cancel(),
                        1 => timer.set(Duration::from_micros(20), None),
                        2 => assert_ne!(wait::one(&timer, Some(TICK / 100)).unwrap(), Waited::Routines),
                        3 => timer.set_with(Duration::ZERO, None, || panic!("never in an alertable wait")).unwrap(),
                        _ => drop(timer),
                    }
                });
            }
            for _ in 0..3 {
                made += 1;
                let (token, calls) = (drops.token(), Rc::clone(&calls));
                let routine = move || {
                    let _ = &token;
                    assert_eq!(thread::current().id(), mine);
                    calls.set(calls.get() + 1);
                };
                timer.set_with(Duration::from_micros(round % 70), Some(Duration::from_micros(90)), routine).unwrap();
                let _ = alertable::sleep(Some(Duration::from_micros(100))).unwrap();
            }
        });
        drop(timer);
    }
    let _ = alertable::sleep(NOW).unwrap();
    assert!(calls.get() > 0);
    assert_eq!(drops.count(), made);
}
