//! Threads that end with operations.

use super::{check_with, check_with_kernel, client, end_cancelled, end_or_give_back, is_aborted, spawn, until};
use crate::driver::scripted::Script;
use crate::sync;
use crate::sync::atomic::Ordering::SeqCst;
use crate::{Event, MutexObject, Waited, alertable, wait};
use shuttle::rand::{Rng, thread_rng};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

/// A thread that ends takes what it has issued with it: sessions with routines are dropped once, operations on events come
/// back to whoever has them.
#[test]
fn what_a_thread_has_issued_ends_with_it() {
    check_with_kernel(|script| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let issuer = spawn(script, {
            let dropped = Arc::clone(&dropped);
            move |script| {
                let _ = client(&script.socket(), &dropped).recv(|_, _| {});
                client(&script.socket(), &dropped).recv_event(&Event::manual())
            }
        });
        let pending = issuer.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 1, "before the end of the thread is over");
        let (session, done) = pending.finish();
        is_aborted(&done);
        drop(session);
        assert_eq!(dropped.load(SeqCst), 2);
    });
}

/// An operation of a thread that ends, behind one of another thread on the same socket: that goes on, this one ends, also
/// when the kernel gives an operation back meanwhile.
#[test]
fn an_ending_thread_leaves_those_of_others_alone() {
    check_with_kernel(|script| {
        let (socket, event) = (script.socket(), Event::manual());
        let dropped = Arc::new(AtomicUsize::new(0));
        let first = client(&socket, &dropped).recv_event(&event);
        let issuer = spawn(script, {
            let (socket, dropped) = (socket.clone(), Arc::clone(&dropped));
            move |_| {
                let behind = client(&socket, &dropped).recv_event(&Event::manual());
                let _ = client(&socket, &dropped).recv(|_, _| {});
                behind
            }
        });
        assert!(!is_aborted(&first.finish().1));
        let behind = issuer.join().unwrap();
        is_aborted(&behind.finish().1);
        until(|| dropped.load(SeqCst) == 3);
    });
}

/// A thread is signalled once it has ended, and its mutexes go on to who waits.
#[test]
fn an_end_is_told_to_all_who_wait() {
    check_with_kernel(|script| {
        let mutex = MutexObject::new();
        let (thread, handle) = alertable::spawn({
            let (mutex, script) = (mutex.clone(), script.clone());
            move || {
                script.enter();
                wait::one(&mutex, None).unwrap();
            }
        })
        .unwrap();
        let waiter = spawn(script, {
            let thread = thread.clone();
            move |_| wait::one(&thread, None).unwrap()
        });
        assert_eq!(wait::one(&thread, None).unwrap(), Waited::Object(0));
        assert_eq!(wait::one(&mutex, None).unwrap(), Waited::Abandoned(0));
        assert!(mutex.release().is_ok());
        assert_eq!(waiter.join().unwrap(), Waited::Object(0));
        handle.join().unwrap();
    });
}

/// The same where nothing comes: the end of the thread finds and cancels what it has in each place.
#[test]
fn an_end_finds_everything_that_the_thread_has() {
    check_with(end_cancelled, |script| {
        let routine = thread_rng().gen_bool(0.5);
        let dropped = Arc::new(AtomicUsize::new(0));
        let issuer = spawn(script, {
            let dropped = Arc::clone(&dropped);
            move |script| {
                let (socket, event) = (script.socket(), Event::manual());
                // With nothing in its own driver it does not wait for it, and looks in the hub once.
                if routine {
                    let _ = client(&script.socket(), &dropped).recv(|_, _| {});
                }
                [(); 2].map(|()| client(&socket, &dropped).recv_event(&event))
            }
        });
        for pending in issuer.join().unwrap() {
            assert!(is_aborted(&pending.finish().1));
        }
        assert_eq!(dropped.load(SeqCst), 2 + usize::from(routine));
    });
}

/// What the kernel gives back, and another thread settles, does not begin again for a thread that has ended meanwhile.
#[test]
fn what_is_given_back_does_not_outlive_its_thread() {
    check_with(end_or_give_back, |script| {
        let (event, dropped) = (Event::manual(), Arc::new(AtomicUsize::new(0)));
        let issuer = spawn(script, {
            let (event, dropped) = (event.clone(), Arc::clone(&dropped));
            move |script| client(&script.socket(), &dropped).recv_event(&event)
        });
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert!(is_aborted(&issuer.join().unwrap().finish().1));
        assert_eq!(dropped.load(SeqCst), 1);
    });
}

/// On a busy machine much time may go by between two looks of a thread that ends, of which it has waited for little: it does
/// not give up what it has.
#[test]
fn the_time_of_others_is_not_that_of_an_end() {
    let busy = |script: &Script, operation| {
        if script.cancel_requests().contains(&operation) {
            sync::pause(Duration::from_secs(60));
            end_cancelled(script, operation);
        }
    };
    check_with(busy, |script| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let issuer = spawn(script, {
            let dropped = Arc::clone(&dropped);
            move |script| {
                let _ = client(&script.socket(), &dropped).recv(|_, _| {});
            }
        });
        issuer.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 1);
    });
}
