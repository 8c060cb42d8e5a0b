//! An event's operation completes whatever the thread that issued it does meanwhile.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Pending, Waited, alertable, wait};

use super::support::{self, Conn};

/// A thread issues a receive and then does `meanwhile`; here the completion has to come through without it.
fn completes_during(meanwhile: impl FnOnce() + Send + 'static) {
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let (to_me, from_thread) = mpsc::channel::<Pending<Conn>>();
    let ours = event.clone();
    // Not joined: some of these threads never come back.
    thread::spawn(move || {
        to_me.send(Conn::new(&socket, 8).recv_event(&ours)).unwrap();
        meanwhile();
    });
    let receive = from_thread.recv().unwrap();
    peer.write_all(b"through").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(receive.finish()), ":through");
}

/// Ends the busy thread of a test, however the test ends.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn new() -> (Busy, Arc<AtomicBool>) {
        let flag = Arc::new(AtomicBool::new(true));
        (Busy(Arc::clone(&flag)), flag)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

#[test]
fn while_it_computes() {
    let _watch = support::driver();
    let (_busy, flag) = Busy::new();
    completes_during(move || {
        while flag.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
    });
}

#[test]
fn while_it_sleeps() {
    let _watch = support::driver();
    completes_during(|| thread::sleep(Duration::from_secs(1_000_000)));
}

#[test]
fn while_it_is_parked() {
    let _watch = support::driver();
    completes_during(|| {
        loop {
            thread::park();
        }
    });
}

#[test]
fn while_it_waits_for_a_lock() {
    let _watch = support::driver();
    let lock = Arc::new(Mutex::new(()));
    let _held = lock.lock().unwrap();
    let wanted = Arc::clone(&lock);
    completes_during(move || drop(wanted.lock()));
}

#[test]
fn while_it_reads_a_stream_which_is_not_disturbed() {
    let _watch = support::driver();
    let (other, mut other_peer) = support::pair();
    let (result, read) = mpsc::channel();
    completes_during(move || {
        let mut byte = [0];
        result.send(other_peer.read_exact(&mut byte).map(|()| byte[0])).unwrap();
    });
    other.give(b"!").unwrap();
    assert_eq!(read.recv().unwrap().unwrap(), b'!');
}

#[test]
fn while_it_waits_alertably() {
    let _watch = support::driver();
    let (to_me, from_thread) = mpsc::channel();
    completes_during(move || {
        to_me.send(alertable::current()).unwrap();
        while alertable::sleep(None).unwrap() != Waited::Routines {}
    });
    from_thread.recv().unwrap().queue(|| {}).unwrap();
}

#[test]
fn while_it_waits_for_another_event() {
    let _watch = support::driver();
    let end = Event::manual();
    let never = end.clone();
    completes_during(move || drop(wait::one(&never, None)));
    end.set();
}

#[test]
fn with_nobody_waiting_the_event_is_set_all_the_same() {
    let _watch = support::driver();
    let (_busy, flag) = Busy::new();
    let (socket, mut peer) = support::pair();
    let event = Event::manual();
    let (to_me, from_thread) = mpsc::channel::<Pending<Conn>>();
    let ours = event.clone();
    thread::spawn(move || {
        to_me.send(Conn::new(&socket, 8).recv_event(&ours)).unwrap();
        while flag.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
    });
    let receive = from_thread.recv().unwrap();
    peer.write_all(b"seen").unwrap();
    while !event.is_set() {
        thread::yield_now();
    }
    assert!(receive.poll());
    assert_eq!(support::outcome(receive.finish()), ":seen");
}

#[test]
fn a_send_goes_on_while_its_thread_computes() {
    let _watch = support::driver();
    let (_busy, flag) = Busy::new();
    let (socket, mut peer) = support::pair();
    let (to_me, from_thread) = mpsc::channel::<Pending<Conn>>();
    const BIG: usize = 4 << 20;
    let to_shut = socket.clone();
    thread::spawn(move || {
        to_me.send(Conn::of(&socket, vec![1; BIG]).send_event(.., &Event::manual())).unwrap();
        while flag.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
    });
    let send = from_thread.recv().unwrap();
    to_shut.shutdown(overlapped::Shutdown::Send).unwrap();
    let mut all = Vec::new();
    peer.read_to_end(&mut all).unwrap();
    assert_eq!(all.len(), BIG);
    assert_eq!(send.finish().1.unwrap().bytes, BIG);
}

#[test]
fn an_event_wait_and_the_routines_of_one_thread_do_not_block_each_other() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (other, mut other_peer) = support::pair();
    let log = support::Log::default();
    support::Talk::new("r", &other, 8, &log).recv(support::logged);
    let event = Event::manual();
    let receive = Conn::new(&socket, 8).recv_event(&event);
    let writer = thread::spawn(move || {
        peer.write_all(b"first").unwrap();
        peer
    });
    // A plain wait while a routine's receive is prepared, then the routine itself.
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(receive.finish()), ":first");
    other_peer.write_all(b"then").unwrap();
    assert_eq!(log.wait(1), ["r:then"]);
    writer.join().unwrap();
}
