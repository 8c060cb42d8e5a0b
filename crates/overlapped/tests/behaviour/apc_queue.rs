//! The APC queue of a thread: first in, first out, user APCs and completion routines alike, drained by one wait.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use overlapped::alertable::{self, Thread};
use overlapped::{Event, Waited, wait};

use super::support::{self, Drops, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);

/// User APCs must be `Send`, so they log across threads.
type Order = Arc<Mutex<String>>;

fn queue(thread: &Thread, order: &Order, mark: char) {
    let order = Arc::clone(order);
    thread.queue(move || order.lock().unwrap().push(mark)).unwrap();
}

fn taken(order: &Order) -> String {
    std::mem::take(&mut order.lock().unwrap())
}

#[test]
fn one_wait_runs_all_in_order_and_says_so_once() {
    let _watch = support::driver();
    let order = Order::default();
    for mark in "abc".chars() {
        queue(&alertable::current(), &order, mark);
    }
    thread::sleep(Duration::from_millis(5));
    assert_eq!(taken(&order), "");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(taken(&order), "abc");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn what_is_queued_meanwhile_runs_in_the_same_wait() {
    let _watch = support::driver();
    fn next(order: Order, mark: char) {
        order.lock().unwrap().push(mark);
        if mark < 'z' {
            let following = char::from(mark as u8 + 1);
            alertable::current().queue(move || next(order, following)).unwrap();
        }
    }
    let order = Order::default();
    let first = Arc::clone(&order);
    alertable::current().queue(move || next(first, 'a')).unwrap();
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(taken(&order), ('a'..='z').collect::<String>());
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
}

thread_local! {
    /// Where APCs of this thread may log next to its routines.
    static HERE: Log = Log::default();
}

#[test]
fn routines_and_apcs_share_one_queue_in_order_of_arrival() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let me = alertable::current();
    let log = HERE.with(Log::clone);
    me.queue(|| HERE.with(|log| log.add("a"))).unwrap();
    Talk::new("I", &socket, 64, &log).recv(support::logged);
    peer.write_all(b"z").unwrap();
    support::delivered(&peer);
    me.queue(|| HERE.with(|log| log.add("b"))).unwrap();
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["a", "I:z", "b"]);
}

#[test]
fn completions_of_several_sockets_run_in_the_order_in_which_they_completed() {
    let _watch = support::driver();
    let log = Log::default();
    let mut ends: Vec<_> = (0..3).map(|_| support::pair()).collect();
    for (name, (socket, _)) in ["1", "2", "3"].into_iter().zip(&ends) {
        Talk::new(name, socket, 8, &log).recv(support::logged);
    }
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
    for index in [2, 0, 1] {
        ends[index].1.write_all(b"x").unwrap();
        support::delivered(&ends[index].1);
    }
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["3:x", "1:x", "2:x"]);
}

#[test]
fn an_apc_ends_the_wait_of_another_thread_and_runs_there() {
    let _watch = support::driver();
    let never = [Event::manual(), Event::manual()];
    type Wait = fn(&[Event; 2]) -> overlapped::Result<Waited>;
    let waits: [Wait; 4] = [
        |_| alertable::sleep(None),
        |never| alertable::one(&never[0], None),
        |never| alertable::any(&[&never[0], &never[1]], None),
        |never| alertable::all(&[&never[0], &never[1]], None),
    ];
    for wait in waits {
        let (to_me, from_thread) = mpsc::channel();
        let never = never.clone();
        let waiter = thread::spawn(move || {
            to_me.send(alertable::current()).unwrap();
            wait(&never).unwrap()
        });
        let target = from_thread.recv().unwrap();
        let (ran_on, ran) = mpsc::channel();
        // Give it time to be inside the wait; being early must work as well.
        thread::sleep(Duration::from_millis(10));
        target.queue(move || ran_on.send(thread::current().id()).unwrap()).unwrap();
        assert_eq!(ran.recv().unwrap(), waiter.thread().id());
        assert_eq!(waiter.join().unwrap(), Waited::Routines);
    }
}

#[test]
fn a_thread_that_does_not_wait_yet_runs_them_at_its_first_alertable_wait() {
    let _watch = support::driver();
    let (to_me, from_thread) = mpsc::channel();
    let queued = Arc::new(Barrier::new(2));
    let thread = thread::spawn({
        let queued = Arc::clone(&queued);
        move || {
            to_me.send(alertable::current()).unwrap();
            queued.wait();
            let plain = wait::one(&Event::manual(), NOW).unwrap();
            (plain, alertable::sleep(None).unwrap(), alertable::sleep(NOW).unwrap())
        }
    });
    let target = from_thread.recv().unwrap();
    let order = Order::default();
    for mark in "pq".chars() {
        queue(&target, &order, mark);
    }
    queued.wait();
    assert_eq!(thread.join().unwrap(), (Waited::TimedOut, Waited::Routines, Waited::TimedOut));
    assert_eq!(taken(&order), "pq");
}

#[test]
fn a_thread_that_never_waits_alertably_drops_them() {
    let _watch = support::driver();
    let drops = Drops::default();
    let (go, wait_for) = (Event::manual(), Event::manual());
    let (to_me, from_thread) = mpsc::channel();
    let thread = thread::spawn({
        let go = go.clone();
        move || {
            to_me.send(alertable::current()).unwrap();
            wait_for.set();
            wait::one(&go, None).unwrap()
        }
    });
    let target = from_thread.recv().unwrap();
    let ran = Arc::new(AtomicUsize::new(0));
    for _ in 0..3 {
        let (token, ran) = (drops.token(), Arc::clone(&ran));
        let apc = move || {
            let _token = token;
            ran.fetch_add(1, Ordering::SeqCst);
        };
        target.queue(apc).unwrap();
    }
    go.set();
    assert_eq!(thread.join().unwrap(), Waited::Object(0));
    assert_eq!((ran.load(Ordering::SeqCst), drops.count()), (0, 3));

    // The thread has ended: nothing can be queued, and what was brought is dropped, not lost.
    let token = drops.token();
    let refused = target.queue(move || drop(token));
    assert_eq!(support::code(&refused), 31);
    assert_eq!(drops.count(), 4);
}

#[test]
fn many_threads_queue_to_one() {
    let _watch = support::driver();
    const THREADS: usize = 4;
    const EACH: usize = 2000;
    let me = alertable::current();
    let seen: Arc<Mutex<Vec<Vec<usize>>>> = Arc::new(Mutex::new(vec![Vec::new(); THREADS]));
    let ran = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for from in 0..THREADS {
            let (me, seen, ran) = (me.clone(), Arc::clone(&seen), Arc::clone(&ran));
            scope.spawn(move || {
                for number in 0..EACH {
                    let (seen, ran) = (Arc::clone(&seen), Arc::clone(&ran));
                    let apc = move || {
                        seen.lock().unwrap()[from].push(number);
                        ran.fetch_add(1, Ordering::SeqCst);
                    };
                    me.queue(apc).unwrap();
                }
            });
        }
        support::run_until(|| ran.load(Ordering::SeqCst) == THREADS * EACH);
    });
    for from in seen.lock().unwrap().iter() {
        assert!(from.iter().copied().eq(0..EACH), "each thread's APCs keep their order");
    }
}

#[test]
fn two_threads_play_ping_pong() {
    let _watch = support::driver();
    // Each APC queues the answer: a wake-up that gets lost hangs the game.
    fn ball(from: Thread, to: Thread, left: Arc<AtomicUsize>) {
        if left.load(Ordering::SeqCst) > 0 {
            left.fetch_sub(1, Ordering::SeqCst);
            let (next, back) = (to.clone(), from);
            let _ = next.queue(move || ball(to, back, left));
        }
    }
    let left = Arc::new(AtomicUsize::new(4000));
    let (to_me, from_thread) = mpsc::channel();
    let player = thread::spawn({
        let left = Arc::clone(&left);
        move || {
            to_me.send(alertable::current()).unwrap();
            while left.load(Ordering::SeqCst) > 0 {
                alertable::sleep(None).unwrap();
            }
        }
    });
    let (me, other) = (alertable::current(), from_thread.recv().unwrap());
    ball(me.clone(), other.clone(), Arc::clone(&left));
    support::run_until(|| left.load(Ordering::SeqCst) == 0);
    // The last ball may have gone this way; the other one must still wake up to see the end.
    let _ = other.queue(|| {});
    player.join().unwrap();
}
