//! Ports where two things meet: code of the program inside of a wait, a watch and a leader, a close and what lies in a lane.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use overlapped::{Event, Overlapped, Port, Socket, Waited, alertable, wait};

use super::support::{self, Conn, Drops, code};

fn until(holds: impl Fn() -> bool) {
    while !holds() {
        thread::yield_now();
    }
}

/// A worker that has taken a packet and sleeps alertably, until it has run this.
fn in_a_routine(port: &Port<u32>, routine: impl FnOnce() + Send + 'static) -> thread::JoinHandle<()> {
    port.post(1).unwrap();
    let (sleeps, sleeper) = mpsc::channel();
    let worker = thread::spawn({
        let port = port.clone();
        move || {
            assert_eq!(port.get(None).unwrap(), Some(1));
            sleeps.send(alertable::current()).unwrap();
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        }
    });
    let sleeper = sleeper.recv().unwrap();
    until(|| port.running() == 0);
    sleeper.queue(routine).unwrap();
    worker
}

#[test]
fn a_routine_of_a_wait_runs_and_takes_as_its_thread() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (told, tell) = mpsc::channel();
    let inner = port.clone();
    let worker = in_a_routine(&port, move || {
        let before = inner.running();
        inner.post(2).unwrap();
        assert_eq!(inner.get(None).unwrap(), Some(2));
        told.send((before, inner.running())).unwrap();
    });
    assert_eq!(tell.recv().unwrap(), (1, 1), "a thread that runs a routine does not wait, and counts once");
    worker.join().unwrap();
    assert_eq!(port.running(), 0);
}

#[test]
fn a_routine_that_takes_from_another_port_leaves_the_first() {
    let _watch = support::driver();
    let (port, other) = (Port::new(1), Port::new(1));
    let inner = other.clone();
    let worker = in_a_routine(&port, move || {
        inner.post(2).unwrap();
        assert_eq!(inner.get(None).unwrap(), Some(2));
    });
    worker.join().unwrap();
    assert_eq!((port.running(), other.running()), (0, 0));
}

/// One packet that is there is one packet, whatever its function queues.
#[test]
fn a_function_that_feeds_its_own_port_ends() {
    let _watch = support::driver();
    type Fed = (Socket, Port<()>, u32);
    fn again(mut fed: Overlapped<Fed>, done: overlapped::Result<overlapped::Completion>) {
        assert_eq!(done.unwrap().bytes, 1);
        fed.2 += 1;
        if fed.2 < 1000 {
            let port = fed.1.clone();
            fed.send_port_with(&port, |fed| (&fed.0, b"x"), again);
        }
    }
    let port: Port<()> = Port::new(1);
    let (socket, _peer) = support::pair();
    let fed = Overlapped::new((socket, port.clone(), 0));
    fed.send_port_with(&port, |fed| (&fed.0, b"x"), again);
    let mut packets = Vec::new();
    assert_eq!(port.get_many(&mut packets, usize::MAX, None).unwrap(), 1);
    while port.get(Some(Duration::ZERO)).unwrap().is_some() {}
}

/// Starts a worker that waits before this returns.
fn worker<T: Send + 'static>(
    port: &Port<u32>,
    work: impl FnOnce(&Port<u32>) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let before = port.waiting();
    let worker = thread::spawn({
        let port = port.clone();
        move || work(&port)
    });
    until(|| port.waiting() > before);
    worker
}

/// The thread that looks after those that sleep also drives the port for a while, and looks all the same.
#[test]
fn one_that_drives_looks_for_those_that_sleep() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, _peer) = support::pair();
    Conn::new(&socket, 1).recv_port(&port, |_, _| 9);
    port.post(1).unwrap();
    assert_eq!(port.get(None).unwrap(), Some(1));
    // With the gate closed the first that waits begins to look; then it is opened, and the first drives.
    let first = worker(&port, |port| port.get(None).unwrap());
    assert_eq!(port.get(Some(Duration::ZERO)).unwrap(), None);
    thread::sleep(Duration::from_millis(5));
    let (send, receive) = mpsc::channel();
    let second = worker(&port, move |port| {
        let taken = port.get(None).unwrap();
        receive.recv().unwrap();
        taken
    });
    port.post(2).unwrap();
    port.post(3).unwrap();
    assert_eq!(first.join().unwrap(), Some(3));
    send.send(()).unwrap();
    assert_eq!(second.join().unwrap(), Some(2));
}

/// So does one that blocks where its own routines come.
#[test]
fn one_that_waits_for_its_routines_looks_for_those_that_sleep() {
    let _watch = support::driver();
    let port = Port::new(1);
    let first = worker(&port, |port| {
        let (socket, _peer) = support::pair();
        Conn::new(&socket, 1).recv(|_, _| {});
        let mut packets = Vec::new();
        assert_eq!(port.get_many_alertable(&mut packets, 1, None).unwrap(), Waited::Object(0));
        packets
    });
    let (send, receive) = mpsc::channel();
    let second = worker(&port, move |port| {
        let taken = port.get(None).unwrap();
        receive.recv().unwrap();
        taken
    });
    port.post(2).unwrap();
    port.post(3).unwrap();
    assert_eq!(first.join().unwrap(), [3]);
    send.send(()).unwrap();
    assert_eq!(second.join().unwrap(), Some(2));
}

/// It is the packet that has waited: others that are taken in time do not make up for it.
#[test]
fn one_that_sleeps_is_replaced_while_another_takes_packet_after_packet() {
    let _watch = support::driver();
    let port = Port::new(2);
    let (send, receive) = mpsc::channel();
    let spare = worker(&port, |port| port.get(None).unwrap());
    let busy = worker(&port, |port| {
        while let Ok(Some(packet @ 1..)) = port.get(None) {
            let end = Instant::now() + Duration::from_micros(300);
            while Instant::now() < end {}
            if port.post(packet).is_err() {
                return;
            }
        }
    });
    let sleeper = worker(&port, move |port| {
        let taken = port.get(None).unwrap();
        receive.recv().unwrap();
        taken
    });
    for packet in 1..=20 {
        port.post(packet).unwrap();
    }
    assert!(spare.join().unwrap().is_some());
    send.send(()).unwrap();
    assert!(sleeper.join().unwrap().is_some());
    port.close();
    busy.join().unwrap();
}

#[test]
fn what_is_being_sent_goes_out_though_the_port_closes() {
    let _watch = support::driver();
    let port: Port<()> = Port::new(1);
    let (socket, mut peer) = support::narrow_pair();
    Conn::new(&socket, 1).recv_port(&port, |_, _| ());
    for byte in [1, 2] {
        let issued = Conn::of(&socket, vec![byte; 1 << 20]).send_port(.., &port, |_, _| ());
        assert!(issued.is_pending());
    }
    drop(socket);
    port.close();
    let mut read = Vec::new();
    peer.read_to_end(&mut read).unwrap();
    assert_eq!(read.len(), 2 << 20);
    assert!(read[..1 << 20].iter().all(|&byte| byte == 1) && read[1 << 20..].iter().all(|&byte| byte == 2));
}

#[test]
fn what_lies_behind_an_event_is_dropped_with_the_port() {
    let _watch = support::driver();
    let port: Port<()> = Port::new(1);
    let drops = Drops::default();
    let (socket, mut peer) = support::pair();
    let before = Conn::new(&socket, 5).recv_event(&Event::manual());
    let behind = Overlapped::new((socket.clone(), [0; 5], drops.token()));
    behind.recv_port_with(&port, |(socket, buffer, _)| (socket, buffer), |_, _| ());
    port.close();
    assert_eq!(drops.count(), 1);
    peer.write_all(b"first").unwrap();
    assert_eq!(support::outcome(before.finish()), ":first");
}

/// A plain take drives what others wait for behind the routines of its thread, as every plain wait does.
#[test]
fn an_event_behind_a_routine_comes_while_its_thread_takes() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, mut peer) = support::pair();
    let taker = worker(&port, {
        let socket = socket.clone();
        move |port| {
            Conn::new(&socket, 5).recv(|_, done| assert_eq!(done.unwrap().bytes, 5));
            let taken = port.get(None).unwrap();
            assert_eq!(alertable::sleep(Some(Duration::ZERO)).unwrap(), Waited::Routines);
            taken
        }
    });
    let event = Event::manual();
    let behind = Conn::new(&socket, 6).recv_event(&event);
    peer.write_all(b"firstsecond").unwrap();
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert_eq!(support::outcome(behind.finish()), ":second");
    port.post(1).unwrap();
    assert_eq!(taker.join().unwrap(), Some(1));
}

#[test]
fn a_function_that_panics_leaves_the_port_as_it_was() {
    let _watch = support::driver();
    let port: Port<u32> = Port::new(1);
    let drops = Drops::default();
    let (socket, mut peer) = support::pair();
    let panics = Overlapped::new((socket, [0; 8], drops.token()));
    port.post(1).unwrap();
    panics.recv_port_with(&port, |(socket, buffer, _)| (socket, buffer), |_, _| panic!("on purpose"));
    peer.write_all(b"x").unwrap();
    let mut packets = Vec::new();
    let taken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        while packets.len() < 3 {
            port.get_many(&mut packets, 8, None).unwrap();
        }
    }));
    assert!(taken.is_err());
    assert_eq!((packets, drops.count(), port.running()), (vec![1], 1, 1));
    assert!(support::ended(&mut peer), "the session owned the socket");
    port.post(2).unwrap();
    assert_eq!(port.get(None).unwrap(), Some(2));
}

/// A port in the destructors of a thread, whichever come first.
#[test]
fn a_thread_that_ends_takes_a_packet_and_does_not_count() {
    let _watch = support::driver();
    struct Late(RefCell<Option<Port<u32>>>);
    impl Drop for Late {
        fn drop(&mut self) {
            let Some(port) = self.0.take() else { return };
            let packet = port.get(None).unwrap().unwrap();
            port.post(packet + 10).unwrap();
            assert_eq!(code(&port.get_many_alertable(&mut Vec::new(), 0, None)), 87);
        }
    }
    thread_local! {
        static BEFORE: Late = const { Late(RefCell::new(None)) };
        static AFTER: Late = const { Late(RefCell::new(None)) };
    }
    let port = Port::new(1);
    for packet in 1..=3 {
        port.post(packet).unwrap();
    }
    thread::spawn({
        let port = port.clone();
        move || {
            BEFORE.with(|late| *late.0.borrow_mut() = Some(port.clone()));
            assert_eq!(port.get(None).unwrap(), Some(1));
            AFTER.with(|late| *late.0.borrow_mut() = Some(port));
        }
    })
    .join()
    .unwrap();
    assert_eq!(port.running(), 0);
    let mut packets = Vec::new();
    assert_eq!(port.get_many(&mut packets, 8, Some(Duration::ZERO)).unwrap(), 2);
    assert_eq!(packets, [12, 13]);
}
