//! Whatever of the library a program forgets, the rest of it goes on.

use std::any::Any;
use std::cell::Cell;
use std::io::Write;
use std::net::TcpStream;
use std::rc::Rc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use overlapped::{Event, MutexObject, Semaphore, Timer, Waited, alertable, wait};

use crate::behaviour::support::{self, Conn, Drops, Log, Talk};

/// As `mem::forget`: nothing of a static is ever dropped. But a leak checker finds it there.
fn forget(value: impl Any + Send) {
    static FORGOTTEN: Mutex<Vec<Box<dyn Any + Send>>> = Mutex::new(Vec::new());
    FORGOTTEN.lock().unwrap().push(Box::new(value));
}

#[test]
fn operations_and_sockets() {
    let _watch = support::driver();
    let (log, (socket, mut peer)) = (Log::default(), support::pair());
    forget(socket.clone());
    forget(Conn::new(&socket, 8));
    // Completed, cancelled, and in flight before others.
    peer.write_all(b"1").unwrap();
    let event = Event::manual();
    let completed = Conn::new(&socket, 1).recv_event(&event);
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    forget(completed);
    let cancelled = Conn::new(&socket, 1).recv_event(&Event::manual());
    cancelled.cancel().unwrap();
    forget(cancelled);
    forget(Conn::new(&socket, 1).recv_event(&Event::manual()));
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    peer.write_all(b"23").unwrap();
    assert_eq!(log.wait(1), ["r:3"]);
    // It has owners for ever, so it is nobody's to give back; a close ends it all the same.
    forget(Conn::new(&socket, 1).recv_event(&Event::manual()));
    let socket = TcpStream::try_from(socket).unwrap_err();
    Talk::new("r", &socket, 8, &log).recv(support::logged);
    socket.close();
    assert_eq!(log.wait(1), ["r!995"]);
    assert!(support::ended(&mut peer));
}

#[test]
fn by_a_thread_that_ends() {
    let _watch = support::driver();
    let ((socket, mut peer), drops) = (support::pair(), Drops::default());
    let mutex = MutexObject::new();
    thread::spawn({
        let (socket, mutex, token) = (socket.clone(), mutex.clone(), drops.token());
        move || {
            forget(Conn::new(&socket, 1).recv_event(&Event::manual()));
            assert_eq!(wait::one(&mutex, None).unwrap(), Waited::Object(0));
            forget(mutex);
            let timer = Timer::manual();
            let routine = move || _ = &token;
            timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), routine).unwrap();
            forget(timer);
            alertable::current().queue(move || panic!("nothing runs at the end of a thread")).unwrap();
            forget(alertable::current());
        }
    })
    .join()
    .unwrap();
    assert_eq!(drops.count(), 1, "the timer's routine is its thread's");
    assert_eq!(wait::one(&mutex, None).unwrap(), Waited::Abandoned(0));
    peer.write_all(b"x").unwrap();
    assert_eq!(support::outcome(Conn::new(&socket, 1).recv_event(&Event::manual()).finish()), ":x");
}

#[test]
fn objects() {
    let _watch = support::driver();
    let calls = Rc::new(Cell::new(0));
    let timer = Timer::auto();
    let routine = {
        let calls = Rc::clone(&calls);
        move || calls.set(calls.get() + 1)
    };
    timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), routine).unwrap();
    forget(timer);
    support::run_until(|| calls.get() >= 3);
    // One that would wait for ever is woken by clones of what was forgotten.
    let (event, semaphore) = (Event::auto(), Semaphore::new(0, 1).unwrap());
    thread::scope(|scope| {
        let waiter = scope.spawn(|| wait::all(&[&event, &semaphore], None).unwrap());
        let (event, semaphore) = (event.clone(), semaphore.clone());
        event.set();
        semaphore.release(1).unwrap();
        forget((event, semaphore));
        assert_eq!(waiter.join().unwrap(), Waited::Object(0));
    });
    // A thread that never begins and never ends.
    let suspended = alertable::suspended(|| ());
    let thread = suspended.thread();
    thread.queue(|| panic!("it never begins")).unwrap();
    forget(suspended);
    assert_eq!(wait::one(&thread, Some(Duration::ZERO)).unwrap(), Waited::TimedOut);
    forget(thread);
}
