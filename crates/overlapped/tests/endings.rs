//! How a process may end with operations in flight: each way, on each driver, in a process of its own.
//!
//! Without the test harness, since that never runs a test on the main thread.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, exit};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use overlapped::{Event, MutexObject, Overlapped, Pending, Session, Socket, Timer, Waited, alertable, wait};

#[path = "endings/hostile.rs"]
mod hostile;
#[path = "endings/ports.rs"]
mod ports;

const ROLE: &str = "OVERLAPPED_TEST_ROLE";

/// Each way to end, and the exit code it has.
const WAYS: [(&str, fn(), i32); 10] = [
    ("main returns", main_returns, 0),
    ("exit in a routine", exit_in_a_routine, 7),
    ("exit in a timer's routine", exit_in_a_timers_routine, 7),
    ("exit in a nested wait", exit_in_a_nested_wait, 7),
    ("exit on another thread", exit_on_another_thread, 7),
    ("threads left behind", threads_left_behind, 0),
    ("a drop that panics", a_drop_that_panics, 0),
    ("statics", statics, 0),
    ("destructors around the library's own", destructors_around, 0),
    ("a thread of the library's before all else", a_thread_before_all_else, 0),
];

fn ways() -> impl Iterator<Item = (&'static str, fn(), i32)> {
    // Wine at times never ends a process whose other threads are busy: it ends one of them inside a lock of its own.
    let wine = cfg!(windows) && std::env::var_os("WINEPREFIX").is_some();
    WAYS.into_iter()
        .chain(hostile::WAYS)
        .chain(ports::WAYS)
        .filter(move |(name, ..)| !wine || !hostile::BESIDE_BUSY_THREADS.contains(name))
}

fn main() {
    if let Ok(role) = std::env::var(ROLE) {
        thread::spawn(|| {
            thread::sleep(Duration::from_secs(60));
            let _ = std::io::stderr().write_all(b"this process should have ended\n");
            std::process::abort();
        });
        let (_, way, _) = ways().find(|(name, ..)| *name == role).expect("a way to end");
        return way();
    }
    // Test runners ask for a list; this is one test.
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    for driver in if cfg!(windows) { ["auto", "winsock"] } else { ["auto", "epoll"] } {
        for (name, _, code) in ways() {
            let mut command = Command::new(std::env::current_exe().unwrap());
            let output = command.env(ROLE, name).env("OVERLAPPED_DRIVER", driver).output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{name}, {driver}: {}\n{said}", output.status);
            println!("{name}, {driver}: ok");
        }
    }
}

struct Conn {
    socket: Socket,
    buffer: [u8; 64],
    fragile: bool,
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        assert!(!self.fragile, "this drop was made to fail");
    }
}

fn pair() -> (Socket, TcpStream) {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    (Socket::from(door.accept().unwrap().0), peer)
}

fn conn(socket: &Socket) -> Overlapped<Conn> {
    Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 64], fragile: false })
}

/// Operations of every kind and delivery, all left pending.
fn leave_operations() -> (Socket, TcpStream) {
    let (socket, peer) = pair();
    let listener = Socket::listen("127.0.0.1:0").unwrap();
    Overlapped::new(listener).accept(|listener| listener, |_, _| panic!("nobody connects"));
    conn(&socket).recv(|_, _| panic!("nobody writes"));
    conn(&socket).recv(|_, _| panic!("nobody writes"));
    let (on_event, events_peer) = pair();
    let pending = conn(&on_event).recv_event(&Event::manual());
    socket.give(vec![1; 8 << 20]).unwrap();
    let (far, soon) = (Timer::auto(), Timer::auto());
    far.set_with(Duration::from_secs(3600), None, || panic!("not so soon")).unwrap();
    soon.set(Duration::from_millis(1), Some(Duration::from_millis(1)));
    // Nobody drops what a static holds, and a leak checker finds it there.
    type Kept = (Timer, Timer, MutexObject, Pending<Conn>, TcpStream);
    static KEPT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());
    KEPT.lock().unwrap().push((far, soon, MutexObject::owned().unwrap(), pending, events_peer));
    // Into the kernel with them.
    let _ = alertable::sleep(Some(Duration::from_millis(5))).unwrap();
    (socket, peer)
}

fn main_returns() {
    let _kept = leave_operations();
    let (socket, peer) = pair();
    (&peer).write_all(b"never read").unwrap();
    conn(&socket).recv(|_, _| panic!("queued, and main returns"));
    alertable::current().queue(|| panic!("queued, and main returns")).unwrap();
}

fn exit_in_a_routine() {
    let (_socket, _peer) = leave_operations();
    let (socket, peer) = pair();
    conn(&socket).recv(|_, _| exit(7));
    (&peer).write_all(b"go").unwrap();
    loop {
        alertable::sleep(None).unwrap();
    }
}

fn exit_in_a_timers_routine() {
    let (_socket, _peer) = leave_operations();
    let timer = Timer::manual();
    let mine = timer.clone();
    let routine = move || {
        mine.set_with(Duration::ZERO, None, || panic!("queued, and the process ends")).unwrap();
        exit(7)
    };
    timer.set_with(Duration::ZERO, Some(Duration::from_millis(1)), routine).unwrap();
    alertable::sleep(None).unwrap();
}

fn exit_in_a_nested_wait() {
    let (_socket, _peer) = leave_operations();
    let me = alertable::current();
    me.queue(|| {
        alertable::current().queue(|| exit(7)).unwrap();
        alertable::sleep(None).unwrap();
    })
    .unwrap();
    alertable::sleep(None).unwrap();
}

fn exit_on_another_thread() {
    let (_socket, _peer) = leave_operations();
    thread::spawn(|| {
        let (_socket, _peer) = leave_operations();
        exit(7);
    });
    loop {
        alertable::sleep(None).unwrap();
    }
}

fn threads_left_behind() {
    let (ready, waiting) = std::sync::mpsc::channel();
    for index in 0..4 {
        let ready = ready.clone();
        thread::spawn(move || {
            let (_socket, _peer) = leave_operations();
            ready.send(()).unwrap();
            match index % 2 {
                0 => drop(alertable::sleep(None)),
                _ => drop(overlapped::wait::one(&Event::manual(), None)),
            }
        });
    }
    assert_eq!(waiting.iter().take(4).count(), 4);
}

fn a_drop_that_panics() {
    let ended = thread::spawn(|| {
        let (socket, peer) = pair();
        for fragile in [true, false, true] {
            Overlapped::new(Conn { socket: socket.clone(), buffer: [0; 64], fragile })
                .recv(|_, _| panic!("nothing runs at the end of a thread"));
        }
        peer
    });
    assert!(ended.join().is_ok());
}

/// Uses all that can be used at the end of a thread; a panic there would end the process.
struct Late;

impl Drop for Late {
    fn drop(&mut self) {
        let (socket, peer) = pair();
        let event = Event::manual();
        let receive = conn(&socket).recv_event(&event);
        (&peer).write_all(b"late").unwrap();
        assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
        assert_eq!(receive.finish().1.unwrap().bytes, 4);
        conn(&socket).recv(|_, _| panic!("no alertable wait is to come"));
        let _ = alertable::sleep(Some(Duration::ZERO));
        let _ = alertable::current().queue(|| panic!("no alertable wait is to come"));
        socket.give(b"bye").unwrap();
        socket.close();
        let (timer, mutex) = (Timer::manual(), MutexObject::new());
        let _ = timer.set_with(Duration::ZERO, None, || panic!("no alertable wait is to come"));
        timer.set(Duration::ZERO, None);
        assert_eq!(wait::one(&timer, None).unwrap(), Waited::Object(0));
        if wait::one(&mutex, None).is_ok() {
            mutex.release().unwrap();
        }
    }
}

fn destructors_around() {
    thread_local! {
        static FIRST: Late = const { Late };
        static LAST: Late = const { Late };
    }
    let ended = thread::spawn(|| {
        // Destructors of a thread run in the order of first use, or the other way round.
        FIRST.with(|_| {});
        let (socket, _peer) = pair();
        conn(&socket).recv(|_, _| {});
        let _ = alertable::sleep(Some(Duration::ZERO)).unwrap();
        LAST.with(|_| {});
    });
    ended.join().unwrap();
}

/// In which order a process first uses thread-locals may be that in which they go.
fn a_thread_before_all_else() {
    let (begin, begun) = std::sync::mpsc::channel();
    let (first, _) = alertable::spawn(move || begin.send(()).unwrap()).unwrap();
    begun.recv().unwrap();
    assert_eq!(wait::one(&first, None).unwrap(), Waited::Object(0));
    let (second, _) = alertable::spawn(|| drop(leave_operations())).unwrap();
    assert_eq!(wait::one(&second, None).unwrap(), Waited::Object(0));
}

fn statics() {
    static KEPT: std::sync::OnceLock<Socket> = std::sync::OnceLock::new();
    thread_local! {
        // Made before the library is first used here, so dropped after the library's own end.
        static LATE: std::cell::RefCell<Vec<Overlapped<Conn>>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    LATE.with(|late| late.borrow_mut().clear());
    let (socket, _peer) = leave_operations();
    LATE.with(|late| late.borrow_mut().push(conn(&socket)));
    KEPT.set(socket).unwrap();
}
