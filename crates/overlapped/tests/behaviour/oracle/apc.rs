//! User APCs, alertable waits and what the waits return (`03_apc`, `03_apc_blocking`).

use std::io::Write;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use overlapped::alertable::{self, Thread};
use overlapped::readiness::{SocketSet, select};
use overlapped::{Completion, Event, MutexObject, Overlapped, Reset, Result, Waitable, Waited, wait};

use super::super::support::{self, Conn};
use super::{LONG, NOW, SHORT};

/// The marks of the APCs that have run, in order.
#[derive(Clone, Default)]
struct Order(Arc<Mutex<String>>);

impl Order {
    fn add(&self, mark: char) {
        self.0.lock().unwrap().push(mark);
    }
    /// Queues an APC that leaves its mark.
    fn queue(&self, to: &Thread, mark: char) {
        let order = self.clone();
        to.queue(move || order.add(mark)).unwrap();
    }
    fn take(&self) -> String {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// One APC in the queue of the calling thread.
fn one_queued() -> Order {
    let order = Order::default();
    order.queue(&alertable::current(), '1');
    order
}

#[test]
fn queued_to_self() {
    let _watch = support::driver();
    let order = Order::default();
    for mark in ['a', 'b', 'c'] {
        order.queue(&alertable::current(), mark);
    }
    assert_eq!(order.take(), "");
    thread::sleep(Duration::from_millis(10));
    assert_eq!(order.take(), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "abc");
}

#[test]
fn an_apc_that_queues_another() {
    let _watch = support::driver();
    fn requeue(order: Order, mark: char) {
        order.add(mark);
        if mark < 'd' {
            alertable::current().queue(move || requeue(order, char::from(mark as u8 + 1))).unwrap();
        }
    }
    let order = Order::default();
    let first = order.clone();
    alertable::current().queue(move || requeue(first, 'a')).unwrap();
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "abcd");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn an_apc_alone_ends_each_alertable_wait() {
    let _watch = support::driver();
    let (unset, other, set) = (Event::manual(), Event::manual(), Event::new(Reset::Manual, true));
    let none: [&dyn Waitable; 2] = [&unset, &other];
    let both: [&dyn Waitable; 2] = [&unset, &set];
    let waits: [&dyn Fn() -> Result<Waited>; 4] =
        [&|| alertable::one(&unset, LONG), &|| alertable::one(&unset, NOW), &|| alertable::any(&none, LONG), &|| {
            alertable::all(&both, LONG)
        }];
    for wait in waits {
        let order = one_queued();
        assert_eq!(wait().unwrap(), Waited::Routines);
        assert_eq!(order.take(), "1");
    }
}

#[test]
fn signal_and_wait_with_an_apc() {
    let _watch = support::driver();
    let (signal, unset) = (Event::manual(), Event::manual());
    let order = one_queued();
    assert_eq!(alertable::signal_and_wait(&signal, &unset, LONG).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "1");
    assert_eq!(wait::one(&signal, NOW).unwrap(), Waited::Object(0), "it was signalled");
}

#[test]
fn plain_waits_run_nothing() {
    let _watch = support::driver();
    let (signal, unset, other) = (Event::manual(), Event::manual(), Event::manual());
    let order = one_queued();
    assert_eq!(wait::one(&unset, SHORT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::any(&[&unset, &other], SHORT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::signal_and_wait(&signal, &unset, SHORT).unwrap(), Waited::TimedOut);
    assert_eq!(order.take(), "");
}

#[test]
fn a_signalled_object_wins_over_the_apc() {
    let _watch = support::driver();
    let (signal, unset, set) = (Event::manual(), Event::manual(), Event::new(Reset::Manual, true));
    let order = one_queued();
    assert_eq!(alertable::one(&set, LONG).unwrap(), Waited::Object(0));
    assert_eq!(order.take(), "");
    assert_eq!(alertable::any(&[&unset, &set], LONG).unwrap(), Waited::Object(1));
    assert_eq!(order.take(), "");
    assert_eq!(alertable::signal_and_wait(&signal, &set, LONG).unwrap(), Waited::Object(0));
    assert_eq!(order.take(), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "1");
}

#[test]
fn an_apc_cuts_the_wait_short() {
    let _watch = support::driver();
    let unset = Event::manual();
    let order = one_queued();
    assert_eq!(alertable::one(&unset, SHORT).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "1");
    assert_eq!(alertable::one(&unset, SHORT).unwrap(), Waited::TimedOut);
}

#[test]
fn an_apc_signals_the_very_object() {
    let _watch = support::driver();
    let event = Event::manual();
    let setter = event.clone();
    alertable::current().queue(move || setter.set()).unwrap();
    assert_eq!(alertable::one(&event, LONG).unwrap(), Waited::Routines);
    assert_eq!(alertable::one(&event, NOW).unwrap(), Waited::Object(0));
}

#[test]
fn to_a_waiting_thread_and_after_its_end() {
    let _watch = support::driver();
    let (to_me, from_thread) = mpsc::channel();
    let waiter = thread::spawn(move || {
        to_me.send(alertable::current()).unwrap();
        alertable::one(&Event::manual(), LONG).unwrap()
    });
    let thread = from_thread.recv().unwrap();
    // Time to be inside the wait; being early must work as well.
    thread::sleep(Duration::from_millis(20));
    let ran_on: Arc<Mutex<Vec<ThreadId>>> = Arc::default();
    let here = Arc::clone(&ran_on);
    assert_eq!(support::code(&thread.queue(move || here.lock().unwrap().push(thread::current().id()))), 0);
    let id = waiter.thread().id();
    assert_eq!(waiter.join().unwrap(), Waited::Routines);
    assert_eq!(*ran_on.lock().unwrap(), [id], "run once, on that thread");

    let error = thread.queue(|| {}).unwrap_err();
    assert_eq!((error.code(), error.name()), (31, "ERROR_GEN_FAILURE"));
}

#[test]
fn to_a_thread_in_a_plain_wait() {
    let _watch = support::driver();
    let (to_me, from_thread) = mpsc::channel();
    let go = Event::manual();
    let waiter = thread::spawn({
        let go = go.clone();
        move || {
            to_me.send(alertable::current()).unwrap();
            wait::one(&go, LONG).unwrap()
        }
    });
    let (order, thread) = (Order::default(), from_thread.recv().unwrap());
    thread::sleep(Duration::from_millis(20));
    order.queue(&thread, 'x');
    thread::sleep(Duration::from_millis(30));
    go.set();
    assert_eq!(waiter.join().unwrap(), Waited::Object(0));
    assert_eq!(order.take(), "", "not run, ever");
}

#[test]
fn to_a_suspended_new_thread() {
    let _watch = support::driver();
    let order = Order::default();
    let function = order.clone();
    let suspended = alertable::suspended(move || {
        function.add('T');
        5
    });
    order.queue(&suspended.thread(), 'p');
    order.queue(&suspended.thread(), 'q');
    let (thread, handle) = suspended.resume().unwrap();
    assert_eq!(wait::one(&thread, LONG).unwrap(), Waited::Object(0));
    assert_eq!(order.take(), "pqT");
    assert_eq!(handle.join().unwrap(), 5);
}

thread_local! {
    /// Where the APCs and the routine of `mixed_with_io` leave their marks.
    static HERE: Order = Order::default();
}

#[test]
fn mixed_with_io() {
    let _watch = support::driver();
    fn routine(_: Overlapped<Conn>, _: Result<Completion>) {
        HERE.with(|order| order.add('I'));
    }
    let (socket, mut peer) = support::pair();
    let order = HERE.with(Order::clone);
    order.queue(&alertable::current(), 'a');
    Conn::new(&socket, 8).recv(routine);
    peer.write_all(b"z").unwrap();
    support::delivered(&peer);
    order.queue(&alertable::current(), 'b');
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "aIb");
}

#[test]
fn a_free_mutex_wins_over_the_apc() {
    let _watch = support::driver();
    let mutex = MutexObject::new();
    let order = one_queued();
    assert_eq!(alertable::one(&mutex, LONG).unwrap(), Waited::Object(0));
    assert_eq!(support::code(&mutex.release()), 0, "it is owned");
    assert_eq!(order.take(), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
}

/// A handle cannot be invalid here; no object at all is the wrong argument that is left.
#[test]
fn an_argument_error_comes_before_the_apc() {
    let _watch = support::driver();
    let order = one_queued();
    assert_eq!(support::code(&alertable::any(&[], NOW)), 87);
    assert_eq!(order.take(), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
}

#[test]
fn a_plain_wait_that_blocks_runs_nothing() {
    let _watch = support::driver();
    let released = Event::manual();
    let order = one_queued();
    let releaser = thread::spawn({
        let released = released.clone();
        move || {
            thread::sleep(Duration::from_millis(20));
            released.set();
        }
    });
    assert_eq!(wait::one(&released, LONG).unwrap(), Waited::Object(0));
    assert_eq!(order.take(), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(order.take(), "1");
    releaser.join().unwrap();
}

#[test]
fn a_receive_that_does_not_wait_runs_nothing() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    peer.write_all(b"x").unwrap();
    let order = one_queued();
    let mut read = SocketSet::new();
    read.insert(&socket);
    assert_eq!(select(Some(&mut read), None, None, LONG).unwrap(), 1);
    assert_eq!(socket.try_recv(&mut [0; 1]).unwrap(), 1);
    assert_eq!(order.take(), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
}
