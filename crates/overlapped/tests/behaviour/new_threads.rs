//! Threads that another face starts itself: known before they begin, ended with their thread-locals.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use overlapped::face::objects::is_same;
use overlapped::face::threads::{NewThread, has_ended};
use overlapped::{Event, MutexObject, Waited, alertable, codes, wait};

use super::support;

const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn one_becomes_the_thread_that_begins_it() {
    let _watch = support::driver();
    let new = NewThread::new();
    let others = new.thread();
    let said = Arc::new(Mutex::new(Vec::new()));
    for word in ["one", "two"] {
        let said = Arc::clone(&said);
        others.queue(move || said.lock().unwrap().push(word)).unwrap();
    }
    assert!(!has_ended(&others));
    assert_eq!(wait::one(&others, NOW).unwrap(), Waited::TimedOut);
    let mutex = MutexObject::new();
    let handle = thread::spawn({
        let (said, others, mutex) = (Arc::clone(&said), others.clone(), mutex.clone());
        move || {
            new.begin();
            said.lock().unwrap().push("begun");
            assert!(is_same(&alertable::current(), &others));
            wait::one(&mutex, None).unwrap()
        }
    });
    assert_eq!(wait::one(&others, None).unwrap(), Waited::Object(0));
    assert!(has_ended(&others));
    assert_eq!(handle.join().unwrap(), Waited::Object(0));
    assert_eq!(*said.lock().unwrap(), ["one", "two", "begun"]);
    assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Abandoned(0));
    mutex.release().unwrap();
}

#[test]
fn one_that_never_begins_has_ended() {
    let _watch = support::driver();
    let new = NewThread::new();
    let (others, dropped) = (new.thread(), Event::manual());
    let set = SetsWhenDropped(dropped.clone());
    others.queue(move || drop(set)).unwrap();
    drop(new);
    assert!(has_ended(&others));
    assert_eq!(wait::one(&others, NOW).unwrap(), Waited::Object(0));
    assert_eq!(others.queue(|| {}).unwrap_err().code(), codes::ERROR_GEN_FAILURE);
    assert!(dropped.is_set(), "what was queued is dropped with it");
}

struct SetsWhenDropped(Event);

impl Drop for SetsWhenDropped {
    fn drop(&mut self) {
        self.0.set();
    }
}

#[test]
fn two_handles_of_one_object() {
    let (one, other) = (Event::manual(), Event::manual());
    assert!(is_same(&one, &one.clone()));
    assert!(!is_same(&one, &other));
}
