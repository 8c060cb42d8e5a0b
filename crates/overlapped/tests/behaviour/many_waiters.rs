//! Many threads wait for the same and for different events, while the operations come from one.

use std::io::Write;
use std::sync::{Barrier, mpsc};
use std::thread;

use overlapped::{Event, Pending, Waitable, Waited, alertable, wait};

use super::support::{self, Conn};

const THREADS: usize = 4;
const EACH: usize = 6;

#[test]
fn each_gets_its_own() {
    let _watch = support::driver();
    let mut ends: Vec<_> = (0..THREADS * EACH).map(|_| support::pair()).collect();
    let issued: Vec<(Event, Pending<Conn>)> = ends
        .iter()
        .map(|(socket, _)| {
            let event = Event::manual();
            let receive = Conn::new(socket, 8).recv_event(&event);
            (event, receive)
        })
        .collect();
    let (events, receives): (Vec<_>, Vec<_>) = issued.into_iter().unzip();
    thread::scope(|scope| {
        let mut receives = receives.into_iter();
        let mut threads = Vec::new();
        for (part, events) in events.chunks(EACH).enumerate() {
            let mut receives: Vec<_> = receives.by_ref().take(EACH).map(Some).collect();
            threads.push(scope.spawn(move || {
                let objects: Vec<&dyn Waitable> = events.iter().map(|event| event as &dyn Waitable).collect();
                for _ in 0..EACH {
                    let waited = match part % 2 {
                        0 => wait::any(&objects, None),
                        _ => alertable::any(&objects, None),
                    };
                    let Waited::Object(index) = waited.unwrap() else { panic!("no routines, no timeout") };
                    let receive = receives[index].take().expect("an event that was reset stays so");
                    assert_eq!(support::outcome(receive.finish()), format!(":{}", part * EACH + index));
                    events[index].reset();
                }
            }));
        }
        // Backwards and across the threads.
        for number in (0..THREADS * EACH).rev() {
            ends[number].1.write_all(number.to_string().as_bytes()).unwrap();
        }
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn all_see_the_same_manual_event() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    for _ in 0..50 {
        let event = Event::manual();
        let receive = Conn::new(&socket, 8).recv_event(&event);
        let ready = Barrier::new(THREADS + 1);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    ready.wait();
                    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
                });
            }
            ready.wait();
            peer.write_all(b"all").unwrap();
        });
        assert_eq!(support::outcome(receive.finish()), ":all");
    }
}

#[test]
fn the_leader_of_the_waiting_leaves_and_the_others_go_on() {
    let _watch = support::driver();
    let mut ends: Vec<_> = (0..3).map(|_| support::pair()).collect();
    for _ in 0..50 {
        let events = [(); 3].map(|()| Event::manual());
        let receives: Vec<_> =
            ends.iter().zip(&events).map(|((socket, _), event)| Conn::new(socket, 8).recv_event(event)).collect();
        let (woken, wakes) = mpsc::channel();
        thread::scope(|scope| {
            for (index, event) in events.iter().enumerate() {
                let woken = woken.clone();
                scope.spawn(move || {
                    assert_eq!(wait::one(event, None).unwrap(), Waited::Object(0));
                    woken.send(index).unwrap();
                });
            }
            for index in [1, 0, 2] {
                ends[index].1.write_all(b"go").unwrap();
                assert_eq!(wakes.recv().unwrap(), index);
            }
        });
        for receive in receives {
            assert_eq!(support::outcome(receive.finish()), ":go");
        }
    }
}

#[test]
fn one_thread_issues_and_another_finishes_for_long() {
    let _watch = support::driver();
    let (socket, mut peer) = support::pair();
    let (to_finisher, from_issuer) = mpsc::sync_channel::<Pending<Conn>>(4);
    let writer = thread::spawn(move || {
        for number in 0..20_000u16 {
            peer.write_all(&number.to_be_bytes()).unwrap();
        }
    });
    let finisher = thread::spawn(move || {
        let mut got = Vec::new();
        for receive in from_issuer {
            let (conn, done) = receive.finish();
            got.extend_from_slice(&conn.buffer[..done.unwrap().bytes]);
            if got.len() == 40_000 {
                break;
            }
        }
        got
    });
    // Ends when the finisher has enough and hangs up.
    while to_finisher.send(Conn::new(&socket, 64).recv_event(&Event::auto())).is_ok() {}
    let got = finisher.join().unwrap();
    assert!(got.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).eq(0..20_000));
    writer.join().unwrap();
}
