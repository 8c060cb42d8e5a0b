//! Who leads the hub: with an operation in flight and a thread that waits for it somebody always drives it, or is woken
//! to. The kernel sees what is started only when somebody flushes or blocks, so a hand-over that is missed is a deadlock.

use super::{check, join, spawn};
use crate::driver::scripted::Script;
use crate::{Event, Overlapped, Pending, Socket, Waited, wait};
use std::time::Duration;

type Received = Pending<(Socket, [u8; 1])>;

fn script() -> Script {
    let script = Script::new();
    script.stage();
    script.enter();
    script
}

fn receive(socket: &Socket, event: &Event) -> Received {
    Overlapped::new((socket.clone(), [0])).recv_event_with(event, |(socket, buffer)| (socket, buffer))
}

fn finished(pending: Received) -> u8 {
    let (received, done) = pending.finish();
    assert_eq!(done.unwrap().bytes, 1);
    received.1[0]
}

/// An operation that is issued while a thread waits for its event already is driven by that thread, whether it is about
/// to sleep as a follower, sleeps, or was woken.
#[test]
fn an_operation_that_comes_to_a_waiting_thread_is_driven() {
    check(|| {
        let (script, event) = (script(), Event::auto());
        let waiter = spawn({
            let (script, event) = (script.clone(), event.clone());
            move || {
                script.enter();
                assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
            }
        });
        let pending = receive(&script.socket(), &event);
        script.receive(script.wait_for(1)[0], b"x");
        waiter.join().unwrap();
        assert_eq!(finished(pending), b'x');
    });
}

/// A second operation that is issued while the leader of the first is about to block, or blocks, reaches the kernel.
#[test]
fn an_operation_that_comes_to_a_leader_reaches_the_kernel() {
    check(|| {
        let (script, first) = (script(), Event::auto());
        let led = receive(&script.socket(), &first);
        let leader = spawn({
            let script = script.clone();
            move || {
                script.enter();
                wait::one(&first, None).unwrap();
            }
        });
        let second = Event::auto();
        let pending = receive(&script.socket(), &second);
        for started in script.wait_for(2) {
            script.receive(started, b"x");
        }
        leader.join().unwrap();
        assert_eq!(finished(led) + finished(pending), 2 * b'x');
    });
}

/// A leader whose own wait is over hands over: the thread that waits for the other operation leads then.
#[test]
fn a_leader_that_leaves_hands_over() {
    check(|| {
        let (script, events) = (script(), [Event::auto(), Event::auto()]);
        let pending = [0, 1].map(|index| receive(&script.socket(), &events[index]));
        let other = spawn({
            let (script, event) = (script.clone(), events[1].clone());
            move || {
                script.enter();
                wait::one(&event, None).unwrap();
            }
        });
        let kernel = spawn({
            let script = script.clone();
            move || {
                for started in script.wait_for(2) {
                    script.receive(started, b"x");
                }
            }
        });
        wait::one(&events[0], None).unwrap();
        other.join().unwrap();
        kernel.join().unwrap();
        pending.into_iter().for_each(|pending| assert_eq!(finished(pending), b'x'));
    });
}

/// A cancel by another thread reaches the kernel, and with it the completion the thread that waits.
#[test]
fn a_cancel_ends_the_wait_of_another_thread() {
    check(|| {
        let (script, event) = (script(), Event::auto());
        let socket = script.socket();
        let pending = receive(&socket, &event);
        let waiter = spawn({
            let script = script.clone();
            move || {
                script.enter();
                wait::one(&event, None).unwrap();
            }
        });
        socket.cancel().unwrap();
        waiter.join().unwrap();
        assert!(pending.finish().1.is_err());
    });
}

/// A leader that is woken for something else than a completion, before it blocks or in the driver, looks.
#[test]
fn a_leader_sees_what_is_no_operation() {
    check(|| {
        let (script, led, set) = (script(), Event::auto(), Event::auto());
        let pending = receive(&script.socket(), &led);
        let leader = spawn({
            let (script, set) = (script.clone(), set.clone());
            move || {
                script.enter();
                assert_eq!(wait::any(&[&led, &set], None).unwrap(), Waited::Object(1));
            }
        });
        set.set();
        leader.join().unwrap();
        pending.cancel().unwrap();
        assert!(pending.finish().1.is_err());
    });
}

/// A thread that only polls leads for a moment: who came to wait meanwhile leads after it.
#[test]
fn a_poll_hands_over() {
    check(|| {
        let (script, event) = (script(), Event::auto());
        let pending = receive(&script.socket(), &event);
        let waiter = spawn({
            let script = script.clone();
            move || {
                script.enter();
                wait::one(&event, None).unwrap();
            }
        });
        assert!(!pending.poll());
        script.receive(script.wait_for(1)[0], b"x");
        waiter.join().unwrap();
        assert_eq!(finished(pending), b'x');
    });
}

/// A thread that was woken to lead and leaves, since its own wait is over, wakes another to lead.
#[test]
fn who_is_woken_to_lead_and_leaves_passes_it_on() {
    check(|| {
        let (script, events) = (script(), [Event::auto(), Event::auto()]);
        let waiters = [0, 1].map(|index| {
            let (script, event) = (script.clone(), events[index].clone());
            spawn(move || {
                script.enter();
                wait::one(&event, None).unwrap();
            })
        });
        let pending = receive(&script.socket(), &events[0]);
        events[1].set();
        script.receive(script.wait_for(1)[0], b"x");
        join(waiters);
        assert_eq!(finished(pending), b'x');
    });
}

/// A leader that has brought nothing but what another thread waits for steps down and guards. That thread leads then, and wakes
/// nobody when it leaves; it does not come back: what the guard waits for is driven all the same.
#[test]
fn a_guard_leads_when_nobody_does() {
    check(|| {
        let (script, events) = (script(), [Event::auto(), Event::auto()]);
        let sockets = [(); 2].map(|()| script.socket());
        let [busy, guarded] = [0, 1].map(|index| receive(&sockets[index], &events[index]));
        let guard = spawn({
            let (script, event) = (script.clone(), events[1].clone());
            move || {
                script.enter();
                wait::one(&event, None).unwrap();
            }
        });
        script.receive(script.wait_for(2)[0], b"x");
        wait::one(&events[0], None).unwrap();
        assert_eq!(finished(busy), b'x');
        assert_eq!(wait::one(&events[0], Some(Duration::from_millis(1))).unwrap(), Waited::TimedOut);
        script.receive(script.wait_for(1)[0], b"y");
        guard.join().unwrap();
        assert_eq!(finished(guarded), b'y');
    });
}
