//! Threads to which nothing comes beside busy ones: who leads steps down for these and guards. Whatever becomes of the busy ones and of
//! the guard, nobody is left waiting.

use super::{check_with, client, is_aborted, serve_data, spawn};
use crate::driver::scripted::Script;
use crate::sync::thread::JoinHandle;
use crate::{Event, Overlapped, Socket, Waited, alertable, wait};
use shuttle::rand::{Rng, thread_rng};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// A thread that waits for connections, of which none comes, or for the event to be set; whether it was the event.
fn silent(script: &Script, set: &Event, time: Option<Duration>) -> (Socket, JoinHandle<bool>) {
    let (listener, accepted, set) = (script.socket(), Event::auto(), set.clone());
    let accept = Overlapped::new(listener.clone()).accept_event(&accepted, |listener| listener);
    let waits = spawn(script, move |_| {
        let waited = loop {
            match wait::any(&[&accepted, &set], time).unwrap() {
                Waited::TimedOut => {}
                waited => break waited,
            }
        };
        if waited == Waited::Object(1) {
            accept.cancel().unwrap();
        }
        assert!(accept.finish().1.is_err());
        waited == Waited::Object(1)
    });
    (listener, waits)
}

/// A thread that waits for one message after the other.
fn busy(script: &Script, messages: usize) -> JoinHandle<()> {
    spawn(script, move |script| {
        let (event, dropped) = (Event::auto(), Arc::default());
        let mut session = client(&script.socket(), &dropped);
        for _ in 0..messages {
            let pending = session.recv_event(&event);
            wait::one(&event, None).unwrap();
            let (back, done) = pending.finish();
            assert!(!is_aborted(&done));
            session = back;
        }
    })
}

/// Busy threads end, one of them as the one that leads whenever it waits: what comes then comes.
#[test]
fn what_comes_after_the_busy_ones_comes() {
    check_with(serve_data, |script| {
        let time = thread_rng().gen_bool(0.3).then_some(Duration::from_millis(3));
        let (listener, waits) = silent(script, &Event::manual(), time);
        let count = thread_rng().gen_range(1..3);
        let threads: Vec<_> = (0..count).map(|_| busy(script, 3)).collect();
        if thread_rng().gen_bool(0.5) {
            threads.into_iter().for_each(|thread| thread.join().unwrap());
            listener.cancel().unwrap();
        } else {
            listener.cancel().unwrap();
            threads.into_iter().for_each(|thread| thread.join().unwrap());
        }
        assert!(!waits.join().unwrap());
    });
}

/// The guard's own wait ends, for something that is no operation: another one that waits leads.
#[test]
fn who_waits_beside_a_guard_that_leaves_is_told() {
    check_with(serve_data, |script| {
        let (set, never) = (Event::manual(), Event::manual());
        let (_, leaves) = silent(script, &set, None);
        let (listener, stays) = silent(script, &never, None);
        let thread = busy(script, 3);
        if thread_rng().gen_bool(0.5) {
            thread.join().unwrap();
            set.set();
        } else {
            set.set();
            thread.join().unwrap();
        }
        assert!(leaves.join().unwrap());
        listener.cancel().unwrap();
        assert!(!stays.join().unwrap());
    });
}

/// The busy thread goes on to wait for routines, in its own driver: the guard is told, and so is the thread of its events there.
#[test]
fn a_busy_thread_that_waits_elsewhere_keeps_nobody() {
    check_with(serve_data, |script| {
        let (listener, waits) = silent(script, &Event::manual(), None);
        let thread = spawn(script, move |script| {
            let (event, dropped) = (Event::auto(), Arc::new(AtomicUsize::new(0)));
            for _ in 0..2 {
                let pending = client(&script.socket(), &dropped).recv_event(&event);
                wait::one(&event, None).unwrap();
                drop(pending.finish());
            }
            let accepts = script.socket();
            let _ = Overlapped::new(accepts.clone()).accept(|socket| socket, |_, done| assert!(done.is_err()));
            let pending = client(&script.socket(), &dropped).recv_event(&event);
            assert_eq!(alertable::one(&event, None).unwrap(), Waited::Object(0));
            drop(pending.finish());
            listener.cancel().unwrap();
            accepts.cancel().unwrap();
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        });
        assert!(!waits.join().unwrap());
        thread.join().unwrap();
    });
}
