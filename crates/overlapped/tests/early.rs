//! A thread that waits for an event since before there was any driver is served by it all the same.
//!
//! A process of its own for each driver: in the suites there is a driver already.

use overlapped::{Event, Overlapped, Socket, Waited, wait};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

#[test]
fn a_thread_that_waits_before_there_is_a_driver_is_told_of_it() {
    if std::env::var_os("EARLY").is_some() {
        return wait_early();
    }
    for driver in if cfg!(windows) { ["auto", "winsock"] } else { ["auto", "epoll"] } {
        let this = std::env::current_exe().expect("this program");
        let status = Command::new(this)
            .args(["--exact", "a_thread_that_waits_before_there_is_a_driver_is_told_of_it"])
            .env("EARLY", "1")
            .env("OVERLAPPED_DRIVER", driver)
            .status()
            .expect("it runs again");
        assert!(status.success(), "on {driver}");
    }
}

fn wait_early() {
    let event = Event::manual();
    let waiter = thread::spawn({
        let event = event.clone();
        move || wait::one(&event, None)
    });
    // Long enough to be asleep, most of the time; if not, the test has nothing to find.
    thread::sleep(Duration::from_millis(100));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let mut peer = TcpStream::connect(listener.local_addr().expect("bound")).expect("it listens");
    let socket = Socket::from(listener.accept().expect("a connection").0);
    let pending = Overlapped::new((socket, [0; 8])).recv_event_with(&event, |(socket, buffer)| (socket, buffer));
    peer.write_all(b"early").expect("it is read");
    assert_eq!(waiter.join().expect("the waiter ends").expect("a wait"), Waited::Object(0));
    assert_eq!(pending.finish().1.expect("data").bytes, 5);
}

#[test]
#[cfg(target_os = "linux")]
fn a_thread_that_waits_where_no_driver_can_be_had_sleeps() {
    if std::env::var_os("EARLY").is_none() {
        let this = std::env::current_exe().expect("this program");
        let mut again = Command::new(this);
        again.args(["--exact", "a_thread_that_waits_where_no_driver_can_be_had_sleeps"]);
        let status = again.env("EARLY", "1").env("OVERLAPPED_DRIVER", "none").status().expect("it runs again");
        return assert!(status.success());
    }
    Socket::listen("127.0.0.1:0").expect_err("there is no such driver");
    // The first number is the time that the thread has had a processor, in nanoseconds.
    let computed = || {
        let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel counts");
        statistics.split(' ').next().expect("a number").parse::<u64>().map(Duration::from_nanos).expect("a number")
    };
    let before = computed();
    assert_eq!(wait::one(&Event::manual(), Some(Duration::from_secs(1))).expect("a wait"), Waited::TimedOut);
    let spent = computed() - before;
    // An emulator beside much other work counts what it is kept from as well.
    assert!(spent < Duration::from_millis(500), "the wait has computed for {spent:?}");
}
