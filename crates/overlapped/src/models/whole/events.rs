//! Operations on events, by several threads on one hub.

use super::{check_with_kernel, client, is_aborted, spawn};
use crate::{Event, Waited, wait};
use std::sync::Arc;

/// With an operation in flight and a thread that waits for it somebody leads: every wait ends, each with its own operation
/// done, though leaders come and go.
#[test]
fn every_wait_for_an_operation_ends() {
    check_with_kernel(|script| {
        let threads = [(); 2].map(|()| {
            spawn(script, |script| {
                let (dropped, event) = (Arc::default(), Event::auto());
                let mut session = client(&script.socket(), &dropped);
                for _ in 0..2 {
                    let pending = session.recv_event(&event);
                    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
                    assert!(pending.is_done());
                    let (back, done) = pending.finish();
                    assert!(!is_aborted(&done));
                    session = back;
                }
            })
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// What one thread issues and another waits for is driven by the one that waits, also if it waited before.
#[test]
fn an_operation_is_driven_by_who_waits() {
    check_with_kernel(|script| {
        let (event, dropped) = (Event::manual(), Arc::default());
        let waiters = [(); 2].map(|()| {
            let event = event.clone();
            spawn(script, move |_| assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0)))
        });
        let pending = client(&script.socket(), &dropped).recv_event(&event);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert!(!is_aborted(&pending.finish().1));
    });
}

/// The event of an operation that is finished and issued again is that of the new one: a wait that sees it set finds an
/// operation done.
#[test]
fn an_event_is_not_set_by_the_operation_before() {
    check_with_kernel(|script| {
        let (event, dropped) = (Event::manual(), Arc::default());
        let other = spawn(script, {
            let event = event.clone();
            move |_| {
                wait::one(&event, None).unwrap();
            }
        });
        let mut session = client(&script.socket(), &dropped);
        for _ in 0..3 {
            let pending = session.recv_event(&event);
            // Not a wait for the event: the owner may see the end of the operation first.
            pending.wait(None);
            session = pending.finish().0;
            event.reset();
        }
        let last = session.recv_event(&event);
        wait::one(&event, None).unwrap();
        assert!(last.is_done());
        other.join().unwrap();
        drop(last.finish());
    });
}

/// A thread that waits for all of two operations and one that waits for any of them: both end.
#[test]
fn waits_for_all_and_any_of_operations_end() {
    check_with_kernel(|script| {
        let (events, dropped) = ([Event::manual(), Event::manual()], Arc::default());
        let pending = [0, 1].map(|index| client(&script.socket(), &dropped).recv_event(&events[index]));
        let any = spawn(script, {
            let events = events.clone();
            move |_| wait::any(&[&events[0], &events[1]], None).unwrap()
        });
        wait::all(&[&events[0], &events[1]], None).unwrap();
        assert!(matches!(any.join().unwrap(), Waited::Object(0 | 1)));
        assert!(pending.iter().all(|pending| pending.is_done()));
        pending.into_iter().for_each(|pending| assert!(!is_aborted(&pending.finish().1)));
    });
}
