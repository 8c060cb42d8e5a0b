//! Forks of a process whose other threads are busy: they hold locks, wait, lead. Whatever the child calls comes back.

use overlapped::driver::{self, Choice};
use overlapped::{
    Event, MutexObject, Overlapped, Pending, Port, Result, Semaphore, Session, Shutdown, Socket, Timer, alertable,
    codes, wait,
};
use std::cell::{Cell, RefCell};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

/// How often the process forks in each of the places.
const FORKS: usize = 5;
const NOW: Option<Duration> = Some(Duration::ZERO);
const SHORT: Option<Duration> = Some(Duration::from_millis(1));

struct Conn {
    socket: Socket,
    buffer: Vec<u8>,
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn conn(socket: &Socket) -> Overlapped<Conn> {
    Overlapped::new(Conn { socket: socket.clone(), buffer: vec![1; 64] })
}

/// What the busy threads use, and so does the child.
struct Shared {
    event: Event,
    semaphore: Semaphore,
    mutex: MutexObject,
    timer: Timer,
    sockets: [Socket; 2],
    /// Nobody sends to it.
    idle: [Socket; 2],
    /// Nobody but the thread that forks uses it.
    own: [Socket; 2],
    listener: Socket,
    /// Threads wait at it, drive it and run for it.
    port: Port<bool>,
    at: SocketAddr,
    forker: alertable::Thread,
    over: AtomicBool,
}

fn pair() -> (Socket, Socket) {
    let door = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let peer = TcpStream::connect(door.local_addr().expect("bound")).expect("it listens");
    (Socket::from(door.accept().expect("a connection").0), Socket::from(peer))
}

impl Shared {
    fn new() -> Self {
        let (one, two) = pair();
        let listener = Socket::listen("127.0.0.1:0").expect("a free port");
        Self {
            event: Event::auto(),
            semaphore: Semaphore::new(1, 1000).expect("a count"),
            mutex: MutexObject::new(),
            timer: Timer::auto(),
            sockets: [one, two],
            idle: pair().into(),
            own: pair().into(),
            at: listener.local_addr().expect("bound"),
            listener,
            port: Port::new(1),
            forker: alertable::current(),
            over: AtomicBool::new(false),
        }
    }
}

/// Holds as many locks as often as it can.
fn be_busy(shared: &Shared, number: usize) {
    let own = Event::auto();
    let socket = &shared.sockets[number % 2];
    let mut receiving = Some(conn(socket).recv_event(&own));
    while !shared.over.load(Relaxed) {
        for _ in 0..20 {
            shared.event.set();
            let _ = wait::any(&[&shared.event, &shared.semaphore, &own], NOW);
            if shared.semaphore.release(1).is_ok() {
                let _ = wait::one(&shared.semaphore, NOW);
            }
            if wait::one(&shared.mutex, NOW).is_ok_and(|waited| waited != overlapped::Waited::TimedOut) {
                let _ = shared.mutex.release();
            }
            shared.timer.set(Duration::from_micros(50), None);
            let _ = shared.idle[0].queued_bytes();
            let _ = (shared.port.post(true), shared.port.get(NOW));
        }
        let _ = shared.sockets[1 - number % 2].give(vec![2; 40]);
        let receive = receiving.take().expect("issued");
        if !receive.wait(Some(Duration::from_micros(100))) {
            let _ = receive.cancel();
        }
        receiving = Some(receive.finish().0.recv_event(&own));
        conn(&shared.idle[0]).recv(|_, _| {});
        let _ = shared.idle[0].cancel();
        let _ = alertable::any(&[&shared.timer, &own], NOW);
        let _ = shared.forker.queue(|| {});
        let _ = shared.port.get(SHORT);
    }
    let _ = shared.idle[0].cancel();
}

/// The step at which the child is, for the parent to see.
struct Step(&'static AtomicU32);

impl Step {
    fn new() -> Self {
        // SAFETY: memory of its own, which is there to the end of the process.
        let page = unsafe {
            let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
            libc::mmap(std::ptr::null_mut(), 4096, protection, flags, -1, 0)
        };
        assert_ne!(page, libc::MAP_FAILED);
        // SAFETY: as above; the kernel gives it zeroed.
        Self(unsafe { &*page.cast::<AtomicU32>() })
    }
}

fn refused<T>(result: Result<T>) -> bool {
    result.err().is_some_and(|error| error.code() == codes::WSASYSNOTREADY)
}

thread_local! {
    static FORKED: Cell<usize> = const { Cell::new(0) };
    /// What the child finds in the middle of a routine.
    static SCENE: RefCell<Option<(Arc<Shared>, Arc<Step>)>> = const { RefCell::new(None) };
}

/// Everything that there is to call.
fn call_everything(shared: &Shared, step: &AtomicU32, pending: [Pending<Conn>; 4]) {
    let next = || step.fetch_add(1, Relaxed);
    let says = |told: bool| if told { next() } else { std::process::abort() };
    let [socket, _] = &shared.sockets;
    // 1: sockets.
    says(refused(Socket::listen("127.0.0.1:0")));
    says(refused(Socket::tcp(&shared.at)));
    says(refused(Socket::udp("127.0.0.1:0")));
    says(refused(socket.give(vec![1; 10])));
    says(refused(socket.give_copy(b"x")));
    says(refused(socket.shutdown(Shutdown::Both)));
    says(refused(socket.local_addr()));
    says(refused(socket.set_nodelay(true)));
    says(socket.cancel().is_err());
    says(socket.queued_bytes() == 0);
    // 11: operations.
    let event = Event::manual();
    says(refused(conn(socket).recv_event(&event).finish().1));
    says(refused(conn(socket).send_event(.., &event).finish().1));
    says(refused(Overlapped::new(shared.listener.clone()).accept_event(&event, |listener| listener).finish().1));
    says(refused(Overlapped::new(socket.clone()).connect_event(shared.at, &event, |socket| socket).finish().1));
    conn(socket).recv(|_, _| std::process::abort());
    conn(socket).send(.., |_, _| std::process::abort());
    says(alertable::sleep(None).is_err());
    // 16: what the parent has in flight.
    let [one, two, three, four] = pending;
    says(!one.poll());
    says(!one.wait(None));
    says(one.cancel().is_err());
    says(refused(one.finish().1));
    drop(two);
    next();
    says(two_or_more(three.try_finish()));
    std::mem::forget(four);
    // 22: objects of its own.
    event.set();
    says(wait::one(&event, None).is_ok());
    // 23: those that other threads were using. Where one had the lock the call says so, with a panic.
    let use_them: [&dyn Fn(); 10] = [
        &|| shared.event.set(),
        &|| drop(wait::any(&[&shared.event, &shared.semaphore], SHORT)),
        &|| drop(wait::all(&[&shared.event, &shared.semaphore], SHORT)),
        &|| shared.event.reset(),
        &|| drop(shared.semaphore.release(1)),
        &|| drop(wait::one(&shared.mutex, SHORT)),
        &|| drop(shared.mutex.release()),
        &|| shared.timer.set(Duration::from_micros(1), None),
        &|| drop(wait::one(&shared.timer, SHORT)),
        &|| shared.timer.cancel(),
    ];
    for call in use_them {
        if catch_unwind(AssertUnwindSafe(call)).is_err() {
            break;
        }
        next();
    }
    says(shared.forker.queue(|| {}).is_err());
    says(alertable::one(&event, SHORT).is_err());
    // 35: the driver, threads, and the end of what it has.
    let _ = (driver::report().is_ok(), driver::choose(Choice::Auto).is_ok());
    next();
    let other = thread::spawn(|| alertable::sleep(Some(Duration::from_millis(1))).is_ok());
    let _ = other.join();
    next();
    let _ = alertable::spawn(|| {}).map(|(_, thread)| thread.join());
    next();
    // 38: the parent's port, and one of its own.
    says(refused(shared.port.get(None)));
    says(shared.port.post(true).is_err());
    conn(socket).recv_port(&shared.port, |_, _| std::process::abort());
    shared.port.close();
    drop(shared.port.clone());
    next();
    let port = Port::new(1);
    conn(socket).recv_port(&port, |_, done| refused(done));
    says(port.get(None).is_ok_and(|told| told == Some(true)));
    drop(port);
    socket.close();
    drop(shared.idle[0].clone());
    next();
}

fn two_or_more<T, R>(tried: std::result::Result<(Overlapped<T>, Result<R>), Pending<T, R>>) -> bool {
    // Not yet done, and given back; or refused.
    tried.map_or(true, |(_, done)| refused(done))
}

/// Forks, and waits for the child.
fn fork(shared: &Shared, step: &Step, place: &str) {
    step.0.store(1, Relaxed);
    let event = Event::auto();
    let pending = [(); 4].map(|()| conn(&shared.own[0]).recv_event(&event));
    conn(&shared.own[1]).recv_port(&shared.port, |_, done| done.is_ok_and(|done| done.bytes == 0));
    let ports = shared.own[1].clone();
    let Some(child) = begin_child() else {
        call_everything(shared, step.0, pending);
        std::process::exit(0);
    };
    await_child(child, place, step);
    ports.cancel().expect("the parent's own operation");
    for pending in &pending {
        let _ = pending.cancel();
    }
    for pending in pending {
        let (_, done) = pending.finish();
        assert!(done.is_err_and(|error| error.is_aborted()), "the parent's own operation");
    }
}

/// The number of the child, and nothing in the child itself.
fn begin_child() -> Option<libc::pid_t> {
    // SAFETY: the child does what this test is about; nothing is done to the process that is not its own.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork");
    if child > 0 {
        return Some(child);
    }
    // SAFETY: a child that hangs is ended.
    unsafe { libc::alarm(100) };
    // What is said by a panic is expected, and its words may be under a lock.
    std::panic::set_hook(Box::new(|_| {}));
    None
}

fn await_child(child: libc::pid_t, place: &str, step: &Step) {
    let mut status = 0;
    // SAFETY: waits for a child of this process; the status is ours.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } != child {}
    let step = step.0.load(Relaxed);
    assert_eq!(status, 0, "forked {place}: the child came to step {step}");
}

/// The child returns out of the routine, into the wait that it was called by.
fn leave_a_routine(shared: &Shared, step: &Step) {
    thread_local! {
        static CHILD: Cell<Option<Option<libc::pid_t>>> = const { Cell::new(None) };
    }
    let (ours, theirs) = pair();
    theirs.give_copy(b"x").expect("it is connected");
    conn(&ours).recv(|_, _| CHILD.set(Some(begin_child())));
    while CHILD.get().is_none() {
        let waited = catch_unwind(AssertUnwindSafe(|| alertable::one(&shared.mutex, None)));
        if CHILD.get() == Some(None) {
            let came_back = waited.map_or(true, |waited| waited.is_ok());
            std::process::exit(i32::from(!came_back));
        }
        // The mutex is as good as a routine.
        let _ = shared.mutex.release();
    }
    let child = CHILD.take().flatten().expect("in the parent");
    await_child(child, "in a routine that goes on", step);
}

fn fork_here(place: &str) {
    let (shared, step) = SCENE.with_borrow(|scene| scene.clone()).expect("set");
    fork(&shared, &step, place);
    FORKED.set(FORKED.get() + 1);
}

pub(crate) fn run() {
    let shared = Arc::new(Shared::new());
    let step = Arc::new(Step::new());
    SCENE.set(Some((Arc::clone(&shared), Arc::clone(&step))));
    let threads: Vec<_> = (0..3)
        .map(|number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || be_busy(&shared, number))
        })
        .collect();
    for _ in 0..FORKS {
        fork_here("between waits");
        // In a routine, an APC and the routine of a timer.
        let (ours, theirs) = pair();
        theirs.give_copy(b"x").expect("it is connected");
        conn(&ours).recv(|_, done| {
            done.expect("a byte");
            fork_here("in a routine");
        });
        alertable::current().queue(|| fork_here("in an APC")).expect("an APC");
        let timer = Timer::auto();
        timer.set_with(Duration::ZERO, None, || fork_here("in the routine of a timer")).expect("a timer");
        while FORKED.get() < 4 {
            let _ = alertable::sleep(None);
        }
        FORKED.set(0);
        leave_a_routine(&shared, &step);
        thread::scope(|scope| {
            scope.spawn(|| fork(&shared, &step, "on another thread"));
        });
    }
    shared.over.store(true, Relaxed);
    for thread in threads {
        thread.join().expect("a busy thread");
    }
}
