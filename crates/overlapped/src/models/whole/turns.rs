//! Routines and events of several threads in one lane: operations that become the head on another thread.

use super::{check_with_kernel, client, is_aborted, spawn};
use crate::sync::atomic::Ordering::SeqCst;
use crate::{Event, Waited, alertable, wait};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// A routine behind an event that another thread drives: it is left to its own thread, which starts it and is woken for it.
#[test]
fn a_routine_behind_an_event_of_another_thread_comes() {
    check_with_kernel(|script| {
        let (socket, event, dropped) = (script.socket(), Event::manual(), Arc::new(AtomicUsize::new(0)));
        let pending = client(&socket, &dropped).recv_event(&event);
        let waiter = spawn(script, {
            let event = event.clone();
            move |_| wait::one(&event, None).unwrap()
        });
        let _ = client(&socket, &dropped).recv(|_, done| assert!(!is_aborted(&done)));
        while dropped.load(SeqCst) == 0 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        assert_eq!(waiter.join().unwrap(), Waited::Object(0));
        assert!(!is_aborted(&pending.finish().1));
    });
}

/// An event behind a routine: a plain wait of the routine's thread drives its home for it, and runs no routine.
#[test]
fn an_event_behind_a_routine_of_the_waiting_thread_comes() {
    check_with_kernel(|script| {
        let (socket, event, dropped) = (script.socket(), Event::manual(), Arc::new(AtomicUsize::new(0)));
        let _ = client(&socket, &dropped).recv(|_, done| assert!(!is_aborted(&done)));
        let issuer = spawn(script, {
            let (socket, event, dropped) = (socket.clone(), event.clone(), Arc::clone(&dropped));
            move |_| {
                let pending = client(&socket, &dropped).recv_event(&event);
                wait::one(&event, None).unwrap();
                assert!(!is_aborted(&pending.finish().1));
            }
        });
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        issuer.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 1, "a routine ran in a plain wait");
        while dropped.load(SeqCst) < 2 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
    });
}

/// A start that is left to a thread while it is cancelled: taken back or begun, its routine runs once.
#[test]
fn a_cancel_against_a_start_that_is_left() {
    check_with_kernel(|script| {
        let (socket, event, dropped) = (script.socket(), Event::manual(), Arc::new(AtomicUsize::new(0)));
        let pending = client(&socket, &dropped).recv_event(&event);
        let _ = client(&socket, &dropped).recv(|_, done| {
            is_aborted(&done);
        });
        let canceller = spawn(script, {
            let (socket, event) = (socket.clone(), event.clone());
            move |_| {
                wait::one(&event, None).unwrap();
                let _ = socket.cancel();
            }
        });
        while dropped.load(SeqCst) == 0 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        canceller.join().unwrap();
        is_aborted(&pending.finish().1);
        assert_eq!(dropped.load(SeqCst), 2);
    });
}

/// A routine behind an event that nobody waits for: the event's operation is an errand until it is the routine's turn.
#[test]
fn a_routine_behind_an_event_that_nobody_waits_for_comes() {
    check_with_kernel(|script| {
        let (socket, event, dropped) = (script.socket(), Event::manual(), Arc::new(AtomicUsize::new(0)));
        let pending = client(&socket, &dropped).recv_event(&event);
        let _ = client(&socket, &dropped).recv(|_, done| assert!(!is_aborted(&done)));
        while dropped.load(SeqCst) == 0 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        assert!(!is_aborted(&pending.finish().1));
    });
}
