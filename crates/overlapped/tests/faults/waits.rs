//! What pends beside each other: peeks and cancels, datagrams to and fro, threads that wait for each other.

use super::{bytes, conn, finish, pair, pattern, persist, receive, refused, send};
use overlapped::{Event, Overlapped, Scatter, Socket, Waited, alertable, wait};
use std::cell::Cell;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

pub(super) fn datagrams() {
    let [one, two] = [0; 2].map(|_| persist(|| Socket::udp("127.0.0.1:0")));
    let [first, second] = [&one, &two].map(|socket| persist(|| socket.local_addr()));
    let event = Event::manual();
    for number in 0..20 {
        for (from, at, to) in [(&one, first, second), (&two, second, first)] {
            let message = bytes(number, 0, 10 + number);
            let (_, done) = finish(conn(from, message.clone()), |session| session.send_to_event(.., to, &event));
            assert_eq!(done.bytes, message.len());
            let receiver = if to == first { &one } else { &two };
            let (session, done) = finish(conn(receiver, vec![0; 100]), |session| session.recv_from_event(&event));
            assert_eq!((&session.buffer[..done.bytes], done.from), (&message[..], at));
        }
    }
}

/// A byte is either received or left in the socket.
pub(super) fn cancels() {
    let (ours, theirs) = pair(false);
    let mut next = 0;
    for number in 0..40 {
        let event = Event::manual();
        let peek = Overlapped::new((ours.clone(), [0; 1]))
            .recv_scatter_event(&event, |(socket, buffer)| Scatter::new(socket).buffer(buffer).peek());
        let pending = conn(&ours, vec![0; 1]).recv_event(&event);
        if number % 2 == 0 {
            send(&theirs, vec![pattern(0, next)]);
        }
        let _ = pending.cancel();
        drop(peek);
        let (session, done) = pending.finish();
        match done {
            Ok(done) => {
                assert_eq!((done.bytes, session.buffer[0]), (1, pattern(0, next)));
                next += 1;
            }
            Err(error) => {
                if !error.is_aborted() {
                    refused(&error);
                }
                if number % 2 == 0 {
                    assert_eq!(receive(&ours, 1), [pattern(0, next)]);
                    next += 1;
                }
            }
        }
    }
    assert_eq!(next, 20);
}

/// Threads that wait for each other, in each of the places where a thread can block.
pub(super) fn of_threads() {
    let (ours, _theirs) = pair(false);
    let [ping, pong, never] = [0; 3].map(|_| Event::auto());
    let operation = Event::manual();
    let mut pending = conn(&ours, vec![0; 1]).recv_event(&operation);
    while pending.is_done() {
        let (session, done) = pending.finish();
        refused(&done.expect_err("nobody sends"));
        pending = session.recv_event(&operation);
    }
    let (to_me, me) = std::sync::mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            // In its own home: with a routine in flight.
            let (other, _peer) = pair(false);
            conn(&other, vec![0; 1]).recv(|_, _| {});
            to_me.send(alertable::current()).expect("somebody who listens");
            let ran = Rc::new(Cell::new(0));
            RAN.set(Some(Rc::clone(&ran)));
            while ran.get() < 50 {
                assert_eq!(alertable::any(&[&never], None).unwrap(), Waited::Routines);
            }
            for _ in 0..50 {
                assert_eq!(alertable::one(&ping, None).unwrap(), Waited::Object(0));
                pong.set();
            }
        });
        let thread = me.recv().expect("the other thread");
        for _ in 0..50 {
            persist(|| thread.queue(|| RAN.with(count)));
        }
        for _ in 0..50 {
            ping.set();
            assert_eq!(wait::one(&pong, None).unwrap(), Waited::Object(0));
        }
        let short = Some(Duration::from_micros(300));
        for _ in 0..20 {
            assert_eq!(wait::any(&[&never, &operation], short).unwrap(), Waited::TimedOut);
        }
    });
}

thread_local! {
    static RAN: Cell<Option<Rc<Cell<usize>>>> = const { Cell::new(None) };
}

fn count(ran: &Cell<Option<Rc<Cell<usize>>>>) {
    let counter = ran.take().expect("the thread counts");
    counter.set(counter.get() + 1);
    ran.set(Some(counter));
}
