//! A thread to which nothing comes, beside one to which much does: the busy one drives what both wait for, and whatever it does
//! then, the other is told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::Duration;

use overlapped::{Event, Overlapped, Pending, Session, Socket, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

/// More than it takes until the busy one leads.
const MESSAGES: usize = 100;

/// A session of a thread that answers, and its peer.
struct Line {
    conn: Overlapped<Conn>,
    event: Event,
    peer: TcpStream,
}

impl Line {
    fn new() -> Self {
        let (socket, peer) = support::pair();
        Self { conn: Conn::new(&socket, 8), event: Event::auto(), peer }
    }

    /// So many messages one after the other, each sent by another thread and waited for here.
    fn serve(self, messages: usize) -> Self {
        let Self { conn, event, mut peer } = self;
        let serve = |conn: Overlapped<Conn>, message: usize| {
            let receive = conn.recv_event(&event);
            assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
            let (mut conn, done) = receive.finish();
            assert_eq!(&conn.buffer[..done.unwrap().bytes], [message as u8]);
            conn.parts().0.give_copy(&[0]).unwrap();
            conn
        };
        let conn = thread::scope(|scope| {
            let peer = &mut peer;
            scope.spawn(move || {
                for message in 0..messages {
                    peer.write_all(&[message as u8]).unwrap();
                    peer.read_exact(&mut [0]).unwrap();
                }
            });
            (0..messages).fold(conn, serve)
        });
        Self { conn, event, peer }
    }
}

fn accept(listener: Socket, event: &Event) -> Pending<Socket, Socket> {
    Overlapped::new(listener).accept_event(event, |listener| listener)
}

/// A thread that accepts so many connections and closes them; each wait is no longer than that.
fn accepts<'s>(
    scope: &'s Scope<'s, '_>,
    count: usize,
    time: Option<Duration>,
) -> (SocketAddr, ScopedJoinHandle<'s, ()>) {
    let (mut listener, at) = support::listener(support::loopback().ip());
    let thread = scope.spawn(move || {
        let event = Event::auto();
        for _ in 0..count {
            let pending = accept(listener.clone(), &event);
            while wait::one(&event, time).unwrap() == Waited::TimedOut {}
            let (back, accepted) = pending.finish();
            accepted.unwrap();
            listener = back.into_inner();
        }
    });
    (at, thread)
}

/// Connects, and returns once the connection has been accepted and closed.
fn knock(at: SocketAddr) {
    assert!(support::ended(&mut TcpStream::connect(at).unwrap()));
}

#[test]
fn connections_and_messages_come_by_turns() {
    let _watch = support::driver();
    thread::scope(|scope| {
        for time in [None, Some(Duration::from_micros(300))] {
            let (at, thread) = accepts(scope, 10, time);
            let mut line = Line::new();
            for _ in 0..10 {
                line = line.serve(MESSAGES);
                knock(at);
            }
            thread.join().unwrap();
        }
    });
}

#[test]
fn connections_come_among_messages() {
    let _watch = support::driver();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (at, thread) = accepts(scope, 50, None);
        let over = &over;
        scope.spawn(move || {
            (0..50).for_each(|_| knock(at));
            over.store(true, Ordering::SeqCst);
        });
        let mut line = Line::new();
        while !over.load(Ordering::SeqCst) {
            line = line.serve(MESSAGES);
        }
        thread.join().unwrap();
    });
}

/// What the busy thread does once it leads whenever it waits: it never comes back, and the accept is told all the same.
fn told_while(meanwhile: impl FnOnce(&AtomicBool) + Send) {
    let told = AtomicBool::new(false);
    thread::scope(|scope| {
        let (at, thread) = accepts(scope, 1, None);
        let told = &told;
        let busy = scope.spawn(move || {
            let line = Line::new().serve(MESSAGES);
            scope.spawn(move || knock(at));
            meanwhile(told);
            drop(line);
        });
        thread.join().unwrap();
        told.store(true, Ordering::SeqCst);
        busy.join().unwrap();
    });
}

#[test]
fn an_accept_is_told_while_the_busy_thread_computes() {
    let _watch = support::driver();
    told_while(|told| {
        while !told.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
    });
}

#[test]
fn an_accept_is_told_while_the_busy_thread_sleeps() {
    let _watch = support::driver();
    told_while(|told| {
        while !told.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(20));
        }
    });
}

#[test]
fn an_accept_is_told_after_the_busy_thread() {
    let _watch = support::driver();
    told_while(|_| {});
}

/// It waits in its own driver, for a routine.
#[test]
fn an_accept_is_told_while_the_busy_thread_waits_for_a_routine() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    thread::scope(|scope| {
        let (at, thread) = accepts(scope, 1, None);
        let busy = scope.spawn(move || {
            let _line = Line::new().serve(MESSAGES);
            let log = Log::default();
            let _ = Talk::new("late", &socket, 8, &log).recv(support::logged);
            scope.spawn(move || knock(at));
            assert_eq!(log.wait(1), ["late:x"]);
        });
        thread.join().unwrap();
        peer.write_all(b"x").unwrap();
        busy.join().unwrap();
    });
}

/// An operation that is issued by another thread while the one that leads whenever it waits does not.
#[test]
fn what_others_issue_goes_on_while_the_busy_thread_computes() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    told_while(|told| {
        let event = Event::manual();
        let receive = Conn::new(&socket, 8).recv_event(&event);
        peer.write_all(b"x").unwrap();
        while !(told.load(Ordering::SeqCst) && receive.is_done()) {
            std::hint::spin_loop();
        }
        assert_eq!(support::outcome(receive.finish()), ":x");
    });
}

/// The thread that has stepped down leaves its wait for something that is no operation; a second one goes on to wait.
#[test]
fn a_second_silent_thread_is_told_after_the_first_has_left() {
    let _watch = support::driver();
    let set = Event::manual();
    thread::scope(|scope| {
        for _ in 0..10 {
            let (at, second) = accepts(scope, 1, None);
            let first = scope.spawn(|| {
                let (listener, _) = support::listener(support::loopback().ip());
                let accepted = Event::auto();
                let pending = accept(listener, &accepted);
                assert_eq!(wait::any(&[&accepted, &set], None).unwrap(), Waited::Object(1));
                pending.cancel().unwrap();
                assert!(pending.finish().1.is_err());
            });
            Line::new().serve(MESSAGES);
            set.set();
            first.join().unwrap();
            set.reset();
            knock(at);
            second.join().unwrap();
        }
    });
}

/// Alertable waits, as those of a blocking call of C are: an APC comes to a thread that has stepped down.
#[test]
fn an_apc_comes_to_a_thread_that_has_stepped_down() {
    let _watch = support::driver();
    let (listener, at) = support::listener(support::loopback().ip());
    let ran = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (thread, handle) = alertable::spawn(move || {
            let event = Event::auto();
            let pending = accept(listener, &event);
            let mut routines = 0;
            while alertable::one(&event, None).unwrap() == Waited::Routines {
                routines += 1;
            }
            assert_eq!(routines, 10);
            pending.finish().1.unwrap();
        })
        .unwrap();
        let mut line = Line::new();
        for round in 0..10 {
            line = line.serve(MESSAGES);
            let (done, wait) = std::sync::mpsc::channel();
            thread.queue(move || done.send(()).unwrap()).unwrap();
            wait.recv().unwrap();
            ran.store(round, Ordering::SeqCst);
        }
        scope.spawn(move || knock(at));
        handle.join().unwrap();
    });
    assert_eq!(ran.load(Ordering::SeqCst), 9);
}

/// Several threads, each of them the busy one for a while, and then all of them at once.
#[test]
fn many_lead_in_turn() {
    let _watch = support::driver();
    const THREADS: usize = 6;
    let turn = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (at, accepting) = accepts(scope, THREADS, None);
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let turn = &turn;
                scope.spawn(move || {
                    let mut line = Line::new();
                    // Waits in the library all the while.
                    while turn.load(Ordering::SeqCst) != number {
                        assert_eq!(wait::one(&line.event, Some(Duration::from_millis(5))).unwrap(), Waited::TimedOut);
                    }
                    line = line.serve(MESSAGES);
                    knock(at);
                    turn.fetch_add(1, Ordering::SeqCst);
                    line.serve(10 * MESSAGES);
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        accepting.join().unwrap();
    });
}
