//! A process that has one thread until its first waits are over: a thread that comes later wakes it all the same.
//!
//! Linux gives a process a table of its own for futexes when its second thread starts; what waits since before that must
//! still be found. Without the test harness, which has threads of its own.

use overlapped::driver::Choice;
use overlapped::{Event, Overlapped, Session, Socket, Waited, alertable, driver, wait};
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

struct Client {
    socket: Socket,
    buffer: [u8; 16],
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn main() {
    if let Ok(name) = std::env::var("ALONE_ON") {
        return alone(name.parse().expect("a driver"));
    }
    for name in if cfg!(windows) { ["auto", "winsock"] } else { ["uring", "epoll"] } {
        let this = std::env::current_exe().expect("this program");
        let mut child = Command::new(this).env("ALONE_ON", name).spawn().expect("it runs again");
        // Who hangs has no thread to notice it.
        let began = Instant::now();
        let status = loop {
            match child.try_wait().expect("a child") {
                Some(status) => break status,
                None if began.elapsed() > Duration::from_secs(60) => {
                    child.kill().expect("it is ended");
                    panic!("on {name}: never woken");
                }
                None => thread::sleep(Duration::from_millis(5)),
            }
        };
        assert!(status.success(), "on {name}: {status}");
        println!("woken by the second thread on {name}: ok");
    }
}

fn alone(choice: Choice) {
    if let Err(error) = driver::choose(choice) {
        assert!(std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_none(), "{error}");
        return println!("passed by: {error}");
    }
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let client = || {
        let peer = std::net::TcpStream::connect(door.local_addr().expect("bound")).expect("it listens");
        let socket = Socket::from(door.accept().expect("a connection").0);
        (peer, Overlapped::new(Client { socket, buffer: [0; 16] }))
    };
    let ((_peer, by_routine), (_other, by_event)) = (client(), client());
    let event = Event::manual();
    by_routine.recv(|_, done| assert!(done.expect_err("nothing came").is_aborted()));
    let _pending = by_event.recv_event(&event);
    let soon = Some(Duration::from_millis(5));
    assert_eq!(alertable::sleep(soon).expect("a wait"), Waited::TimedOut);
    assert_eq!(wait::one(&event, soon).expect("a wait"), Waited::TimedOut);

    let (me, other) = (alertable::current(), event.clone());
    let second = thread::spawn(move || {
        // Most of the time the first thread is asleep by then.
        thread::sleep(Duration::from_millis(50));
        me.queue(|| {}).expect("the thread takes it");
        thread::sleep(Duration::from_millis(50));
        other.set();
    });
    assert_eq!(alertable::sleep(None).expect("a wait"), Waited::Routines);
    assert_eq!(wait::one(&event, None).expect("a wait"), Waited::Object(0));
    second.join().expect("it ends");
}
