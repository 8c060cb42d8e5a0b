//! Routines and events beside each other, in one thread and across threads, for long enough to meet.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waitable, Waited, alertable, wait};

use super::support::{self, Conn};

const ROUNDS: usize = 1000;

/// Sends single bytes and waits for each to come back.
fn ping(mut peer: TcpStream) {
    for round in 0..ROUNDS {
        peer.write_all(&[round as u8]).unwrap();
        let mut back = [0];
        peer.read_exact(&mut back).unwrap();
        assert_eq!(back[0], round as u8);
    }
}

struct Echo {
    socket: Socket,
    buffer: [u8; 16],
    ended: &'static AtomicUsize,
}

impl Session for Echo {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.ended.fetch_add(1, Ordering::SeqCst);
    }
}

fn received(echo: Overlapped<Echo>, done: Result<Completion>) {
    let bytes = done.unwrap().bytes;
    if bytes > 0 {
        echo.socket.give_copy(&echo.buffer[..bytes]).unwrap();
        echo.recv(received);
    }
}

/// Echoes on events until all connections end; alertable, so that routines run beside.
fn serve_events(sockets: &[Socket]) {
    let events: Vec<_> = sockets.iter().map(|_| Event::auto()).collect();
    let mut pending: Vec<_> =
        sockets.iter().zip(&events).map(|(socket, event)| Some(Conn::new(socket, 16).recv_event(event))).collect();
    let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
    while pending.iter().any(Option::is_some) {
        let Waited::Object(index) = alertable::any(&objects, None).unwrap() else { continue };
        let (conn, done) = pending[index].take().unwrap().finish();
        let bytes = done.unwrap().bytes;
        if bytes > 0 {
            conn.socket.give_copy(&conn.buffer[..bytes]).unwrap();
            pending[index] = Some(conn.recv_event(&events[index]));
        }
    }
}

#[test]
fn threads_that_serve_both_at_once() {
    let _watch = support::driver();
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    const THREADS: usize = 2;
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (on_routines, on_events) = ([support::pair(), support::pair()], [support::pair(), support::pair()]);
            let (sockets, peers): (Vec<_>, Vec<_>) = on_routines.into_iter().unzip();
            let (event_sockets, event_peers): (Vec<_>, Vec<_>) = on_events.into_iter().unzip();
            for peer in peers.into_iter().chain(event_peers) {
                scope.spawn(|| ping(peer));
            }
            scope.spawn(move || {
                for socket in sockets {
                    Overlapped::new(Echo { socket, buffer: [0; 16], ended: &ENDED }).recv(received);
                }
                serve_events(&event_sockets);
                // The routines of this thread have to run until the last connection has ended.
                while ENDED.load(Ordering::SeqCst) < 2 * THREADS {
                    let _ = alertable::sleep(Some(Duration::from_millis(1))).unwrap();
                }
            });
        }
    });
}

/// Threads that wait for nothing, shortly and again, and so lead and leave all the time.
fn with_restless_waiters(main: impl FnOnce()) {
    let restless = AtomicBool::new(true);
    thread::scope(|scope| {
        for number in 0..3u64 {
            let restless = &restless;
            scope.spawn(move || {
                let never = [Event::manual(), Event::auto()];
                while restless.load(Ordering::SeqCst) {
                    let short = Some(Duration::from_micros(20 + 50 * number));
                    let waited = match number {
                        0 => wait::one(&never[0], short),
                        1 => wait::any(&[&never[0], &never[1]], short),
                        _ => alertable::all(&[&never[0], &never[1]], short),
                    };
                    assert_eq!(waited.unwrap(), Waited::TimedOut);
                }
            });
        }
        main();
        restless.store(false, Ordering::SeqCst);
    });
}

#[test]
fn waiters_that_come_and_go_lose_no_completion_on_an_event() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    with_restless_waiters(|| {
        let pinging = thread::spawn(|| ping(peer));
        let event = Event::auto();
        let mut conn = Conn::new(&socket, 16);
        for round in 0..ROUNDS {
            let receive = conn.recv_event(&event);
            if round % 2 == 0 {
                assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
            }
            let (back, done) = receive.finish();
            let (back, done) = back.send_event(..done.unwrap().bytes, &event).finish();
            done.unwrap();
            conn = back;
        }
        pinging.join().unwrap();
    });
}

#[test]
fn waiters_that_come_and_go_lose_no_completion_with_a_routine() {
    let _watch = support::driver();
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    let (socket, peer) = support::pair();
    with_restless_waiters(|| {
        let pinging = thread::spawn(|| ping(peer));
        Overlapped::new(Echo { socket, buffer: [0; 16], ended: &ENDED }).recv(received);
        support::run_until(|| ENDED.load(Ordering::SeqCst) == 1);
        pinging.join().unwrap();
    });
}

#[test]
fn a_socket_that_wanders_between_threads_and_models() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let writer = thread::spawn(move || {
        for round in 0..300u16 {
            peer.write_all(&round.to_be_bytes()).unwrap();
            if round % 7 == 0 {
                thread::yield_now();
            }
        }
        peer
    });
    // The receive of each pair of bytes belongs to the next thread, and every third is on an event.
    let (a, b) = (std::sync::mpsc::sync_channel(0), std::sync::mpsc::sync_channel(0));
    let take = |from: std::sync::mpsc::Receiver<u16>, to: std::sync::mpsc::SyncSender<u16>, socket: Socket| {
        for round in from {
            let mut got = Vec::new();
            while got.len() < 2 {
                let missing = 2 - got.len();
                if round % 3 == 0 {
                    let (conn, done) = Conn::new(&socket, missing).recv_event(&Event::auto()).finish();
                    got.extend_from_slice(&conn.buffer[..done.unwrap().bytes]);
                } else {
                    let log = support::Log::default();
                    support::Talk::new("", &socket, missing, &log).recv(|talk, done| {
                        let bytes = done.unwrap().bytes;
                        talk.log.add(talk.buffer[..bytes].iter().map(|byte| char::from(*byte)).collect::<String>());
                    });
                    got.extend(log.wait(1)[0].chars().map(|byte| byte as u8));
                }
            }
            assert_eq!(u16::from_be_bytes([got[0], got[1]]), round);
            if round == 299 || to.send(round + 1).is_err() {
                break;
            }
        }
    };
    thread::scope(|scope| {
        let (first, second) = (socket.clone(), socket.clone());
        let (to_first, to_second) = (a.0.clone(), b.0);
        scope.spawn(move || take(a.1, to_second, first));
        scope.spawn(move || take(b.1, to_first, second));
        a.0.send(0).unwrap();
        drop(a.0);
    });
    writer.join().unwrap();
}

#[test]
fn one_end_on_events_and_the_other_with_routines() {
    let _watch = support::driver();
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    let (socket, peer) = support::pair();
    let peer = Socket::from(peer);
    thread::scope(|scope| {
        scope.spawn(move || {
            Overlapped::new(Echo { socket, buffer: [0; 16], ended: &ENDED }).recv(received);
            support::run_until(|| ENDED.load(Ordering::SeqCst) == 1);
        });
        scope.spawn(move || {
            let (event, mut conn) = (Event::manual(), Conn::new(&peer, 8));
            for round in 0..ROUNDS {
                conn.buffer[0] = round as u8;
                let (sent, done) = conn.send_event(..1, &event).finish();
                done.unwrap();
                let (back, done) = sent.recv_event(&event).finish();
                assert_eq!((done.unwrap().bytes, back.buffer[0]), (1, round as u8));
                conn = back;
            }
        });
    });
}
