//! Routines that wait, panic, lock or never end: the queue stays whole.

use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waited, alertable, wait};

use super::support::{self, Drops, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);

#[test]
fn a_nested_wait_runs_the_rest_of_the_queue_and_the_outer_routine_resumes() {
    let _watch = support::driver();
    let log = Log::default();
    fn nest(talk: Overlapped<Talk>, done: Result<Completion>) {
        talk.log.add(format!("1:{}", done.unwrap().bytes));
        assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
        talk.log.add("r");
    }
    let mut ends: Vec<_> = (0..3).map(|_| support::pair()).collect();
    Talk::new("1", &ends[0].0, 8, &log).recv(nest);
    Talk::new("2", &ends[1].0, 8, &log).recv(support::logged);
    Talk::new("3", &ends[2].0, 8, &log).recv(support::logged);
    for (_, peer) in &mut ends {
        peer.write_all(b"n").unwrap();
        support::delivered(peer);
    }
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["1:1", "2:n", "3:n", "r"]);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
}

#[test]
fn a_nested_wait_waits_for_completions_as_any_other() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    fn ask(talk: Overlapped<Talk>, done: Result<Completion>) {
        done.unwrap();
        // A blocking call in the middle of a routine, written as the documents' programs would.
        Talk::new("answer", &talk.socket, 8, &talk.log).recv(support::logged);
        talk.socket.give(b"?").unwrap();
        support::run_until(|| talk.log.len() > 0);
        talk.log.add("asked");
    }
    Talk::new("q", &socket, 8, &log).recv(ask);
    peer.write_all(b"!").unwrap();
    let answerer = thread::spawn(move || {
        peer.read_exact(&mut [0]).unwrap();
        peer.write_all(b"yes").unwrap();
        peer
    });
    assert_eq!(log.wait(2), ["answer:yes", "asked"]);
    answerer.join().unwrap();
}

#[test]
fn waits_nest_deep() {
    let _watch = support::driver();
    fn deeper(depth: Arc<AtomicUsize>) {
        if depth.fetch_add(1, Ordering::SeqCst) < 500 {
            let next = Arc::clone(&depth);
            alertable::current().queue(move || deeper(next)).unwrap();
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
    }
    let depth = Arc::new(AtomicUsize::new(0));
    deeper(Arc::clone(&depth));
    assert_eq!(depth.load(Ordering::SeqCst), 501);
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::TimedOut);
}

struct Fragile {
    talk: Talk,
    _token: support::Token,
}
impl Session for Fragile {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        self.talk.parts()
    }
}

#[test]
fn a_panic_unwinds_through_the_wait_and_leaves_the_queue_intact() {
    let _watch = support::driver();
    let (log, drops) = (Log::default(), Drops::default());
    let mut ends: Vec<_> = (0..3).map(|_| support::pair()).collect();
    Talk::new("1", &ends[0].0, 8, &log).recv(support::logged);
    let talk = Talk::new("2", &ends[1].0, 8, &log).into_inner();
    Overlapped::new(Fragile { talk, _token: drops.token() }).recv(|_, _| panic!("a routine's own fault"));
    Talk::new("3", &ends[2].0, 8, &log).recv(support::logged);
    for (_, peer) in &mut ends {
        peer.write_all(b"p").unwrap();
        support::delivered(peer);
    }
    let fault = catch_unwind(AssertUnwindSafe(|| alertable::sleep(None))).unwrap_err();
    assert_eq!(fault.downcast_ref::<&str>(), Some(&"a routine's own fault"));
    assert_eq!(log.take(), ["1:p"]);
    assert_eq!(drops.count(), 1, "the panic dropped its session");
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["3:p"]);

    // The sockets of the thread work as before.
    Talk::new("4", &ends[1].0, 8, &log).recv(support::logged);
    ends[1].1.write_all(b"q").unwrap();
    assert_eq!(log.wait(1), ["4:q"]);
}

#[test]
fn a_panic_in_an_apc_leaves_the_others_queued() {
    let _watch = support::driver();
    let ran = Arc::new(AtomicUsize::new(0));
    let me = alertable::current();
    for fails in [false, true, false, true, false] {
        let ran = Arc::clone(&ran);
        let apc = move || {
            assert!(!fails, "this APC was made to fail");
            ran.fetch_add(1, Ordering::SeqCst);
        };
        me.queue(apc).unwrap();
    }
    for after in [1, 2] {
        assert!(catch_unwind(AssertUnwindSafe(|| alertable::sleep(None))).is_err());
        assert_eq!(ran.load(Ordering::SeqCst), after);
    }
    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(ran.load(Ordering::SeqCst), 3);
}

/// Guards what the routines and the thread between its waits both change.
static LEDGER: Mutex<Vec<usize>> = Mutex::new(Vec::new());

#[test]
fn a_routine_may_take_the_lock_its_thread_uses_between_waits() {
    let _watch = support::driver();
    fn entered(talk: Overlapped<Talk>, done: Result<Completion>) {
        let bytes = done.unwrap().bytes;
        // Never held here: it is only held where no routine can run.
        LEDGER.try_lock().expect("no routine runs while its thread holds the lock").push(bytes);
        if bytes > 0 {
            talk.recv(entered);
        }
    }
    let (socket, peer) = support::pair();
    let writer = thread::spawn(move || {
        for _ in 0..300 {
            (&peer).write_all(b"entry").unwrap();
        }
    });
    Talk::new("r", &socket, 5, &Log::default()).recv(entered);
    let (other, _other_peer) = support::pair();
    let unset = Event::manual();
    loop {
        {
            let ledger = LEDGER.lock().unwrap();
            if ledger.last() == Some(&0) {
                assert_eq!(ledger.iter().sum::<usize>(), 1500);
                break;
            }
            // Everything a thread does under its lock, short of an alertable wait.
            other.give(b"x").unwrap();
            assert_eq!(wait::one(&unset, Some(Duration::from_micros(50))).unwrap(), Waited::TimedOut);
            thread::yield_now();
        }
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
    writer.join().unwrap();
}

static CHAIN_ENDS: AtomicBool = AtomicBool::new(false);

#[test]
fn a_chain_of_sends_that_feeds_itself_does_not_starve_a_receive() {
    let _watch = support::driver();
    fn link(talk: Overlapped<Talk>, done: Result<Completion>) {
        assert_eq!(done.unwrap().bytes, 1);
        if !CHAIN_ENDS.load(Ordering::SeqCst) {
            talk.send(.., link);
        }
    }
    fn end(talk: Overlapped<Talk>, done: Result<Completion>) {
        CHAIN_ENDS.store(true, Ordering::SeqCst);
        support::logged(talk, done);
    }
    let (chain, mut chain_peer) = support::pair();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    let reader = thread::spawn(move || {
        // The chain runs for good before the data comes that has to get through beside it.
        let mut links = [0; 4096];
        chain_peer.read_exact(&mut links[..1000]).unwrap();
        peer.write_all(b"stop").unwrap();
        while chain_peer.read(&mut links).unwrap() > 0 {}
        peer
    });
    Talk::new("end", &socket, 8, &log).recv(end);
    Talk::of("chain", &chain, vec![7], &log).send(.., link);
    assert_eq!(log.wait(1), ["end:stop"]);
    alertable::sleep(NOW).unwrap();
    drop(chain);
    reader.join().unwrap();
}

#[test]
fn a_chain_of_apcs_that_feeds_itself_does_not_starve_a_receive() {
    let _watch = support::driver();
    fn link(ends: Arc<AtomicBool>) {
        if !ends.load(Ordering::SeqCst) {
            alertable::current().queue(move || link(ends)).unwrap();
        }
    }
    struct Ender(Socket, [u8; 8], Arc<AtomicBool>);
    impl Session for Ender {
        fn parts(&mut self) -> (&Socket, &mut [u8]) {
            (&self.0, &mut self.1)
        }
    }
    let (socket, peer) = support::pair();
    let ends = Arc::new(AtomicBool::new(false));
    Overlapped::new(Ender(socket, [0; 8], Arc::clone(&ends))).recv(|ender, _| ender.2.store(true, Ordering::SeqCst));
    let first = Arc::clone(&ends);
    alertable::current()
        .queue(move || {
            (&peer).write_all(b"stop").unwrap();
            link(first);
        })
        .unwrap();
    support::run_until(|| ends.load(Ordering::SeqCst));
    alertable::sleep(NOW).unwrap();
}
