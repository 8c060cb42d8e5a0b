//! Events and operations on them, dropped, cancelled and issued again at every moment, by whoever.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use overlapped::{Event, Overlapped, Pending, Reset, Socket, Waited, alertable, wait};

use crate::behaviour::support::{self, Conn, Drops, Token};

const NOW: Option<Duration> = Some(Duration::ZERO);

type Counted = (Socket, [u8; 1], Token);

fn counted(socket: &Socket, drops: &Drops, event: &Event) -> Pending<Counted> {
    Overlapped::new((socket.clone(), [0; 1], drops.token()))
        .recv_event_with(event, |counted| (&counted.0, &mut counted.1))
}

/// What has happened to the operation when it is dropped; whether the data may be there still.
type Moment = fn(&Socket, &mut TcpStream, &Event) -> bool;

const MOMENTS: [(&str, Moment); 6] = [
    ("issued", |_, _, _| false),
    ("data is there", |_, peer, _| {
        peer.write_all(b"1").unwrap();
        true
    }),
    ("it has completed", |_, peer, event| {
        peer.write_all(b"1").unwrap();
        assert_eq!(wait::one(event, None).unwrap(), Waited::Object(0));
        false
    }),
    ("it was cancelled", |socket, _, _| {
        socket.cancel().unwrap();
        false
    }),
    ("somebody waits for its event", |_, _, event| {
        let event = event.clone();
        thread::spawn(move || wait::one(&event, Some(Duration::from_millis(1))).unwrap());
        false
    }),
    ("its event was set by hand", |_, _, event| {
        event.set();
        false
    }),
];

/// Who drops the event and the operation.
type Dropper = fn(Pending<Counted>, Event);

const DROPPERS: [(&str, Dropper); 6] = [
    ("the event first", |pending, event| {
        drop(event);
        drop(pending);
    }),
    ("the operation first", |pending, event| {
        drop(pending);
        drop(event);
    }),
    ("another thread", |pending, event| thread::spawn(move || drop((pending, event))).join().unwrap()),
    ("two threads", |pending, event| {
        thread::scope(|scope| {
            scope.spawn(|| drop(pending));
            scope.spawn(|| drop(event));
        });
    }),
    ("an APC", |pending, event| {
        alertable::current().queue(move || drop((event, pending))).unwrap();
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }),
    ("a thread that ends", |pending, event| {
        thread::spawn(|| {
            alertable::current().queue(move || drop((event, pending))).unwrap();
        })
        .join()
        .unwrap();
    }),
];

#[test]
fn dropped_at_every_moment_by_whoever() {
    let _watch = support::driver();
    for (moment, happens) in MOMENTS {
        for (who, drops_both) in DROPPERS {
            for behind in [false, true] {
                let drops = Drops::default();
                let (socket, mut peer) = support::pair();
                let event = Event::manual();
                let before = behind.then(|| counted(&socket, &drops, &Event::manual()));
                if behind {
                    peer.write_all(b"0").unwrap();
                }
                let pending = counted(&socket, &drops, &event);
                let may_be_there = happens(&socket, &mut peer, &event);
                drops_both(pending, event);
                drop(before);
                drops.wait(1 + usize::from(behind));
                // What it has not taken is for the next.
                peer.write_all(b"2").unwrap();
                let mut rest = String::new();
                while !rest.ends_with('2') {
                    rest += &support::outcome(Conn::new(&socket, 1).recv_event(&Event::manual()).finish())[1..];
                }
                assert!(may_be_there || !rest.contains('1'), "{moment}, {who}: {rest}");
            }
        }
    }
}

/// An event is one object for many: each signal of an auto-reset one goes to one of those who wait, whatever its
/// operation was ended by, and a manual-reset one tells all.
#[test]
fn many_wait_for_one_event_while_its_operation_is_issued_again() {
    let _watch = support::driver();
    for reset in [Reset::Auto, Reset::Manual] {
        let (socket, mut peer) = support::pair();
        let (event, taken, over) = (Event::new(reset, false), AtomicUsize::new(0), Event::manual());
        thread::scope(|scope| {
            for alertably in [true, false, true, false] {
                let (event, taken, over) = (&event, &taken, &over);
                scope.spawn(move || {
                    loop {
                        let waited = match alertably {
                            true => alertable::any(&[over, event], None),
                            false => wait::any(&[over, event], None),
                        };
                        match waited.unwrap() {
                            Waited::Object(0) => return,
                            Waited::Object(1) => _ = taken.fetch_add(1, SeqCst),
                            other => panic!("{other:?}"),
                        }
                    }
                });
            }
            let mut conn = Conn::new(&socket, 1);
            for round in 0..300 {
                let before = taken.load(SeqCst);
                let pending = conn.recv_event(&event);
                match round % 3 {
                    0 => pending.cancel().unwrap(),
                    1 => peer.write_all(b"x").unwrap(),
                    _ => {
                        let canceller = socket.clone();
                        scope.spawn(move || canceller.cancel().is_ok());
                    }
                }
                let (back, done) = pending.finish();
                match round % 3 {
                    1 => assert_eq!(done.unwrap().bytes, 1),
                    _ => assert!(done.unwrap_err().is_aborted()),
                }
                // Each signal is seen.
                while taken.load(SeqCst) == before {
                    thread::yield_now();
                }
                if reset == Reset::Auto {
                    assert_eq!(taken.load(SeqCst), before + 1);
                }
                conn = back;
            }
            over.set();
        });
    }
}

/// Several operations with one event, some of which are dropped: it is set as often as the others complete.
#[test]
fn one_event_for_several_operations() {
    let _watch = support::driver();
    let (sockets, mut peers): (Vec<_>, Vec<_>) = (0..4).map(|_| support::pair()).unzip();
    let (event, drops, waiters) = (Event::auto(), Drops::default(), Arc::new(()));
    for round in 0..50 {
        let mut pending: Vec<_> = sockets.iter().map(|socket| counted(socket, &drops, &event)).collect();
        let dropped = pending.swap_remove(round % 4);
        thread::scope(|scope| {
            let waiter = Arc::clone(&waiters);
            scope.spawn(|| drop(dropped));
            for (index, peer) in peers.iter_mut().enumerate().filter(|(index, _)| *index != round % 4) {
                peer.write_all(&[index as u8]).unwrap();
            }
            for pending in pending.drain(..) {
                scope.spawn(|| assert_eq!(pending.finish().1.unwrap().bytes, 1));
            }
            drop(waiter);
        });
        assert_eq!(wait::one(&event, NOW).unwrap(), Waited::Object(0), "the signal of the last is there still");
        drops.wait(4 * (round + 1));
    }
}
