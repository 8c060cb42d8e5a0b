//! Ends in the middle: in code of the program that the library calls, in destructors, and beside busy threads.

use super::{Conn, conn, leave_operations, pair};
use overlapped::{Event, MutexObject, Overlapped, Pending, Semaphore, Socket, Timer, Waited, alertable, wait};
use std::cell::RefCell;
use std::io::Write;
use std::panic::resume_unwind;
use std::process::exit;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

pub(super) const WAYS: [(&str, fn(), i32); 14] = [
    ("exit in an APC", exit_in_an_apc, 7),
    ("exit while it shows its parts", exit_in_parts, 7),
    ("exit in a drop of a routine", exit_in_a_drop_of_a_routine, 7),
    ("exit in the drop of an operation that nobody wants", exit_in_the_drop_of_an_unwanted, 7),
    ("exit in a drop at the end of a thread", exit_in_a_drop_at_the_end_of_a_thread, 7),
    ("exit in the drop of a timer's routine", exit_in_the_drop_of_a_timers_routine, 7),
    ("exit in a thread-local's destructor", exit_in_a_thread_local, 7),
    ("exit on two threads", exit_on_two_threads, 7),
    ("exit beside busy threads", || exit_beside_busy_threads(true), 7),
    ("main returns beside busy threads", || exit_beside_busy_threads(false), 0),
    ("main unwinds", main_unwinds, 101),
    ("a scoped thread unwinds", a_scoped_thread_unwinds, 0),
    ("thread-locals of a thread", thread_locals_of_a_thread, 0),
    ("thread-locals of main", thread_locals_of_main, 0),
];

/// Those in which other threads are anywhere.
pub(super) const BESIDE_BUSY_THREADS: [&str; 3] =
    ["exit on two threads", "exit beside busy threads", "main returns beside busy threads"];

/// Ends the process when it is dropped.
struct Exits(Socket, [u8; 8]);

impl Drop for Exits {
    fn drop(&mut self) {
        exit(7);
    }
}

fn exits() -> (Overlapped<Exits>, std::net::TcpStream) {
    let (socket, peer) = pair();
    (Overlapped::new(Exits(socket, [0; 8])), peer)
}

fn parts(exits: &mut Exits) -> (&Socket, &mut [u8]) {
    (&exits.0, &mut exits.1)
}

fn exit_in_an_apc() {
    let _left = leave_operations();
    alertable::current().queue(|| exit(7)).unwrap();
    alertable::sleep(None).unwrap();
}

fn exit_in_parts() {
    let _left = leave_operations();
    let (socket, _peer) = pair();
    Overlapped::new(socket).recv_with(|_| exit(7), |_, _| {});
}

fn exit_in_a_drop_of_a_routine() {
    let _left = leave_operations();
    let (exits, peer) = exits();
    exits.recv_with(parts, |_, _| {});
    (&peer).write_all(b"go").unwrap();
    loop {
        alertable::sleep(None).unwrap();
    }
}

/// Wherever that is: here, in another wait, or by a helper.
fn exit_in_the_drop_of_an_unwanted() {
    let _left = leave_operations();
    let (exits, _peer) = exits();
    thread::spawn(|| drop(wait::one(&Event::manual(), None)));
    drop(exits.recv_event_with(&Event::manual(), parts));
    drop(wait::one(&Event::manual(), None));
}

fn exit_in_a_drop_at_the_end_of_a_thread() {
    let _left = leave_operations();
    let ending = thread::spawn(|| {
        let _left = leave_operations();
        let (exits, peer) = exits();
        exits.recv_with(parts, |_, _| panic!("nothing runs at the end of a thread"));
        peer
    });
    drop(ending.join());
}

fn exit_in_the_drop_of_a_timers_routine() {
    let _left = leave_operations();
    let (exits, _peer) = exits();
    let timer = Timer::manual();
    let routine = move || _ = &exits;
    timer.set_with(Duration::ZERO, None, routine).unwrap();
    alertable::sleep(None).unwrap();
}

fn exit_in_a_thread_local() {
    struct Exit;
    impl Drop for Exit {
        fn drop(&mut self) {
            exit(7);
        }
    }
    thread_local! {
        static OLDER: Exit = const { Exit };
        static YOUNGER: Everything = Everything::new();
    }
    let _left = leave_operations();
    let ending = thread::spawn(|| {
        OLDER.with(|_| {});
        let _left = leave_operations();
        // On Windows it may be dropped when all other threads are gone, whatever they led or held: it would wait for ever.
        if !cfg!(windows) {
            YOUNGER.with(|_| {});
        }
    });
    drop(ending.join());
}

fn exit_on_two_threads() {
    static TOGETHER: Barrier = Barrier::new(2);
    for _ in 0..2 {
        thread::spawn(|| {
            let _left = leave_operations();
            alertable::current()
                .queue(|| {
                    TOGETHER.wait();
                    exit(7)
                })
                .unwrap();
            alertable::sleep(None).unwrap();
        });
    }
    drop(wait::one(&Event::manual(), None));
}

/// They issue, complete, cancel, drop and end at that moment.
fn exit_beside_busy_threads(exits: bool) {
    for kind in 0..4 {
        thread::spawn(move || {
            loop {
                let (socket, peer) = pair();
                let event = Event::auto();
                let pending = conn(&socket).recv_event(&event);
                (&peer).write_all(b"x").unwrap();
                conn(&socket).recv(|conn, _| drop(conn));
                match kind {
                    0 => drop(pending),
                    1 => drop(pending.finish()),
                    2 => drop(thread::spawn(move || pending.finish()).join()),
                    _ => {
                        let _ = socket.cancel();
                        thread::spawn(move || conn(&socket).recv(|_, _| {})).join().unwrap();
                        drop(pending);
                    }
                }
                let _ = alertable::sleep(Some(Duration::ZERO)).unwrap();
            }
        });
    }
    let _left = leave_operations();
    let _ = alertable::sleep(Some(Duration::from_millis(20))).unwrap();
    if exits {
        exit(7);
    }
}

fn main_unwinds() {
    let _left = leave_operations();
    alertable::current().queue(|| resume_unwind(Box::new("on purpose"))).unwrap();
    alertable::sleep(None).unwrap();
}

fn a_scoped_thread_unwinds() {
    let (socket, peer) = pair();
    let event = Event::manual();
    let pending = thread::scope(|scope| {
        let (give, take) = std::sync::mpsc::channel::<Pending<Conn>>();
        let (socket, event) = (&socket, &event);
        let unwinding = scope.spawn(move || {
            let _left = leave_operations();
            conn(socket).recv(|_, _| panic!("nothing runs at the end of a thread"));
            give.send(conn(socket).recv_event(event)).unwrap();
            resume_unwind(Box::new("on purpose"))
        });
        let joined: thread::Result<()> = unwinding.join();
        assert!(joined.is_err());
        take.recv().unwrap()
    });
    assert_eq!(wait::one(&event, None).unwrap(), Waited::Object(0));
    assert!(pending.finish().1.unwrap_err().is_aborted());
    drop(peer);
}

/// One of each, to be dropped wherever; then it uses what it holds.
struct Everything {
    pending: RefCell<Vec<Pending<Conn>>>,
    idle: RefCell<Vec<Overlapped<Conn>>>,
    socket: Socket,
    event: Event,
    mutex: MutexObject,
    semaphore: Semaphore,
    timer: Timer,
    _suspended: alertable::Suspended<()>,
    _peer: std::net::TcpStream,
}

impl Everything {
    fn new() -> Self {
        let (socket, peer) = pair();
        let (event, timer) = (Event::manual(), Timer::manual());
        let (mine, again) = (socket.clone(), timer.clone());
        // In a destructor there is no alertable wait to come.
        let _ = timer.set_with(Duration::ZERO, Some(Duration::from_secs(3600)), move || {
            let _ = (&mine, &again);
        });
        Self {
            pending: RefCell::new(vec![conn(&socket).recv_event(&event), conn(&socket).recv_event(&event)]),
            idle: RefCell::new(vec![conn(&socket)]),
            event,
            mutex: MutexObject::owned().unwrap_or_else(|_| MutexObject::new()),
            semaphore: Semaphore::new(1, 1).unwrap(),
            timer,
            _suspended: alertable::suspended(|| ()),
            socket,
            _peer: peer,
        }
    }
}

impl Drop for Everything {
    fn drop(&mut self) {
        for idle in self.idle.take() {
            idle.recv(|_, _| panic!("no alertable wait is to come"));
        }
        self.pending.borrow_mut().push(conn(&self.socket).recv_event(&self.event));
        self.socket.close();
        let mut pending = self.pending.take();
        assert_eq!(wait::one(&self.event, None).unwrap(), Waited::Object(0));
        drop(pending.pop());
        for pending in pending {
            assert!(pending.finish().1.is_err());
        }
        let _ = wait::one(&self.mutex, Some(Duration::from_millis(1)));
        let _ = self.mutex.release();
        assert_eq!(wait::one(&self.semaphore, None).unwrap(), Waited::Object(0));
        self.timer.set(Duration::ZERO, None);
        assert_eq!(wait::one(&self.timer, None).unwrap(), Waited::Object(0));
        // Windows lets no thread begin while another one ends: whoever waits for it then waits for ever.
        if !cfg!(windows) {
            let (thread, handle) = alertable::spawn(|| ()).unwrap();
            assert_eq!(wait::one(&thread, None).unwrap(), Waited::Object(0));
            handle.join().unwrap();
        }
    }
}

thread_local! {
    static FIRST: Everything = Everything::new();
    static LAST: Everything = Everything::new();
    static NOT_OF_THE_ENGINE: RefCell<Option<Everything>> = const { RefCell::new(None) };
}

/// Made before the thread has an engine, with it, and after.
fn fill_thread_locals() {
    NOT_OF_THE_ENGINE.with(|_| {});
    FIRST.with(|_| {});
    let (socket, _peer) = pair();
    conn(&socket).recv(|_, _| {});
    let _ = alertable::sleep(Some(Duration::ZERO)).unwrap();
    NOT_OF_THE_ENGINE.set(Some(Everything::new()));
    LAST.with(|_| {});
}

fn thread_locals_of_a_thread() {
    thread::spawn(fill_thread_locals).join().unwrap();
    thread::scope(|scope| {
        scope.spawn(fill_thread_locals);
    });
    // One that nobody joins.
    let (thread, _detached) = alertable::spawn(fill_thread_locals).unwrap();
    assert_eq!(wait::one(&thread, None).unwrap(), Waited::Object(0));
}

fn thread_locals_of_main() {
    fill_thread_locals();
}
