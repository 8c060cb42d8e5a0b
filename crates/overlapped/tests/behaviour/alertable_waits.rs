//! What ends an alertable wait: an object, the routines, or the timeout; and which of them wins.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use overlapped::{Event, Reset, Result, Waitable, Waited, alertable};

use super::support::{self, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);
const LONG: Option<Duration> = Some(Duration::from_secs(1000));

/// Queues one APC to the calling thread and returns the count of those that ran.
fn queue_one() -> Arc<AtomicUsize> {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ran);
    alertable::current().queue(move || _ = counter.fetch_add(1, Ordering::SeqCst)).unwrap();
    ran
}

#[test]
fn an_apc_alone_ends_each_wait_also_without_patience() {
    let _watch = support::driver();
    let (unset, set) = (Event::manual(), Event::new(Reset::Manual, true));
    let none: [&dyn Waitable; 2] = [&unset, &Event::auto()];
    let half: [&dyn Waitable; 2] = [&unset, &set];
    for timeout in [NOW, LONG, None] {
        let waits: [&dyn Fn() -> Result<Waited>; 5] = [
            &|| alertable::sleep(timeout),
            &|| alertable::one(&unset, timeout),
            &|| alertable::any(&none, timeout),
            &|| alertable::all(&none, timeout),
            &|| alertable::all(&half, timeout),
        ];
        for wait in waits {
            let ran = queue_one();
            assert_eq!(wait().unwrap(), Waited::Routines);
            assert_eq!(ran.load(Ordering::SeqCst), 1);
        }
    }
}

#[test]
fn a_signalled_object_wins_and_leaves_the_apc_queued() {
    let _watch = support::driver();
    let (unset, set) = (Event::manual(), Event::new(Reset::Manual, true));
    let ran = queue_one();
    for timeout in [NOW, LONG] {
        assert_eq!(alertable::one(&set, timeout).unwrap(), Waited::Object(0));
        assert_eq!(alertable::any(&[&unset, &set], timeout).unwrap(), Waited::Object(1));
        assert_eq!(alertable::all(&[&set, &Event::new(Reset::Manual, true)], timeout).unwrap(), Waited::Object(0));
        let auto = Event::new(Reset::Auto, true);
        assert_eq!(alertable::one(&auto, timeout).unwrap(), Waited::Object(0));
        assert!(!auto.is_set());
    }
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

#[test]
fn a_signalled_object_wins_over_a_completed_operation_too() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (log, set) = (Log::default(), Event::new(Reset::Manual, true));
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    peer.write_all(b"x").unwrap();
    support::delivered(&peer);
    assert_eq!(alertable::one(&set, None).unwrap(), Waited::Object(0));
    assert_eq!(log.len(), 0);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:x"]);
}

#[test]
fn an_apc_that_sets_the_very_object_ends_the_wait_as_an_apc() {
    let _watch = support::driver();
    for event in [Event::manual(), Event::auto()] {
        let setter = event.clone();
        alertable::current().queue(move || setter.set()).unwrap();
        assert_eq!(alertable::one(&event, None).unwrap(), Waited::Routines);
        assert!(event.is_set(), "and has not been consumed");
        assert_eq!(alertable::one(&event, NOW).unwrap(), Waited::Object(0));
    }
}

#[test]
fn a_completion_ends_a_wait_for_objects() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let never = Event::manual();
    let waits: [&dyn Fn() -> Result<Waited>; 3] =
        [&|| alertable::one(&never, None), &|| alertable::any(&[&never, &never], None), &|| {
            alertable::all(&[&never, &Event::auto()], None)
        }];
    for wait in waits {
        Talk::new("r", &socket, 8, &log).recv(support::logged);
        let mut writer = peer.try_clone().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || writer.write_all(b"x").unwrap());
            assert_eq!(wait().unwrap(), Waited::Routines);
        });
        assert_eq!(log.take(), ["r:x"]);
    }
    peer.flush().unwrap();
}

#[test]
fn an_object_set_by_another_thread_ends_the_wait() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let log = Log::default();
    // Something pending for routines: the wait has to watch both.
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    for event in [Event::manual(), Event::auto()] {
        let never = Event::manual();
        for round in 0..50 {
            std::thread::scope(|scope| {
                scope.spawn(|| event.set());
                let waited = match round % 2 {
                    0 => alertable::one(&event, None),
                    _ => alertable::any(&[&never, &event], None),
                };
                assert_eq!(waited.unwrap(), Waited::Object(round % 2));
            });
            event.reset();
        }
    }
    socket.cancel().unwrap();
    assert_eq!(log.wait(1), ["r!995"]);
}

#[test]
fn the_timeout_ends_each_wait_and_not_early() {
    let _watch = support::driver();
    let (unset, other) = (Event::manual(), Event::auto());
    let patience = Duration::from_millis(20);
    let short = Some(patience);
    let waits: [&dyn Fn() -> Result<Waited>; 4] = [
        &|| alertable::sleep(short),
        &|| alertable::one(&unset, short),
        &|| alertable::any(&[&unset, &other], short),
        &|| alertable::all(&[&unset, &other], short),
    ];
    for wait in waits {
        let began = std::time::Instant::now();
        assert_eq!(wait().unwrap(), Waited::TimedOut);
        assert!(began.elapsed() >= patience);
    }
}

#[test]
fn an_argument_error_comes_before_the_routines() {
    let _watch = support::driver();
    let ran = queue_one();
    assert_eq!(support::code(&alertable::any(&[], NOW)), 87);
    assert_eq!(support::code(&alertable::all(&[], NOW)), 87);
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
}
