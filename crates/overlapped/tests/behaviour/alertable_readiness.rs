//! Waits for readiness that are alertable, as Winsock's are: what runs while they block, and that they go on.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use overlapped::face::readiness::{Member, Role, poll, select};
use overlapped::readiness::{Events, PollEntry};
use overlapped::{Result, Socket, Timer, alertable};

use super::support::{self, Log, Talk};

const NOW: Option<Duration> = Some(Duration::ZERO);
const SHORT: Option<Duration> = Some(Duration::from_millis(30));

fn selected(socket: &Socket, timeout: Option<Duration>) -> Result<usize> {
    select(&mut [Member::new(socket.into(), Role::Read)], timeout)
}

fn polled(socket: &Socket, timeout: Option<Duration>) -> Result<usize> {
    poll(&mut [PollEntry::new(socket, Events::READ)], timeout)
}

type Call = fn(&Socket, Option<Duration>) -> Result<usize>;

const CALLS: [Call; 2] = [selected, polled];

/// An APC of the calling thread, and how often it has run.
fn counted() -> (Arc<AtomicUsize>, impl FnOnce() + Send + Clone + 'static) {
    let ran = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&ran);
    (ran, move || _ = counter.fetch_add(1, Ordering::SeqCst))
}

#[test]
fn what_finds_something_at_once_runs_nothing() {
    let _watch = support::driver();
    let (socket, peer) = Socket::pair().unwrap();
    peer.try_send(b"x").unwrap();
    let (ran, apc) = counted();
    alertable::current().queue(apc).unwrap();
    for call in CALLS {
        for timeout in [NOW, SHORT, None] {
            while call(&socket, timeout).unwrap() == 0 {}
        }
    }
    // What only looks does not wait either.
    socket.try_recv(&mut [0; 8]).unwrap();
    for call in CALLS {
        assert_eq!(call(&socket, NOW).unwrap(), 0);
    }
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    alertable::sleep(NOW).unwrap();
    assert_eq!(ran.load(Ordering::SeqCst), 1);
}

#[test]
fn what_is_queued_runs_and_the_wait_goes_on() {
    let _watch = support::driver();
    for call in CALLS {
        let (socket, peer) = Socket::pair().unwrap();
        // What it runs makes the socket ready.
        alertable::current().queue(move || _ = peer.try_send(b"x")).unwrap();
        assert_eq!(call(&socket, None).unwrap(), 1);
        let (ran, apc) = counted();
        socket.try_recv(&mut [0; 8]).unwrap();
        alertable::current().queue(apc).unwrap();
        // Its peer has gone with the APC.
        assert_eq!(call(&socket, None).unwrap(), 1);
        assert_eq!(ran.load(Ordering::SeqCst), 0);
        alertable::sleep(NOW).unwrap();
    }
}

#[test]
fn the_time_is_that_of_the_whole_wait() {
    let _watch = support::driver();
    let (socket, _peer) = Socket::pair().unwrap();
    for call in CALLS {
        let (ran, apc) = counted();
        alertable::current().queue(apc).unwrap();
        let began = std::time::Instant::now();
        assert_eq!(call(&socket, SHORT).unwrap(), 0);
        assert!(began.elapsed() >= Duration::from_millis(30));
        assert_eq!(ran.load(Ordering::SeqCst), 1);
    }
}

/// The other thread cannot know whether the wait has begun: it tries every moment between.
#[test]
fn apcs_of_other_threads_end_the_block() {
    let _watch = support::driver();
    for call in CALLS {
        for pending in [false, true] {
            let (socket, peer) = Socket::pair().unwrap();
            let (idle, _idle_peer) = support::pair();
            let log = Log::default();
            if pending {
                Talk::new("r", &idle, 8, &log).recv(support::logged);
            }
            let peer = Arc::new(peer);
            let main = alertable::current();
            let (next, begin) = mpsc::channel::<u64>();
            let other = thread::spawn(move || {
                for round in begin {
                    thread::sleep(Duration::from_micros(round * 20));
                    let peer = Arc::clone(&peer);
                    main.queue(move || _ = peer.try_send(b"x")).unwrap();
                }
            });
            for round in 0..30 {
                next.send(round).unwrap();
                assert_eq!(call(&socket, None).unwrap(), 1);
                socket.try_recv(&mut [0; 8]).unwrap();
            }
            drop(next);
            other.join().unwrap();
            let _ = idle.cancel();
            support::run_until(|| log.len() == usize::from(pending));
        }
    }
}

/// Only the routine lets the peer go on, and the peer ends the wait.
#[test]
fn completions_of_the_thread_run_their_routines() {
    let _watch = support::driver();
    for call in CALLS {
        let (socket, peer) = support::pair();
        let (other, feeder) = support::pair();
        let log = Log::default();
        for round in 0..40 {
            Talk::new("r", &other, 8, &log).recv(|talk, done| {
                talk.socket.try_send(b"on").unwrap();
                support::logged(talk, done);
            });
            let (mut feeder, mut peer) = (feeder.try_clone().unwrap(), peer.try_clone().unwrap());
            thread::scope(|scope| {
                scope.spawn(move || {
                    thread::sleep(Duration::from_micros(round * 30));
                    feeder.write_all(b"x").unwrap();
                    feeder.read_exact(&mut [0; 2]).unwrap();
                    peer.write_all(b"y").unwrap();
                });
                assert_eq!(call(&socket, None).unwrap(), 1);
            });
            assert_eq!(log.take(), ["r:x"]);
            assert_eq!(socket.try_recv(&mut [0; 8]).unwrap(), 1);
        }
    }
}

#[test]
fn timers_of_the_thread_call_their_routines() {
    let _watch = support::driver();
    for call in CALLS {
        let (socket, peer) = Socket::pair().unwrap();
        let timer = Timer::manual();
        let mut left = 3;
        timer
            .set_with(Duration::from_millis(5), Some(Duration::from_millis(5)), move || {
                left -= 1;
                if left == 0 {
                    peer.try_send(b"x").unwrap();
                }
            })
            .unwrap();
        assert_eq!(call(&socket, None).unwrap(), 1);
        timer.cancel();
    }
}

/// A routine that waits for readiness itself, and so runs the next.
#[test]
fn waits_nest() {
    let _watch = support::driver();
    let (outer, to_outer) = Socket::pair().unwrap();
    let (inner, to_inner) = Socket::pair().unwrap();
    let main = alertable::current();
    main.queue(move || {
        assert_eq!(selected(&inner, None).unwrap(), 1);
        to_outer.try_send(b"x").unwrap();
    })
    .unwrap();
    main.queue(move || _ = to_inner.try_send(b"x")).unwrap();
    assert_eq!(polled(&outer, None).unwrap(), 1);
}

#[test]
fn a_close_by_an_apc_is_noticed() {
    let _watch = support::driver();
    let (socket, _peer) = Socket::pair().unwrap();
    let other = socket.clone();
    alertable::current().queue(move || other.close()).unwrap();
    assert_eq!(support::code(&selected(&socket, None)), 10038);
}
