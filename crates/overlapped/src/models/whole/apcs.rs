//! APCs across threads.

use super::{check, spawn, until};
use crate::driver::scripted::Script;
use crate::sync::Mutex;
use crate::sync::atomic::Ordering::SeqCst;
use crate::sync::lock;
use crate::{Event, Waited, alertable, wait};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Each APC runs once, on its thread, in the order in which its sender queued it; the thread sleeps for ever in between.
#[test]
fn each_apc_runs_once_in_order() {
    check(|| {
        let script = Script::new();
        let ran = Arc::new(Mutex::new(Vec::new()));
        let me = alertable::current();
        let senders = [10, 20].map(|sender| {
            let (me, ran) = (me.clone(), Arc::clone(&ran));
            spawn(&script, move |_| {
                for number in sender..sender + 2 {
                    let ran = Arc::clone(&ran);
                    me.queue(move || lock(&ran).push(number)).unwrap();
                }
            })
        });
        while lock(&ran).len() < 4 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        senders.into_iter().for_each(|sender| sender.join().unwrap());
        let ran = lock(&ran).clone();
        for sender in [10, 20] {
            let of: Vec<_> = ran.iter().copied().filter(|number| number / 10 == sender / 10).collect();
            assert_eq!(of, [sender, sender + 1]);
        }
    });
}

/// An APC to a thread that ends is refused, run, or dropped with the thread, never forgotten.
#[test]
fn an_apc_to_an_ending_thread_is_refused_run_or_dropped() {
    struct Counted(Arc<AtomicUsize>);
    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }
    check(|| {
        let gone = Arc::new(AtomicUsize::new(0));
        let (thread, handle) = alertable::spawn(|| {
            let _ = alertable::sleep(Some(std::time::Duration::ZERO));
        })
        .unwrap();
        for _ in 0..2 {
            let counted = Counted(Arc::clone(&gone));
            let _ = thread.queue(move || drop(counted));
        }
        assert_eq!(wait::one(&thread, None).unwrap(), Waited::Object(0));
        assert!(thread.queue(|| {}).is_err());
        handle.join().unwrap();
        until(|| gone.load(SeqCst) == 2);
    });
}

/// An APC and an event that come to a waiting thread: the wait ends for one of them, and the other is still there.
#[test]
fn an_apc_beside_an_event_loses_neither() {
    check(|| {
        let script = Script::new();
        let (event, ran, me) = (Event::auto(), Arc::new(AtomicUsize::new(0)), alertable::current());
        let setter = spawn(&script, {
            let event = event.clone();
            move |_| event.set()
        });
        let sender = spawn(&script, {
            let ran = Arc::clone(&ran);
            move |_| {
                me.queue(move || {
                    ran.fetch_add(1, SeqCst);
                })
                .unwrap();
            }
        });
        let mut signalled = 0;
        while signalled + ran.load(SeqCst) < 2 {
            if alertable::one(&event, None).unwrap() == Waited::Object(0) {
                signalled += 1;
            }
        }
        assert_eq!((signalled, ran.load(SeqCst)), (1, 1));
        setter.join().unwrap();
        sender.join().unwrap();
    });
}
