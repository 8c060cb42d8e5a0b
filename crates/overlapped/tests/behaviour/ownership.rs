//! A session is dropped exactly once, on the thread it belongs to, whatever ends its operation.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, ThreadId};

use overlapped::{Completion, Event, Overlapped, Result, Session, Socket, Waited, alertable};

use super::support::{self, Drops, Token};

/// Tells where it was dropped; `Rc` keeps it on its thread.
struct Owned {
    socket: Socket,
    buffer: [u8; 16],
    dropped_on: mpsc::Sender<ThreadId>,
    _token: Token,
    _local: std::rc::Rc<()>,
}

impl Owned {
    fn of(socket: &Socket, dropped_on: &mpsc::Sender<ThreadId>, drops: &Drops) -> Overlapped<Owned> {
        Overlapped::new(Owned {
            socket: socket.clone(),
            buffer: [0; 16],
            dropped_on: dropped_on.clone(),
            _token: drops.token(),
            _local: std::rc::Rc::default(),
        })
    }
}

impl Session for Owned {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.dropped_on.send(thread::current().id());
    }
}

/// More than the kernel takes at once.
static BIG: [u8; 4 << 20] = [0; 4 << 20];

static RAN: AtomicUsize = AtomicUsize::new(0);

fn gone(_: Overlapped<Owned>, _: Result<Completion>) {}

fn must_not_run<R>(_: Overlapped<Owned>, _: Result<R>) {
    RAN.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn without_any_operation() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let (drops, (dropped, _)) = (Drops::default(), mpsc::channel());
    drop(Owned::of(&socket, &dropped, &drops));
    assert_eq!(drops.count(), 1);
    let owned = Owned::of(&socket, &dropped, &drops).into_inner();
    assert_eq!(drops.count(), 1);
    drop(owned);
    assert_eq!(drops.count(), 2);
}

#[test]
fn completed_cancelled_closed_and_failed() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (drops, (dropped, _)) = (Drops::default(), mpsc::channel());
    peer.write_all(b"x").unwrap();
    Owned::of(&socket, &dropped, &drops).recv(gone);
    support::run_until(|| drops.count() == 1);

    Owned::of(&socket, &dropped, &drops).recv(gone);
    Owned::of(&socket, &dropped, &drops).recv(gone);
    socket.cancel().unwrap();
    assert_eq!(drops.count(), 1, "it belongs to the operation until its routine runs");
    support::run_until(|| drops.count() == 3);

    Owned::of(&socket, &dropped, &drops).recv(gone);
    socket.close();
    support::run_until(|| drops.count() == 4);
    Owned::of(&socket, &dropped, &drops).recv(gone);
    support::run_until(|| drops.count() == 5);
}

#[test]
fn a_thread_that_ends_with_operations_in_flight_drops_them_itself_and_runs_nothing() {
    let _watch = support::driver();
    let drops = Drops::default();
    let (dropped, dropped_on) = mpsc::channel();
    let (listener, at) = support::listener(support::loopback().ip());
    let (socket, mut peer) = support::narrow_pair();
    let thread = thread::spawn({
        let (drops, socket, listener) = (drops.clone(), socket.clone(), listener.clone());
        move || {
            Owned::of(&socket, &dropped, &drops).recv(must_not_run);
            Owned::of(&socket, &dropped, &drops).recv(must_not_run);
            let send = Owned::of(&socket, &dropped, &drops);
            send.send_with(|owned| (&owned.socket, &BIG), must_not_run);
            Owned::of(&socket, &dropped, &drops).send(.., must_not_run);
            Owned::of(&listener, &dropped, &drops).accept(|owned| &owned.socket, must_not_run);
            // Some in the kernel, some only prepared.
            let _ = alertable::sleep(Some(std::time::Duration::from_millis(5))).unwrap();
            Owned::of(&listener, &dropped, &drops).accept(|owned| &owned.socket, must_not_run);
            let client = Socket::tcp(&at).unwrap();
            Owned::of(&client, &dropped, &drops).connect(at, |owned| &owned.socket, must_not_run);
            thread::current().id()
        }
    });
    let id = thread.join().unwrap();
    assert_eq!(drops.count(), 7, "all of them, when join returns");
    assert!(dropped_on.iter().all(|on| on == id), "by the thread they never left");
    assert_eq!(RAN.load(Ordering::SeqCst), 0);
    // Their sockets go on with other threads.
    peer.write_all(b"next").unwrap();
    let receive = support::Conn::new(&socket, 8).recv_event(&Event::manual());
    assert_eq!(support::outcome(receive.finish()), ":next");
}

#[test]
fn a_thread_that_ends_with_routines_queued_drops_them_and_runs_nothing() {
    let _watch = support::driver();
    let drops = Drops::default();
    let (socket, mut peer) = support::pair();
    peer.write_all(b"there").unwrap();
    support::delivered(&peer);
    let ran = Arc::new(AtomicUsize::new(0));
    thread::spawn({
        let (drops, ran) = (drops.clone(), Arc::clone(&ran));
        move || {
            let (dropped, _) = mpsc::channel();
            Owned::of(&socket, &dropped, &drops).recv(must_not_run);
            Owned::of(&socket, &dropped, &drops).send(.., must_not_run);
            let token = drops.token();
            let apc = move || {
                drop(token);
                ran.fetch_add(1, Ordering::SeqCst);
            };
            alertable::current().queue(apc).unwrap();
        }
    })
    .join()
    .unwrap();
    assert_eq!((drops.count(), ran.load(Ordering::SeqCst)), (3, 0));
    assert_eq!(RAN.load(Ordering::SeqCst), 0);
    // The socket went with the last session, as the peer sees behind what was sent at once.
    let mut sent = Vec::new();
    let _ = peer.read_to_end(&mut sent);
    assert!(sent.is_empty() || sent.len() == 16);
}

#[test]
fn a_thread_that_panics_drops_them_too() {
    let _watch = support::driver();
    let drops = Drops::default();
    let (socket, mut peer) = support::pair();
    let thread = thread::spawn({
        let drops = drops.clone();
        move || {
            let (dropped, _) = mpsc::channel();
            Owned::of(&socket, &dropped, &drops).recv(must_not_run);
            let _ = alertable::sleep(Some(std::time::Duration::from_millis(1)));
            panic!("this thread was made to fail");
        }
    });
    assert!(thread.join().is_err());
    assert_eq!(drops.count(), 1);
    assert!(support::ended(&mut peer));
}

#[test]
fn an_accept_nobody_takes_closes_its_connection() {
    let _watch = support::driver();
    for connects_first in [true, false] {
        let (listener, at) = support::listener(support::loopback().ip());
        let (ready, go) = (Event::auto(), Event::auto());
        let thread = thread::spawn({
            let (listener, ready, go) = (listener.clone(), ready.clone(), go.clone());
            move || {
                Overlapped::new(listener).accept(|l| l, |_, _| RAN.store(1000, Ordering::SeqCst));
                if !connects_first {
                    // In the kernel when the client comes.
                    assert_eq!(alertable::sleep(Some(std::time::Duration::ZERO)).unwrap(), Waited::TimedOut);
                }
                ready.set();
                overlapped::wait::one(&go, None).unwrap();
            }
        });
        overlapped::wait::one(&ready, None).unwrap();
        let mut peer = TcpStream::connect(at).unwrap();
        go.set();
        thread.join().unwrap();
        // A connection that was taken has ended by now; one that was not goes with the listener.
        drop(listener);
        assert!(support::ended(&mut peer));
    }
    assert_eq!(RAN.load(Ordering::SeqCst), 0);
}

/// A session whose drop does what it should not.
struct Evil {
    socket: Socket,
    buffer: [u8; 16],
    again: bool,
    token: Option<Token>,
}

impl Session for Evil {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

static SURVIVED: AtomicUsize = AtomicUsize::new(0);

impl Drop for Evil {
    fn drop(&mut self) {
        if self.again {
            let token = self.token.take();
            let evil = Evil { socket: self.socket.clone(), buffer: [0; 16], again: false, token };
            Overlapped::new(evil).recv(|_, _| panic!("its thread has ended"));
            let _ = alertable::sleep(Some(std::time::Duration::ZERO));
            assert_eq!(support::code(&alertable::current().queue(|| panic!("its thread has ended"))), 31);
            let _ = self.socket.give(b"last words");
            let _ = self.socket.cancel();
            self.socket.close();
            SURVIVED.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_drop_that_uses_the_library_while_its_thread_ends() {
    let _watch = support::driver();
    let drops = Drops::default();
    let (socket, mut peer) = support::pair();
    thread::spawn({
        let drops = drops.clone();
        move || {
            for again in [true, false, true] {
                let evil = Evil { socket: socket.clone(), buffer: [0; 16], again, token: Some(drops.token()) };
                Overlapped::new(evil).recv(|_, _| panic!("nothing runs at the end of a thread"));
            }
        }
    })
    .join()
    .unwrap();
    assert_eq!(drops.count(), 3);
    assert_eq!(SURVIVED.load(Ordering::SeqCst), 2, "nothing in the library panics");
    assert!(peer.read(&mut [0; 64]).is_ok());
}
