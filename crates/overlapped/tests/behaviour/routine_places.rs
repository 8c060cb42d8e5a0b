//! Where completion routines run: on the thread that issued, inside its alertable waits, and nowhere else.

use std::io::{Read, Write};
use std::thread;
use std::time::Duration;

use overlapped::{Completion, Event, Overlapped, Result, Waited, alertable, wait};

use super::support::{self, Conn, Log, Talk};

const MOMENT: Option<Duration> = Some(Duration::from_millis(10));

#[test]
fn never_inside_the_issuing_call() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    peer.write_all(b"early").unwrap();
    support::delivered(&peer);
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    Talk::of("s", &socket, b"abc".to_vec(), &log).send(.., support::sent);
    assert_eq!(log.len(), 0);
    let mut entries = log.wait(2);
    entries.sort();
    assert_eq!(entries, ["r:early", "s+3"]);
}

#[test]
fn in_no_wait_but_an_alertable_one() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (other, mut other_peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    peer.write_all(b"data").unwrap();
    support::delivered(&peer);

    let unset = [Event::manual(), Event::auto()];
    assert_eq!(wait::one(&unset[0], MOMENT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::any(&[&unset[0], &unset[1]], MOMENT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::all(&[&unset[0], &unset[1]], MOMENT).unwrap(), Waited::TimedOut);
    assert_eq!(wait::one(&unset[0], Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
    assert_eq!(log.len(), 0, "plain waits");

    let event = Event::manual();
    let pending = Conn::new(&other, 64).recv_event(&event);
    assert!(!pending.wait(MOMENT));
    assert!(!pending.poll());
    other_peer.write_all(b"x").unwrap();
    assert_eq!(support::outcome(pending.finish()), ":x");
    assert_eq!(log.len(), 0, "waits for an event's operation");

    thread::sleep(Duration::from_millis(10));
    other.give(b"y").unwrap();
    other_peer.read_exact(&mut [0]).unwrap();
    event.set();
    event.reset();
    assert!(!event.is_set());
    assert_eq!(log.len(), 0, "everything else");

    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:data"]);
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
}

#[test]
fn not_in_another_threads_alertable_wait() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    peer.write_all(b"mine").unwrap();
    support::delivered(&peer);
    let other = thread::spawn(|| alertable::sleep(Some(Duration::from_millis(50))).unwrap());
    assert_eq!(other.join().unwrap(), Waited::TimedOut);
    assert_eq!(log.len(), 0);
    assert_eq!(log.wait(1), ["r:mine"]);
}

#[test]
fn on_the_issuing_thread_whoever_made_the_data_arrive() {
    let _watch = support::driver();
    let (socket, peer) = support::pair();
    let log = Log::default();
    fn here(talk: Overlapped<Talk>, done: Result<Completion>) {
        talk.log.add(format!("{} {:?}", done.unwrap().bytes, thread::current().id()));
    }
    Talk::new("r", &socket, 64, &log).recv(here);
    let writer = thread::spawn(move || {
        (&peer).write_all(b"abc").unwrap();
        alertable::sleep(Some(Duration::from_millis(20))).unwrap();
        peer
    });
    assert_eq!(log.wait(1), [format!("3 {:?}", thread::current().id())]);
    writer.join().unwrap();
}

#[test]
fn a_sleep_with_only_pending_operations_times_out_and_leaves_them_pending() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
    assert_eq!(alertable::sleep(MOMENT).unwrap(), Waited::TimedOut);
    peer.write_all(b"now").unwrap();
    assert_eq!(log.wait(1), ["r:now"]);
}

#[test]
fn the_same_session_receives_again_from_its_routine() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    fn again(talk: Overlapped<Talk>, done: Result<Completion>) {
        let bytes = done.unwrap().bytes;
        talk.log.add(String::from_utf8_lossy(&talk.buffer[..bytes]));
        if bytes > 0 {
            talk.recv(again);
        }
    }
    Talk::new("r", &socket, 64, &log).recv(again);
    for message in ["one", "two", "three"] {
        peer.write_all(message.as_bytes()).unwrap();
        assert_eq!(log.wait(1), [message]);
    }
    drop(peer);
    assert_eq!(log.wait(1), [""]);
}

#[test]
fn data_that_arrived_before_a_sleep_without_patience_is_delivered_by_it() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let log = Log::default();
    Talk::new("r", &socket, 64, &log).recv(support::logged);
    peer.write_all(b"here").unwrap();
    support::delivered(&peer);
    assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::Routines);
    assert_eq!(log.take(), ["r:here"]);
}
