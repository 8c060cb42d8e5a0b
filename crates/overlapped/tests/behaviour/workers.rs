//! Who works for a port: the last that came, no more than the concurrency value, and another one for one that sleeps.

use std::io::Write;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use overlapped::readiness::{SocketSet, select};
use overlapped::{Event, Port, Socket, Waited, alertable, wait};

use super::support::{self, Conn};

enum Packet {
    Received,
    /// What the worker does before it comes again.
    Work(Box<dyn FnOnce() + Send>),
}

fn receive(socket: &Socket, port: &Port<Packet>) {
    Conn::new(socket, 1).recv_port(port, |_, done| {
        assert_eq!(done.unwrap().bytes, 1);
        Packet::Received
    });
}

fn work(port: &Port<Packet>, work: impl FnOnce() + Send + 'static) {
    assert!(port.post(Packet::Work(Box::new(work))).is_ok());
}

/// Starts workers, each of which waits before the next one comes; each does its work and tells its number, until the port closes.
fn workers(port: &Port<Packet>, count: usize) -> (Vec<JoinHandle<()>>, mpsc::Receiver<usize>) {
    let (done, all) = mpsc::channel();
    let workers = (0..count).map(|number| {
        let worker = thread::spawn({
            let (port, done) = (port.clone(), done.clone());
            move || {
                while let Ok(Some(packet)) = port.get(None) {
                    if let Packet::Work(work) = packet {
                        work();
                    }
                    done.send(number).unwrap();
                }
            }
        });
        until(|| port.waiting() > number);
        worker
    });
    (workers.collect(), all)
}

fn until(holds: impl Fn() -> bool) {
    while !holds() {
        thread::yield_now();
    }
}

fn end(port: &Port<Packet>, workers: Vec<JoinHandle<()>>) {
    port.close();
    for worker in workers {
        worker.join().unwrap();
    }
}

#[test]
fn the_last_that_came_is_released_first() {
    let _watch = support::driver();
    let port = Port::new(3);
    let (workers, done) = workers(&port, 3);
    // One packet at a time: the last comes again as the last.
    for _ in 0..3 {
        work(&port, || {});
        assert_eq!(done.recv().unwrap(), 2);
        until(|| port.waiting() == 3);
    }
    // The last is busy: the one before it.
    let (finish, finished) = mpsc::channel::<()>();
    work(&port, move || finished.recv().unwrap());
    work(&port, || {});
    assert_eq!(done.recv().unwrap(), 1);
    finish.send(()).unwrap();
    assert_eq!(done.recv().unwrap(), 2);
    end(&port, workers);
}

#[test]
fn the_last_that_came_gets_what_the_kernel_brings() {
    let _watch = support::driver();
    let port = Port::new(3);
    let (socket, mut peer) = support::pair();
    receive(&socket, &port);
    // The first that comes drives for all.
    let (workers, done) = workers(&port, 3);
    for round in 0..20 {
        peer.write_all(b"x").unwrap();
        assert_eq!(done.recv().unwrap(), 2, "round {round}");
        until(|| port.waiting() == 3);
        receive(&socket, &port);
    }
    end(&port, workers);
}

#[test]
fn no_more_run_than_the_concurrency_value_and_one_that_computes_is_not_replaced() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (workers, done) = workers(&port, 2);
    let computes = Arc::new(AtomicBool::new(true));
    let seen = Arc::new(Mutex::new(None));
    work(&port, {
        let (computes, seen, port) = (Arc::clone(&computes), Arc::clone(&seen), port.clone());
        move || {
            while computes.load(SeqCst) {}
            *seen.lock().unwrap() = Some((port.queued(), port.running()));
        }
    });
    until(|| port.running() == 1);
    work(&port, || {});
    // Long enough for many looks.
    thread::sleep(Duration::from_millis(100));
    assert_eq!((port.queued(), port.running(), port.waiting()), (1, 1, 1));
    computes.store(false, SeqCst);
    // The same thread takes the next packet as well: it never waits in between.
    assert_eq!([done.recv().unwrap(), done.recv().unwrap()], [1, 1]);
    assert_eq!(*seen.lock().unwrap(), Some((1, 1)));
    end(&port, workers);
}

/// With a concurrency value of one, a worker that waits for what the next packet does, in each way to wait.
fn is_replaced_while(wait: impl FnOnce(&Event) + Send + 'static, tell: impl FnOnce() + Send + 'static) {
    let port = Port::new(1);
    let (workers, done) = workers(&port, 2);
    let event = Event::manual();
    let set = event.clone();
    work(&port, move || wait(&event));
    work(&port, move || {
        set.set();
        tell();
    });
    let mut both = [done.recv().unwrap(), done.recv().unwrap()];
    both.sort_unstable();
    assert_eq!(both, [0, 1]);
    end(&port, workers);
}

#[test]
fn one_that_waits_here_is_replaced() {
    let _watch = support::driver();
    is_replaced_while(|event| assert_eq!(wait::one(event, None).unwrap(), Waited::Object(0)), || {});
}

#[test]
fn one_that_sleeps_alertably_is_replaced() {
    let _watch = support::driver();
    let thread = Arc::new(Mutex::new(None));
    let sleeper = Arc::clone(&thread);
    is_replaced_while(
        move |_| {
            *sleeper.lock().unwrap() = Some(alertable::current());
            assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
        },
        move || {
            let sleeper = thread.lock().unwrap().take().expect("it sleeps");
            sleeper.queue(|| {}).unwrap();
        },
    );
}

#[test]
fn one_that_waits_for_another_port_is_replaced() {
    let _watch = support::driver();
    let other: Port<u32> = Port::new(1);
    let tell = other.clone();
    is_replaced_while(move |_| assert_eq!(other.get(None).unwrap(), Some(7)), move || tell.post(7).unwrap());
}

#[test]
fn one_that_waits_for_readiness_is_replaced() {
    let _watch = support::driver();
    let (socket, peer) = Socket::pair().unwrap();
    is_replaced_while(
        move |_| {
            let mut read = SocketSet::new();
            read.insert(&socket);
            assert_eq!(select(Some(&mut read), None, None, None).unwrap(), 1);
        },
        move || assert_eq!(peer.try_send(b"x").unwrap(), 1),
    );
}

#[test]
fn one_that_sleeps_in_a_lock_or_channel_of_std_is_replaced() {
    let _watch = support::driver();
    let (send, receive) = mpsc::channel();
    is_replaced_while(move |_| receive.recv().unwrap(), move || send.send(()).unwrap());
}

#[test]
fn one_that_reads_is_replaced_by_what_the_kernel_brings() {
    let _watch = support::driver();
    let port = Port::new(1);
    let (socket, mut peer) = support::pair();
    receive(&socket, &port);
    let (workers, done) = workers(&port, 2);
    let (send, receive) = mpsc::channel();
    work(&port, move || receive.recv().unwrap());
    until(|| port.running() == 1);
    peer.write_all(b"x").unwrap();
    assert_eq!(done.recv().unwrap(), 0);
    send.send(()).unwrap();
    assert_eq!(done.recv().unwrap(), 1);
    end(&port, workers);
}

/// With two that may run, one that blocks holds up nobody else's packets.
#[test]
fn a_handler_that_blocks_does_not_delay_others() {
    let _watch = support::driver();
    let port = Port::new(2);
    let (workers, done) = workers(&port, 2);
    let (send, receive) = mpsc::channel::<()>();
    work(&port, move || receive.recv().unwrap());
    for _ in 0..100 {
        work(&port, || {});
    }
    let others: Vec<_> = (0..100).map(|_| done.recv().unwrap()).collect();
    assert!(others.iter().all(|&number| number == others[0]));
    send.send(()).unwrap();
    assert_ne!(done.recv().unwrap(), others[0]);
    end(&port, workers);
}

#[test]
fn a_worker_that_ends_does_not_count() {
    let _watch = support::driver();
    let port: Port<u32> = Port::new(1);
    port.post(1).unwrap();
    port.post(2).unwrap();
    let taken = thread::spawn({
        let port = port.clone();
        move || port.get(None).unwrap()
    });
    assert_eq!(taken.join().unwrap(), Some(1));
    assert_eq!(port.get(None).unwrap(), Some(2));
    // One that takes from another port does not run for the first any more.
    let other: Port<u32> = Port::new(1);
    other.post(3).unwrap();
    assert_eq!(other.get(None).unwrap(), Some(3));
    assert_eq!((port.running(), other.running()), (0, 1));
}

#[test]
fn each_packet_goes_to_exactly_one_worker() {
    let _watch = support::driver();
    let port: Port<u64> = Port::new(2);
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let port = port.clone();
            thread::spawn(move || {
                let (mut sum, mut count) = (0, 0);
                while let Some(number @ 1..) = port.get(None).unwrap() {
                    sum += number;
                    count += 1;
                }
                (sum, count)
            })
        })
        .collect();
    let posters: Vec<_> = (0..2)
        .map(|_| {
            let port = port.clone();
            thread::spawn(move || (1..=1000).for_each(|number| port.post(number).unwrap()))
        })
        .collect();
    for poster in posters {
        poster.join().unwrap();
    }
    (0..4).for_each(|_| port.post(0).unwrap());
    let (sum, count) = workers.into_iter().fold((0, 0), |(sum, count), worker| {
        let (more, many) = worker.join().unwrap();
        (sum + more, count + many)
    });
    assert_eq!((sum, count), (2 * 500_500, 2000));
}
