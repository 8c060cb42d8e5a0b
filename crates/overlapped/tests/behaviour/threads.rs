//! Threads as objects: signalled for ever once ended, known before they begin.

use std::panic;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::{Event, Waited, alertable, codes, wait};

use super::support::{self, Drops};

const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn a_thread_is_signalled_when_it_has_ended() {
    let _watch = support::driver();
    let go = Event::manual();
    let (thread, handle) = alertable::spawn({
        let go = go.clone();
        move || wait::one(&go, None).unwrap()
    })
    .unwrap();
    assert_eq!(wait::one(&thread, NOW).unwrap(), Waited::TimedOut);
    assert_eq!(wait::any(&[&go, &thread], Some(Duration::from_millis(5))).unwrap(), Waited::TimedOut);
    go.set();
    assert_eq!(wait::all(&[&thread, &go], None).unwrap(), Waited::Object(0));
    for _ in 0..2 {
        assert_eq!(alertable::one(&thread, NOW).unwrap(), Waited::Object(0), "for ever");
    }
    assert_eq!(handle.join().unwrap(), Waited::Object(0));
    assert_eq!(thread.queue(|| {}).unwrap_err().code(), codes::ERROR_GEN_FAILURE);
}

#[test]
fn every_thread_that_gives_its_handle_away() {
    let _watch = support::driver();
    assert_eq!(wait::one(&alertable::current(), NOW).unwrap(), Waited::TimedOut, "not itself");
    let (give, take) = mpsc::channel();
    let threads: Vec<_> = (0..5)
        .map(|_| {
            let give = give.clone();
            thread::spawn(move || {
                give.send(alertable::current()).unwrap();
                panic::resume_unwind(Box::new("ends all the same"));
            });
            take.recv().unwrap()
        })
        .collect();
    let all: Vec<_> = threads.iter().map(|thread| thread as _).collect();
    assert_eq!(wait::all(&all, None).unwrap(), Waited::Object(0));
    assert_eq!(wait::any(&all, None).unwrap(), Waited::Object(0));
}

#[test]
fn apcs_queued_before_it_begins_run_first() {
    let _watch = support::driver();
    let (say, said) = mpsc::channel();
    let suspended = alertable::suspended({
        let say = say.clone();
        move || {
            say.send("T").unwrap();
            5
        }
    });
    let thread = suspended.thread();
    for name in ["p", "q"] {
        let say = say.clone();
        suspended.thread().queue(move || say.send(name).unwrap()).unwrap();
    }
    drop(say);
    assert_eq!(wait::one(&thread, NOW).unwrap(), Waited::TimedOut);
    assert!(said.try_recv().is_err());
    let (same, handle) = suspended.resume().unwrap();
    assert_eq!(wait::all(&[&thread, &same], None).unwrap(), Waited::Object(0));
    assert_eq!(said.iter().collect::<String>(), "pqT");
    assert_eq!(handle.join().unwrap(), 5);
}

#[test]
fn one_that_never_begins_has_ended() {
    let _watch = support::driver();
    let drops = Drops::default();
    let token = drops.token();
    let suspended = alertable::suspended(move || drop(token));
    let thread = suspended.thread();
    let token = drops.token();
    thread.queue(move || drop(token)).unwrap();
    drop(suspended);
    assert_eq!(drops.count(), 2);
    assert_eq!(wait::one(&thread, NOW).unwrap(), Waited::Object(0));
    assert!(thread.queue(|| {}).is_err());
}

/// An APC that comes at any moment of its beginning is either run before the function or wakes it.
#[test]
fn nothing_queued_while_it_begins_is_lost() {
    let _watch = support::driver();
    for _ in 0..200 {
        let (told, heard) = mpsc::channel();
        let (thread, handle) = alertable::spawn(move || {
            while heard.try_recv().is_err() {
                assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
            }
            thread::current().id()
        })
        .unwrap();
        thread.queue(move || told.send(()).unwrap()).unwrap();
        let id = handle.thread().id();
        assert_eq!(handle.join().unwrap(), id);
    }
}
