//! Cancel, close and drop against the completion.

use super::{check_with, check_with_kernel, client, end_cancelled, is_aborted, spawn, until};
use crate::sync::atomic::Ordering::SeqCst;
use crate::{Event, Waited, alertable, codes, wait};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// An operation that is cancelled while it completes ends exactly once, as aborted or with its data.
#[test]
fn a_cancelled_operation_completes_once() {
    check_with_kernel(|script| {
        let (event, dropped) = (Event::auto(), Arc::new(AtomicUsize::new(0)));
        let socket = script.socket();
        let pending = [(); 2].map(|()| client(&socket, &dropped).recv_event(&event));
        let canceller = spawn(script, {
            let socket = socket.clone();
            move |_| socket.cancel().is_ok()
        });
        for pending in pending {
            assert!(pending.wait(None));
            let (session, done) = pending.finish();
            is_aborted(&done);
            drop(session);
        }
        canceller.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 2);
    });
}

/// Whoever closes a socket ends what others have on it; what is issued later fails at once.
#[test]
fn a_close_ends_everything_of_a_socket() {
    check_with_kernel(|script| {
        let (event, dropped) = (Event::manual(), Arc::default());
        let socket = script.socket();
        let closer = spawn(script, {
            let socket = socket.clone();
            move |_| socket.close()
        });
        let mut session = client(&socket, &dropped);
        let last = loop {
            let pending = session.recv_event(&event);
            wait::one(&event, None).unwrap();
            let (back, done) = pending.finish();
            match done {
                Ok(_) => session = back,
                Err(error) => break error.code(),
            }
        };
        assert!([codes::WSA_OPERATION_ABORTED, codes::WSAENOTSOCK].contains(&last), "{last}");
        closer.join().unwrap();
    });
}

/// A session whose `Pending` is dropped is dropped exactly once, by whoever comes last, though nobody waits for anything.
#[test]
fn a_dropped_pending_frees_its_session_once() {
    check_with_kernel(|script| {
        let (event, dropped) = (Event::manual(), Arc::new(AtomicUsize::new(0)));
        let socket = script.socket();
        let pending = client(&socket, &dropped).recv_event(&event);
        let behind = client(&socket, &dropped).recv_event(&event);
        let other = spawn(script, move |_| drop(pending));
        drop(behind);
        other.join().unwrap();
        until(|| dropped.load(SeqCst) == 2);
    });
}

/// The same beside a thread that leads for an operation of its own.
#[test]
fn a_pending_dropped_beside_a_leader_frees_its_session() {
    check_with_kernel(|script| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let leader = spawn(script, |script| {
            let (event, dropped) = (Event::auto(), Arc::default());
            let pending = client(&script.socket(), &dropped).recv_event(&event);
            wait::one(&event, None).unwrap();
            drop(pending.finish());
        });
        drop(client(&script.socket(), &dropped).recv_event(&Event::manual()));
        until(|| dropped.load(SeqCst) == 1);
        leader.join().unwrap();
    });
}

/// An operation with a routine that another thread cancels: the owner is woken, asks its driver, and the routine runs once.
#[test]
fn a_routine_runs_once_though_another_thread_cancels() {
    check_with_kernel(|script| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let socket = script.socket();
        let canceller = spawn(script, {
            let socket = socket.clone();
            move |_| {
                let _ = socket.cancel();
            }
        });
        for _ in 0..2 {
            let _ = client(&socket, &dropped).recv(|_, done| {
                is_aborted(&done);
            });
        }
        while dropped.load(SeqCst) < 2 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        canceller.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 2);
    });
}

/// The same where nothing comes: only the cancel ends the operations, so it reaches the driver of their thread, which sleeps.
#[test]
fn a_cancel_by_another_thread_reaches_the_owner() {
    check_with(end_cancelled, |script| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let socket = script.socket();
        for _ in 0..2 {
            let _ = client(&socket, &dropped).recv(|_, done| assert!(is_aborted(&done)));
        }
        let canceller = spawn(script, {
            let socket = socket.clone();
            move |_| socket.cancel().unwrap()
        });
        while dropped.load(SeqCst) < 2 {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        canceller.join().unwrap();
    });
}
