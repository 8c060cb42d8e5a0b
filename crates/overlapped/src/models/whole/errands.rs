//! What goes on although nobody waits: the helper.

use super::{check_with, check_with_kernel, client, is_aborted, serve_data, spawn, until};
use crate::driver::scripted::SendNow;
use crate::sync::atomic::Ordering::SeqCst;
use crate::{Event, Waited, alertable, wait};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// The rest of a send goes out though no thread waits, every byte once and in order.
#[test]
fn the_rest_of_a_send_goes_out() {
    check_with_kernel(|script| {
        script.send_now(SendNow::Bytes(1));
        let socket = script.socket();
        let other = spawn(script, {
            let socket = socket.clone();
            move |_| socket.give_copy(b"ab").map(drop).unwrap()
        });
        socket.give_copy(b"cd").map(drop).unwrap();
        other.join().unwrap();
        until(|| socket.queued_bytes() == 0);
        let sent = script.sent_by(script.number(&socket));
        assert!(sent == b"abcd" || sent == b"cdab", "{sent:?}");
    });
}

/// A thread that has routines to come blocks in its own driver; the operation whose event it waits for is driven all the
/// same, and so are the routines.
#[test]
fn a_wait_for_routines_and_objects_gets_both() {
    check_with_kernel(|script| {
        let (event, dropped) = (Event::auto(), Arc::new(AtomicUsize::new(0)));
        let pending = client(&script.socket(), &dropped).recv_event(&event);
        let _ = client(&script.socket(), &dropped).recv(|_, done| assert!(!is_aborted(&done)));
        let mut signalled = false;
        while !signalled || dropped.load(SeqCst) == 0 {
            match alertable::one(&event, None).unwrap() {
                Waited::Object(0) => signalled = true,
                waited => assert_eq!(waited, Waited::Routines),
            }
            if signalled && dropped.load(SeqCst) == 0 {
                assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
            }
        }
        assert!(!is_aborted(&pending.finish().1));
    });
}

/// The helper and threads that come and go as leaders: errands and waits end.
#[test]
fn errands_go_on_beside_leaders() {
    check_with_kernel(|script| {
        script.send_now(SendNow::Bytes(0));
        let socket = script.socket();
        let waiter = spawn(script, |script| {
            let (event, dropped) = (Event::auto(), Arc::default());
            let pending = client(&script.socket(), &dropped).recv_event(&event);
            wait::one(&event, None).unwrap();
            assert!(!is_aborted(&pending.finish().1));
        });
        let ran = Rc::new(Cell::new(false));
        let message = crate::Overlapped::new((socket.clone(), *b"abc", Rc::clone(&ran)));
        let _ = message.send_with(
            |(socket, bytes, _)| (socket, bytes),
            |message, done| {
                assert_eq!(done.unwrap().bytes, 3);
                message.2.set(true);
            },
        );
        while !ran.get() {
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
        waiter.join().unwrap();
        assert_eq!(script.sent_by(script.number(&socket)), b"abc");
    });
}

/// The same where the routine never comes: the helper leads for the thread that blocks in its own driver.
#[test]
fn an_event_comes_to_a_thread_that_blocks_for_a_routine() {
    check_with(serve_data, |script| {
        let (listener, event, dropped) = (script.socket(), Event::auto(), Arc::default());
        let _ = crate::Overlapped::new(listener.clone()).accept(|listener| listener, |_, done| assert!(done.is_err()));
        let pending = client(&script.socket(), &dropped).recv_event(&event);
        assert_eq!(alertable::one(&event, None).unwrap(), Waited::Object(0));
        assert!(!is_aborted(&pending.finish().1));
        listener.cancel().unwrap();
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    });
}
