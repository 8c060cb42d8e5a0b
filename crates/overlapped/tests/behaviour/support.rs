//! What the properties share: a watchdog, connected sockets, a log of what routines saw, a counter of drops.

#[cfg(target_os = "linux")]
#[path = "support/linux.rs"]
mod system;
#[cfg(windows)]
#[path = "support/windows.rs"]
mod system;

pub(crate) use system::{Open, crowd, delivered, duplicate, is_wine};

use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::thread;
use std::time::{Duration, Instant};

use overlapped::{Completion, Overlapped, Result, Session, Socket, Waited, alertable, driver};

/// A test that hangs is ended with its name, long after any machine would have finished it. `OVERLAPPED_TEST_LIMIT` says how
/// many seconds that is on one that is slower than any, such as an emulator.
fn limit() -> Duration {
    let seconds = std::env::var("OVERLAPPED_TEST_LIMIT").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(60))
}

static RUNNING: Mutex<Vec<(usize, String, Instant)>> = Mutex::new(Vec::new());

/// One running test; hold it to the end of the test.
#[must_use]
pub(crate) struct Watch(usize);

/// Fixes the driver of this target and puts the calling test under the watchdog.
pub(crate) fn driver() -> Watch {
    system::skip_without_driver();
    let report = driver::choose(crate::DRIVER).expect("the driver of this target");
    assert_eq!(report.kind.to_string(), crate::DRIVER.to_string());
    static WATCHDOG: Once = Once::new();
    static SERIAL: AtomicUsize = AtomicUsize::new(0);
    WATCHDOG.call_once(|| {
        thread::spawn(watchdog);
    });
    let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
    let name = thread::current().name().unwrap_or("?").to_owned();
    RUNNING.lock().unwrap().push((serial, name, Instant::now()));
    Watch(serial)
}

impl Drop for Watch {
    fn drop(&mut self) {
        RUNNING.lock().unwrap().retain(|(serial, ..)| *serial != self.0);
    }
}

fn watchdog() {
    let limit = limit();
    loop {
        thread::sleep(Duration::from_secs(1));
        let running = RUNNING.lock().unwrap();
        let late = running.iter().filter(|(_, _, since)| since.elapsed() > limit);
        let late: Vec<_> = late.map(|(_, name, _)| name.as_str()).collect();
        if !late.is_empty() {
            say(&format!("\nafter {limit:?} still running: {}\n", late.join(", ")));
            std::process::abort();
        }
    }
}

/// Past the capture of the test harness, which would swallow the words of a process that ends.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// The loopback addresses this machine has (containers often lack IPv6).
pub(crate) fn families() -> Vec<IpAddr> {
    let both = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
    let has = |ip: &IpAddr| TcpListener::bind((*ip, 0)).is_ok();
    both.into_iter().filter(has).collect()
}

pub(crate) fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

pub(crate) fn listener(ip: IpAddr) -> (Socket, SocketAddr) {
    let listener = Socket::listen((ip, 0)).expect("a free port");
    let at = listener.local_addr().expect("its address");
    (listener, at)
}

/// A connection: our end, and a plain blocking stream as the peer.
pub(crate) fn pair() -> (Socket, TcpStream) {
    let door = TcpListener::bind(loopback()).unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    let (ours, _) = door.accept().unwrap();
    for end in [&ours, &peer] {
        end.set_nodelay(true).unwrap();
    }
    (Socket::from(ours), peer)
}

/// As `pair`, with small fixed buffers: the kernel takes little before a send has to wait.
pub(crate) fn narrow_pair() -> (Socket, TcpStream) {
    let door = TcpListener::bind(loopback()).unwrap();
    socket2::SockRef::from(&door).set_recv_buffer_size(16 << 10).unwrap();
    let peer = TcpStream::connect(door.local_addr().unwrap()).unwrap();
    socket2::SockRef::from(&peer).set_recv_buffer_size(16 << 10).unwrap();
    let (ours, _) = door.accept().unwrap();
    socket2::SockRef::from(&ours).set_send_buffer_size(16 << 10).unwrap();
    (Socket::from(ours), peer)
}

/// Ends a connection with a reset instead of an end of stream.
pub(crate) fn reset(peer: TcpStream) {
    socket2::SockRef::from(&peer).set_linger(Some(Duration::ZERO)).unwrap();
}

/// True when the peer's next read is the end of the connection, in peace or by reset.
pub(crate) fn ended(peer: &mut TcpStream) -> bool {
    matches!(peer.read(&mut [0; 64]), Ok(0) | Err(_))
}

/// Waits alertably until `done`.
pub(crate) fn run_until(done: impl Fn() -> bool) {
    while !done() {
        assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
    }
}

/// The error's code, 0 for success.
pub(crate) fn code<T>(result: &Result<T>) -> i32 {
    result.as_ref().map_or_else(|error| error.code(), |_| 0)
}

/// What happened, in order; stays on its thread like the routines that write it.
#[derive(Clone, Default)]
pub(crate) struct Log(Rc<RefCell<Vec<String>>>);

impl Log {
    pub(crate) fn add(&self, entry: impl Into<String>) {
        self.0.borrow_mut().push(entry.into());
    }
    pub(crate) fn len(&self) -> usize {
        self.0.borrow().len()
    }
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut())
    }
    /// Waits alertably until there are `count` entries, and takes them.
    pub(crate) fn wait(&self, count: usize) -> Vec<String> {
        run_until(|| self.len() >= count);
        self.take()
    }
}

/// A session for routines, which log under its name.
pub(crate) struct Talk {
    pub(crate) socket: Socket,
    pub(crate) buffer: Vec<u8>,
    pub(crate) name: &'static str,
    pub(crate) log: Log,
}

impl Talk {
    pub(crate) fn new(name: &'static str, socket: &Socket, size: usize, log: &Log) -> Overlapped<Talk> {
        Talk::of(name, socket, vec![0; size], log)
    }
    pub(crate) fn of(name: &'static str, socket: &Socket, buffer: Vec<u8>, log: &Log) -> Overlapped<Talk> {
        Overlapped::new(Talk { socket: socket.clone(), buffer, name, log: log.clone() })
    }
}

impl Session for Talk {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// Logs "name:data", "name:" for the end of the stream, "name!10054" for an error.
pub(crate) fn logged(talk: Overlapped<Talk>, done: Result<Completion>) {
    talk.log.add(format!("{}{}", talk.name, told(&talk.buffer, &done)));
}

/// Logs "name+bytes", or "name!10054".
pub(crate) fn sent(talk: Overlapped<Talk>, done: Result<Completion>) {
    talk.log.add(match done {
        Ok(done) => format!("{}+{}", talk.name, done.bytes),
        Err(error) => format!("{}!{}", talk.name, error.code()),
    });
}

fn told(buffer: &[u8], done: &Result<Completion>) -> String {
    match done {
        Ok(done) => format!(":{}", String::from_utf8_lossy(&buffer[..done.bytes])),
        Err(error) => format!("!{}", error.code()),
    }
}

/// A session for events: any thread may have it.
pub(crate) struct Conn {
    pub(crate) socket: Socket,
    pub(crate) buffer: Vec<u8>,
}

impl Conn {
    pub(crate) fn new(socket: &Socket, size: usize) -> Overlapped<Conn> {
        Conn::of(socket, vec![0; size])
    }
    pub(crate) fn of(socket: &Socket, buffer: Vec<u8>) -> Overlapped<Conn> {
        Overlapped::new(Conn { socket: socket.clone(), buffer })
    }
}

impl Session for Conn {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

/// The result of a finished receive: ":data", ":" for the end of the stream, "!10054" for an error.
pub(crate) fn outcome((conn, done): (Overlapped<Conn>, Result<Completion>)) -> String {
    told(&conn.buffer, &done)
}

/// Counts how many of its tokens were dropped.
#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

pub(crate) struct Token(Arc<AtomicUsize>);

impl Drops {
    pub(crate) fn token(&self) -> Token {
        Token(Arc::clone(&self.0))
    }
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
    /// Memory that the kernel still holds is freed a moment later.
    pub(crate) fn wait(&self, count: usize) {
        while self.count() < count {
            thread::yield_now();
        }
        assert_eq!(self.count(), count);
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}
