//! Events and plain waits: what signals, what consumes, which index.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use overlapped::{Event, Reset, Shutdown, Waitable, Waited, wait};

use super::support::{self, Conn};

const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn the_issue_resets_and_the_completion_sets() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    for event in [Event::new(Reset::Manual, true), Event::new(Reset::Auto, true)] {
        let receive = Conn::new(&socket, 8).recv_event(&event);
        assert!(!event.is_set());
        assert_eq!(wait::one(&event, Some(Duration::from_millis(10))).unwrap(), Waited::TimedOut);
        peer.write_all(b"x").unwrap();
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert!(receive.poll());
        assert_eq!(support::outcome(receive.finish()), ":x");
    }
}

#[test]
fn a_completion_at_once_sets_the_event_too() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    peer.write_all(b"early").unwrap();
    support::delivered(&peer);
    let event = Event::manual();
    let receive = Conn::new(&socket, 8).recv_event(&event);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(receive.finish()), ":early");
    assert!(event.is_set(), "asking for the result does not reset");

    let send = Conn::of(&socket, vec![1; 3]).send_event(.., &event);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(send.finish().1.unwrap().bytes, 3);
}

#[test]
fn an_error_sets_the_event_too() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    socket.shutdown(Shutdown::Send).unwrap();
    let event = Event::manual();
    let send = Conn::of(&socket, vec![1]).send_event(.., &event);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::code(&send.finish().1), 10058);
}

#[test]
fn a_wait_leaves_manual_events_and_consumes_auto_events() {
    let _watch = support::driver();
    let (manual, auto) = (Event::manual(), Event::auto());
    assert!(!manual.is_set() && !auto.is_set());
    manual.set();
    auto.set();
    auto.set();
    for _ in 0..3 {
        assert_eq!(wait::one(&manual, NOW).unwrap(), Waited::Object(0));
        assert!(manual.is_set());
    }
    assert!(auto.is_set() && auto.is_set(), "asking does not consume");
    assert_eq!(wait::one(&auto, NOW).unwrap(), Waited::Object(0));
    assert!(!auto.is_set());
    assert_eq!(wait::one(&auto, NOW).unwrap(), Waited::TimedOut, "set twice is set once");
    manual.reset();
    assert_eq!(wait::one(&manual, NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn the_result_stays_when_the_wait_has_consumed_an_auto_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let event = Event::auto();
    let receive = Conn::new(&socket, 8).recv_event(&event);
    peer.write_all(b"xyz").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert!(!event.is_set());
    let Ok(done) = receive.try_finish() else { panic!("completed, as the event said") };
    assert_eq!(support::outcome(done), ":xyz");
}

#[test]
fn any_takes_the_lowest_index_and_consumes_only_that() {
    let _watch = support::driver();
    let events = [(); 5].map(|()| Event::auto());
    let all: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
    events[3].set();
    events[1].set();
    assert_eq!(wait::any(&all, NOW).unwrap(), Waited::Object(1));
    assert!(!events[1].is_set() && events[3].is_set());
    assert_eq!(wait::any(&all, None).unwrap(), Waited::Object(3));
    assert_eq!(wait::any(&all, NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn all_takes_everything_or_nothing() {
    let _watch = support::driver();
    let (a, b, manual) = (Event::auto(), Event::auto(), Event::manual());
    a.set();
    manual.set();
    assert_eq!(wait::all(&[&a, &b, &manual], NOW).unwrap(), Waited::TimedOut);
    assert_eq!(wait::all(&[&a, &b, &manual], Some(Duration::from_millis(10))).unwrap(), Waited::TimedOut);
    assert!(a.is_set(), "the one that was set is not consumed");
    b.set();
    assert_eq!(wait::all(&[&a, &b, &manual], None).unwrap(), Waited::Object(0));
    assert!(!a.is_set() && !b.is_set() && manual.is_set());
}

#[test]
fn all_does_not_hold_what_others_may_take() {
    let _watch = support::driver();
    let (a, b) = (Event::auto(), Event::auto());
    thread::scope(|scope| {
        let both = scope.spawn(|| wait::all(&[&a, &b], None).unwrap());
        // Whether or not `both` waits already, `a` alone is not its to take.
        for _ in 0..100 {
            a.set();
            assert_eq!(wait::one(&a, None).unwrap(), Waited::Object(0));
        }
        a.set();
        b.set();
        assert_eq!(both.join().unwrap(), Waited::Object(0));
    });
    assert!(!a.is_set() && !b.is_set());
}

#[test]
fn the_same_event_may_stand_twice_in_any() {
    let _watch = support::driver();
    for event in [Event::manual(), Event::auto()] {
        event.set();
        assert_eq!(wait::any(&[&event, &event], None).unwrap(), Waited::Object(0));
        event.reset();
        thread::scope(|scope| {
            let waiter = scope.spawn(|| wait::any(&[&event, &event], None).unwrap());
            event.set();
            assert_eq!(waiter.join().unwrap(), Waited::Object(0));
        });
    }
}

#[test]
fn nothing_to_wait_for_is_87() {
    let _watch = support::driver();
    for timeout in [NOW, None] {
        assert_eq!(support::code(&wait::any(&[], timeout)), 87);
        assert_eq!(support::code(&wait::all(&[], timeout)), 87);
    }
}

#[test]
fn a_timeout_is_not_early_and_any_length_is_allowed() {
    let _watch = support::driver();
    let (a, b) = (Event::manual(), Event::auto());
    let short = Duration::from_millis(20);
    for wait in [0, 1, 2] {
        let began = Instant::now();
        let waited = match wait {
            0 => wait::one(&a, Some(short)),
            1 => wait::any(&[&a, &b], Some(short)),
            _ => wait::all(&[&a, &b], Some(short)),
        };
        assert_eq!(waited.unwrap(), Waited::TimedOut);
        assert!(began.elapsed() >= short);
    }
    for long in [Duration::MAX, Duration::from_secs(u64::from(u32::MAX))] {
        thread::scope(|scope| {
            let waiter = scope.spawn(|| wait::any(&[&a, &b], Some(long)).unwrap());
            let sleeper = scope.spawn(|| overlapped::alertable::one(&a, Some(long)).unwrap());
            a.set();
            assert_eq!(waiter.join().unwrap(), Waited::Object(0));
            assert_eq!(sleeper.join().unwrap(), Waited::Object(0));
        });
        a.reset();
    }
}

#[test]
fn a_clone_is_the_same_event() {
    let _watch = support::driver();
    let event = Event::auto();
    let clone = event.clone();
    clone.set();
    assert!(event.is_set());
    drop(event);
    assert_eq!(wait::one(&clone, NOW).unwrap(), Waited::Object(0));
}

#[test]
fn a_thousand_objects_in_one_wait() {
    let _watch = support::driver();
    let events: Vec<_> = (0..1000).map(|_| Event::auto()).collect();
    let all: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
    thread::scope(|scope| {
        scope.spawn(|| events[777].set());
        assert_eq!(wait::any(&all, None).unwrap(), Waited::Object(777));
    });
    assert_eq!(wait::any(&all, NOW).unwrap(), Waited::TimedOut);
    thread::scope(|scope| {
        // Backwards, so that the first to be looked at is the last to be set.
        scope.spawn(|| events.iter().rev().for_each(Event::set));
        assert_eq!(wait::all(&all, None).unwrap(), Waited::Object(0));
    });
    assert!(events.iter().all(|event| !event.is_set()));
}

#[test]
fn a_signal_that_was_taken_back_does_not_come_again() {
    let _watch = support::driver();
    for _ in 0..20 {
        let (low, high) = (Event::auto(), Event::auto());
        thread::scope(|scope| {
            let waiter = scope.spawn(|| wait::any(&[&low, &high], None).unwrap());
            thread::sleep(Duration::from_millis(10));
            high.set();
            high.reset();
            low.set();
            waiter.join().unwrap();
        });
        assert!(!high.is_set());
    }
}
