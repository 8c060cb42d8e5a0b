//! The work: echo with routines and events, connects and accepts of both kinds, long sends, several buffers, datagrams,
//! cancels, waits of threads for each other. Whatever is refused for want of memory or descriptors is asked for again.

#[path = "echo.rs"]
mod echo;
#[path = "sends.rs"]
mod sends;
#[path = "waits.rs"]
mod waits;

use overlapped::{Error, Event, Overlapped, Pending, Result, Session, Socket, codes};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// How often something was refused for a moment.
static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// Everything once, all at the same time; how much was refused.
pub(crate) fn all() -> usize {
    let before = REFUSED.load(Relaxed);
    let works: [(&str, fn()); 7] = [
        ("echo with routines", || echo::run(echo::with_routines)),
        ("echo with events", || echo::run(echo::with_events)),
        ("long sends", sends::long_sends),
        ("several buffers", sends::several_buffers),
        ("datagrams", waits::datagrams),
        ("cancels", waits::cancels),
        ("waits", waits::of_threads),
    ];
    thread::scope(|scope| {
        for (name, work) in works {
            thread::Builder::new().name(name.into()).spawn_scoped(scope, work).expect("a thread");
        }
    });
    REFUSED.load(Relaxed) - before
}

/// Whether an error is but a want of memory or descriptors; any other is wrong here.
fn refused(error: &Error) {
    let momentary = [codes::WSAENOBUFS, codes::WSAEMFILE].contains(&error.code());
    assert!(momentary, "{}: {error}", thread::current().name().unwrap_or_default());
    REFUSED.fetch_add(1, Relaxed);
}

/// Tries until it is not refused.
fn persist<T>(mut attempt: impl FnMut() -> Result<T>) -> T {
    loop {
        match attempt() {
            Ok(done) => return done,
            Err(error) => refused(&error),
        }
    }
}

/// The byte at a place of a stream.
fn pattern(stream: usize, place: usize) -> u8 {
    (stream * 131 + place * 7 + place / 251) as u8
}

fn bytes(stream: usize, from: usize, count: usize) -> Vec<u8> {
    (from..from + count).map(|place| pattern(stream, place)).collect()
}

struct Conn {
    socket: Socket,
    buffer: Vec<u8>,
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

fn conn(socket: &Socket, buffer: Vec<u8>) -> Overlapped<Conn> {
    Overlapped::new(Conn { socket: socket.clone(), buffer })
}

/// Finishes what `issue` begins, again and again until it is not refused.
fn finish<T, R>(mut session: Overlapped<T>, issue: impl Fn(Overlapped<T>) -> Pending<T, R>) -> (Overlapped<T>, R) {
    loop {
        let (back, done) = issue(session).finish();
        match done {
            Ok(done) => return (back, done),
            Err(error) => refused(&error),
        }
        session = back;
    }
}

fn receive(socket: &Socket, most: usize) -> Vec<u8> {
    let event = Event::manual();
    // One without a buffer waits for data and leaves it there.
    assert_eq!(finish(conn(socket, Vec::new()), |session| session.recv_event(&event)).1.bytes, 0);
    let (mut session, done) = finish(conn(socket, vec![0; most]), |session| session.recv_event(&event));
    session.buffer.truncate(done.bytes);
    std::mem::take(&mut session.buffer)
}

fn send(socket: &Socket, bytes: Vec<u8>) {
    let (event, length) = (Event::manual(), bytes.len());
    let (_, done) = finish(conn(socket, bytes), |session| session.send_event(.., &event));
    assert_eq!(done.bytes, length);
}

fn listen() -> (Socket, SocketAddr) {
    let listener = persist(|| Socket::listen("127.0.0.1:0"));
    let at = persist(|| listener.local_addr());
    (listener, at)
}

fn accept(listener: &Socket) -> Socket {
    let event = Event::manual();
    finish(Overlapped::new(listener.clone()), |listener| listener.accept_event(&event, |listener| listener)).1
}

fn connect(at: SocketAddr) -> Socket {
    let event = Event::manual();
    let mut socket = Overlapped::new(persist(|| Socket::tcp(&at)));
    loop {
        let (back, done) = socket.connect_event(at, &event, |socket| socket).finish();
        match done {
            Ok(()) => return back.clone(),
            Err(error) => refused(&error),
        }
        // One that failed on its way may have arrived.
        drop(back);
        socket = Overlapped::new(persist(|| Socket::tcp(&at)));
    }
}

/// A connection; each end is made by itself, since an accept may meet a connect that was given up.
pub(crate) fn pair(narrow: bool) -> (Socket, Socket) {
    let (listener, at) = listen();
    if narrow {
        persist(|| listener.set_receive_buffer(8 << 10));
    }
    let ours = thread::scope(|scope| {
        let accepting = scope.spawn(|| accept(&listener));
        let theirs = connect(at);
        let mut ours = accepting.join().expect("an accept");
        while ours.peer_addr().ok() != theirs.local_addr().ok() {
            ours = accept(&listener);
        }
        (ours, theirs)
    });
    if narrow {
        persist(|| ours.0.set_send_buffer(8 << 10));
    }
    ours
}
