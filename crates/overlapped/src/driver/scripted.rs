//! The `scripted` driver: a fake kernel whose completions a test decides.
//!
//! A [`Script`] sees the operations that the library has started and completes them in whatever
//! order, after whatever delay, with errors and short counts. It needs no kernel, so tests on it
//! are deterministic and run under Miri.
//!
//! ```
//! use overlapped::driver::scripted::{self, Work};
//! use overlapped::{alertable, Overlapped, Waited};
//!
//! scripted::run(|script| {
//!     let session = Overlapped::new((script.socket(), [0; 8]));
//!     session.recv_with(|(socket, buffer)| (socket, buffer), |session, done| {
//!         let bytes = done.unwrap().bytes;
//!         assert_eq!(&session.1[..bytes], b"short");
//!     });
//!     let receive = script.started()[0];
//!     assert_eq!((receive.work, receive.length), (Work::Receive, 8));
//!     script.receive(receive, b"short");
//!     assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
//! });
//! ```

mod end;

use super::{Attempt, Context, Descriptor, Done, Driver, Gate, Io, Key, System, enter};
use crate::codes;
use crate::hub::Hub;
use crate::message::Message;
use crate::network::{Holds, NetworkEvents};
use crate::socket::{Shutdown, Socket};
use crate::sync::{self, Condvar, Mutex, MutexGuard, lock, real};
use end::End;
use std::collections::{BTreeMap, VecDeque};
use std::io::IoSlice;
use std::net::SocketAddr;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

/// Runs `test` on a thread of its own whose kernel is a fresh script; returns what it returns.
///
/// # Panics
///
/// If `test` panics.
pub fn run<R: Send>(test: impl FnOnce(&Script) -> R + Send) -> R {
    let script = Script::new();
    let outcome = std::thread::scope(|scope| {
        let body = scope.spawn(|| {
            script.enter();
            test(&script)
        });
        body.join()
    });
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The kernel of a test.
#[derive(Clone)]
pub struct Script {
    kernel: Arc<Kernel>,
    context: &'static Context,
}

/// An operation that the library has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Started {
    /// What it is to do.
    pub work: Work,
    /// How many bytes it is for.
    pub length: usize,
    /// The number of its socket, as [`Script::number`] gives it.
    pub socket: i32,
    driver: usize,
    key: Key,
}

/// What an operation is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Work {
    /// Receive into its buffer.
    Receive,
    /// Send from its buffer.
    Send,
    /// Accept a connection.
    Accept,
    /// Wait for something to receive.
    Readable,
    /// Bring a connect to its end.
    Connect,
    /// Watch for network events.
    Watch,
}

/// What becomes of the tries to send at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendNow {
    /// They take everything.
    Everything,
    /// They take so many bytes in all, from now on, then would block.
    Bytes(usize),
    /// They fail with this code of Winsock.
    Fails(i32),
}

struct Kernel {
    world: Mutex<World>,
    changed: Condvar,
}

struct World {
    started: Vec<Flight>,
    drivers: Vec<Waiting>,
    send_now: SendNow,
    stages: bool,
    cancels_at_once: bool,
    cancelled: VecDeque<(usize, Key)>,
    sent: BTreeMap<i32, Vec<u8>>,
    holds: BTreeMap<i32, Holds>,
    shut: Vec<(i32, Shutdown)>,
    next_socket: i32,
}

struct Flight {
    started: Started,
    io: Io,
}

/// What a driver has to harvest.
#[derive(Default)]
struct Waiting {
    /// Started, and not yet the kernel's.
    staged: Vec<Flight>,
    done: Vec<Done>,
    woken: bool,
}

impl Script {
    pub(crate) fn new() -> Self {
        // Contexts live as long as the process, and stay reachable for leak checkers.
        static CONTEXTS: std::sync::Mutex<Vec<&'static Context>> = std::sync::Mutex::new(Vec::new());
        let world = World {
            started: Vec::new(),
            drivers: Vec::new(),
            send_now: SendNow::Everything,
            stages: false,
            cancels_at_once: true,
            cancelled: VecDeque::new(),
            sent: BTreeMap::new(),
            holds: BTreeMap::new(),
            shut: Vec::new(),
            next_socket: 0,
        };
        let kernel = Arc::new(Kernel { world: Mutex::new(world), changed: Condvar::new() });
        let system: &'static dyn System = Box::leak(Box::new(Scripted(Arc::clone(&kernel))));
        let context: &'static Context =
            Box::leak(Box::new(Context { system, hub: Hub::new(system, Duration::ZERO, Some(1)) }));
        real::lock(&CONTEXTS).push(context);
        Self { kernel, context }
    }

    /// Makes this script the kernel of the calling thread too.
    pub fn enter(&self) {
        enter(self.context);
    }

    /// A socket of this kernel, connected or listening as the test likes to think of it.
    pub fn socket(&self) -> Socket {
        let number = self.kernel.world().new_socket();
        Socket::new(self.context, Descriptor::Scripted(number), false)
    }

    /// The number of a socket.
    pub fn number(&self, socket: &Socket) -> i32 {
        socket.inner().raw()
    }

    /// The operations in flight, in the order in which they were started.
    pub fn started(&self) -> Vec<Started> {
        self.kernel.world().started.iter().map(|flight| flight.started).collect()
    }

    /// Waits until at least `count` operations are in flight; returns them.
    pub fn wait_for(&self, count: usize) -> Vec<Started> {
        let mut world = self.kernel.world();
        while world.started.len() < count {
            world = self.kernel.wait(world, None);
        }
        world.started.iter().map(|flight| flight.started).collect()
    }

    /// Completes a receive with these bytes; none is the end of the stream.
    ///
    /// # Panics
    ///
    /// If the operation is no receive in flight, or its buffer is shorter.
    pub fn receive(&self, operation: Started, bytes: &[u8]) {
        let mut world = self.kernel.world();
        let flight = world.take(operation);
        assert_eq!(operation.work, Work::Receive, "{operation:?}");
        assert!(bytes.len() <= operation.length, "{operation:?} has a shorter buffer");
        let mut rest = bytes;
        for (buffer, length) in flight.io.buffers() {
            let (now, later) = rest.split_at(length.min(rest.len()));
            // SAFETY: the operation was in flight, so its buffers are valid and ours.
            unsafe { buffer.copy_from_nonoverlapping(now.as_ptr(), now.len()) };
            rest = later;
        }
        self.kernel.complete(&mut world, operation, bytes.len() as i32);
    }

    /// Completes a send that took so many bytes.
    ///
    /// # Panics
    ///
    /// If the operation is no send in flight, or is shorter.
    pub fn sent(&self, operation: Started, count: usize) {
        let mut world = self.kernel.world();
        let flight = world.take(operation);
        assert_eq!(operation.work, Work::Send, "{operation:?}");
        assert!(count <= operation.length, "{operation:?} is shorter");
        let mut rest = count;
        for (buffer, length) in flight.io.buffers() {
            let now = length.min(rest);
            // SAFETY: as in `receive`.
            let bytes = unsafe { std::slice::from_raw_parts(buffer, now) };
            world.sent.entry(operation.socket).or_default().extend_from_slice(bytes);
            rest -= now;
        }
        self.kernel.complete(&mut world, operation, count as i32);
    }

    /// Completes an accept; returns the number of the new socket.
    ///
    /// # Panics
    ///
    /// If the operation is no accept in flight.
    pub fn accept(&self, operation: Started) -> i32 {
        let mut world = self.kernel.world();
        world.take(operation);
        assert_eq!(operation.work, Work::Accept, "{operation:?}");
        let number = world.new_socket();
        self.kernel.complete(&mut world, operation, number);
        number
    }

    /// Completes a wait for readiness.
    ///
    /// # Panics
    ///
    /// If the operation is not in flight.
    pub fn ready(&self, operation: Started) {
        let mut world = self.kernel.world();
        world.take(operation);
        self.kernel.complete(&mut world, operation, 1);
    }

    /// Completes an operation with an error, as a code of Winsock.
    ///
    /// # Panics
    ///
    /// If the operation is not in flight.
    pub fn fail(&self, operation: Started, code: i32) {
        let mut world = self.kernel.world();
        world.take(operation);
        self.kernel.complete(&mut world, operation, -code);
    }

    /// Decides about sends that are tried at once.
    pub fn send_now(&self, what: SendNow) {
        self.kernel.world().send_now = what;
    }

    /// Says which network events of a connected socket hold from now on; a watch that waits for them is completed with
    /// [`ready`](Self::ready).
    pub fn hold(&self, socket: i32, events: NetworkEvents) {
        let holds = Holds {
            data: events.contains(NetworkEvents::READ),
            ended: events.contains(NetworkEvents::CLOSE),
            space: events.contains(NetworkEvents::WRITE),
            urgent: events.contains(NetworkEvents::OOB),
            ..Holds::default()
        };
        self.kernel.world().holds.insert(socket, holds);
    }

    /// What a socket has sent.
    pub fn sent_by(&self, socket: i32) -> Vec<u8> {
        self.kernel.world().sent.get(&socket).cloned().unwrap_or_default()
    }

    /// The shutdowns that the kernel was told of, in order.
    pub fn shutdowns(&self) -> Vec<(i32, Shutdown)> {
        self.kernel.world().shut.clone()
    }

    /// From now on what is started is only staged, as in a ring: it is in flight once the driver flushes or blocks.
    pub fn stage(&self) {
        self.kernel.world().stages = true;
    }

    /// From now on a cancel takes effect only when the test completes or fails the operation.
    pub fn hold_cancels(&self) {
        self.kernel.world().cancels_at_once = false;
    }

    /// The operations in flight that somebody has asked to cancel.
    pub fn cancel_requests(&self) -> Vec<Started> {
        let world = self.kernel.world();
        let asked = |flight: &&Flight| world.cancelled.contains(&(flight.started.driver, flight.started.key));
        world.started.iter().filter(asked).map(|flight| flight.started).collect()
    }
}

impl Kernel {
    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    fn wait<'a>(&'a self, world: MutexGuard<'a, World>, left: Option<Duration>) -> MutexGuard<'a, World> {
        sync::wait(&self.changed, &self.world, world, left)
    }

    /// Takes over what a driver has staged, so many of them at most.
    fn submit(&self, world: &mut World, driver: usize, most: usize) {
        let staged = &mut world.drivers[driver].staged;
        let most = most.min(staged.len());
        if most > 0 {
            let taken = staged.drain(..most);
            world.started.extend(taken);
            self.changed.notify_all();
        }
    }

    fn complete(&self, world: &mut World, operation: Started, result: i32) {
        world.drivers[operation.driver].done.push(Done { key: operation.key, result, more: false });
        self.changed.notify_all();
    }
}

impl World {
    fn new_socket(&mut self) -> i32 {
        self.next_socket += 1;
        self.next_socket
    }

    fn take(&mut self, operation: Started) -> Flight {
        let position = self.started.iter().position(|flight| flight.started == operation);
        match position {
            Some(position) => self.started.remove(position),
            None => panic!("{operation:?} is not in flight"),
        }
    }
}

struct Scripted(Arc<Kernel>);

impl System for Scripted {
    fn driver(&self, _shared: bool) -> Attempt<(Box<dyn Driver>, Arc<dyn Gate>)> {
        let mut world = self.0.world();
        world.drivers.push(Waiting::default());
        let end = End { kernel: Arc::clone(&self.0), driver: world.drivers.len() - 1 };
        Ok((Box::new(end.clone()), Arc::new(end)))
    }

    fn send(&self, raw: i32, bytes: &[u8]) -> Attempt<usize> {
        let mut world = self.0.world();
        let count = match &mut world.send_now {
            SendNow::Everything => bytes.len(),
            SendNow::Bytes(0) => return Err(codes::WSAEWOULDBLOCK),
            SendNow::Bytes(left) => {
                let count = bytes.len().min(*left);
                *left -= count;
                count
            }
            SendNow::Fails(code) => return Err(*code),
        };
        world.sent.entry(raw).or_default().extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn send_message(&self, raw: i32, message: NonNull<Message>) -> Attempt<usize> {
        let mut sent = 0;
        for (buffer, length) in (Io::SendMessage { message }).buffers() {
            // SAFETY: the message is the caller's, and its buffers with it.
            match self.send(raw, unsafe { std::slice::from_raw_parts(buffer, length) }) {
                Ok(count) => sent += count,
                Err(codes::WSAEWOULDBLOCK) if sent > 0 => break,
                Err(code) => return Err(code),
            }
        }
        Ok(sent)
    }

    fn connect(&self, _raw: i32, _to: SocketAddr) -> Attempt<bool> {
        Ok(false)
    }

    fn connected(&self, _raw: i32) -> Attempt<()> {
        Ok(())
    }

    fn disconnect(&self, _raw: i32) {}

    fn has_peer(&self, _raw: i32) -> bool {
        true
    }

    fn peek(&self, _raw: i32) -> Attempt<()> {
        Ok(())
    }

    fn receive_message(&self, _raw: i32, _message: NonNull<Message>, peek: bool) -> Attempt<usize> {
        if peek { Ok(0) } else { Err(codes::WSAEWOULDBLOCK) }
    }

    fn send_vectored(&self, raw: i32, buffers: &[IoSlice<'_>]) -> Attempt<usize> {
        buffers.first().map_or(Ok(0), |first| self.send(raw, first))
    }

    fn receive(&self, _raw: i32, _buffer: &mut [u8]) -> Attempt<usize> {
        Err(codes::WSAEWOULDBLOCK)
    }

    fn accept(&self, _raw: i32) -> Attempt<i32> {
        Err(codes::WSAEWOULDBLOCK)
    }

    fn holds(&self, raw: i32) -> Holds {
        self.0.world().holds.get(&raw).copied().unwrap_or_default()
    }

    fn shutdown(&self, raw: i32, how: Shutdown) -> Attempt<()> {
        self.0.world().shut.push((raw, how));
        Ok(())
    }

    fn set_blocking(&self, _raw: i32) {}

    fn accepted(&self, raw: i32) -> Descriptor {
        Descriptor::Scripted(raw)
    }
}

impl Io {
    /// The buffers of a receive or send, in order.
    fn buffers(self) -> Vec<(*mut u8, usize)> {
        match self {
            Self::Receive { buffer, length, .. } | Self::Send { buffer, length } => vec![(buffer, length as usize)],
            Self::ReceiveMessage { mut message, .. } | Self::SendMessage { mut message } => {
                // SAFETY: the driver has the operation, and with it the message.
                let rest = unsafe { message.as_mut() }.rest();
                rest.iter().map(|slice| (slice.pointer(), slice.length())).collect()
            }
            Self::Accept | Self::Readable | Self::Connect | Self::Watch { .. } => Vec::new(),
        }
    }
}
