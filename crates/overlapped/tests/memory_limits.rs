//! No memory may be locked, or none is left for a ring: operations go another way or say so, and nothing is lost.
#![cfg(target_os = "linux")]

mod child;

use std::cell::Cell;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::rc::Rc;

use overlapped::driver;
use overlapped::{Event, Overlapped, Result, Socket, Waited, alertable, codes};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn drivers() -> &'static [&'static str] {
    if io_uring::IoUring::new(2).is_ok() { &["auto", "uring", "epoll"] } else { &["auto", "epoll"] }
}

fn on_each_driver(test: &str, role: &str) {
    for driver in drivers() {
        child::run(child::command(test, role).env("OVERLAPPED_DRIVER", driver));
    }
}

#[test]
fn no_memory_may_be_locked() {
    let Some(role) = child::role() else {
        on_each_driver("no_memory_may_be_locked", "as it is");
        // Only somebody who is not privileged is held to the limit.
        return on_each_driver("no_memory_may_be_locked", "as nobody");
    };
    setrlimit(Resource::Memlock, Rlimit { current: Some(0), maximum: Some(0) }).unwrap();
    if role == "as nobody" {
        // SAFETY: takes numbers. Whoever may not do it is nobody already.
        unsafe { libc::setresuid(65534, 65534, 65534) };
    }
    // A kernel that counts the memory of rings has none then, and whoever insists on them is told.
    match driver::report() {
        Ok(_) => child::exercise(),
        Err(error) => {
            assert_eq!(error.code(), codes::WSAENOBUFS);
            assert!(error.to_string().contains("ulimit -l"), "{error}");
        }
    }
}

fn pair() -> (Socket, TcpStream) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    (Socket::from(door.accept().unwrap().0), peer)
}

/// A receive in the thread's own home.
fn by_routine(socket: &Socket) -> Result<usize> {
    let told = Rc::new(Cell::new(None));
    Overlapped::new((socket.clone(), [0; 8], Rc::clone(&told))).recv_with(
        |(socket, buffer, _)| (socket, buffer),
        |session, done| session.2.set(Some(done.map(|done| done.bytes))),
    );
    loop {
        if let Some(told) = told.take() {
            return told;
        }
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
}

/// One in the home of all.
fn by_event(socket: &Socket) -> Result<usize> {
    let session = Overlapped::new((socket.clone(), [0; 8]));
    let pending = session.recv_event_with(&Event::manual(), |(socket, buffer)| (socket, buffer));
    pending.finish().1.map(|done| done.bytes)
}

/// Leaves the process so much address space, in kibibytes, beside what it has.
fn leave(kibibytes: u64) {
    // The heap grows before, so that it is rings which there is no room for.
    let grown: Vec<_> = (0..1000).map(|_| vec![0u8; 4096]).collect();
    drop(grown);
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    // SAFETY: takes a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64;
    let Rlimit { maximum, .. } = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: Some(pages * page + (kibibytes << 10)), maximum }).unwrap();
}

#[test]
fn no_room_for_a_ring() {
    let Some(role) = child::role() else {
        for kibibytes in [0, 8, 64, 96, 128, 192, 400] {
            for before in ["before", "meanwhile"] {
                on_each_driver("no_room_for_a_ring", &format!("{kibibytes} {before}"));
            }
        }
        return;
    };
    let (kibibytes, before) = role.split_once(' ').unwrap();
    // What std makes for itself at the first use of a thread.
    drop(alertable::current());
    if before == "before" {
        driver::report().unwrap();
    }
    leave(kibibytes.parse().unwrap());
    let chosen = driver::report().map_err(|error| assert_eq!(error.code(), codes::WSAENOBUFS, "{error}")).is_ok();
    let mut left = 2;
    if chosen {
        let [(first, mut to_first), (second, mut to_second)] = [pair(), pair()];
        to_first.write_all(b"routine").unwrap();
        to_second.write_all(b"event").unwrap();
        for told in [by_routine(&first).map(|bytes| bytes == 7), by_event(&second).map(|bytes| bytes == 5)] {
            match told {
                Ok(right) => {
                    assert!(right);
                    left -= 1;
                }
                Err(error) => assert_eq!(error.code(), codes::WSAENOBUFS, "{error}"),
            }
        }
        assert_eq!(left, 0, "a ring that cannot be had is done without");
    }
    let Rlimit { maximum, .. } = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: maximum, maximum }).unwrap();
    child::exercise();
}
