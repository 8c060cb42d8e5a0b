//! Completion ports.

mod close;
mod helper;
mod queue;
mod take;
mod watch;

pub(crate) use queue::{Sink, Workplace};

use crate::delivery::Unwanted;
use crate::driver::{Attempt, Context};
use crate::error::{Operation, Result};
use crate::fork;
use crate::home::Home;
use crate::op::{Act, OpRef};
use crate::operation::OperationId;
use crate::thread::{self, ThreadCore};
use crate::wait::Waited;
use queue::{Packet, Queue};
use std::fmt;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;
use take::{Take, Took};

/// A completion port: one queue of packets for any number of threads that work it off.
///
/// A packet is of the program's own type `P`. Each issue names the function that makes it from the session and
/// the result, and the constructor of a variant is such a function, so one port carries accepts, receives, sends and the
/// packets that the program [posts](Self::post), and a `match` on what [`get`](Self::get) returns is exhaustive. With `P = ()`
/// the functions do the work themselves, on whichever thread takes the packet.
///
/// # Who runs
///
/// Packets come in the order in which they were queued. Of the threads that wait in [`get`](Self::get) the one that came last is
/// released first: it is the one whose caches are warm. No thread is released while as many run as the *concurrency value* says.
/// A thread runs from when it takes a packet until it takes again, from this port or another, ends, or waits in any wait of this
/// library. For one that sleeps elsewhere, in a lock of std or in a read, the port looks: when a packet has waited for a
/// millisecond, it does not count any more. A thread that computes is not replaced.
///
/// # Operations
///
/// They belong to the port, not to the thread that issued them, and go on after its end. While one with a routine pends on the
/// same direction of a socket, one to a port fails with `WSAEINVAL`, as do those to two ports; those on events are free of this
/// rule, but one that lies behind an operation to a port begins when a thread has taken from the port.
///
/// A `Port` is a cheap handle whose clones name the same port. It is closed by [`close`](Self::close), or with the last of them.
///
/// Corresponds to `CreateIoCompletionPort`, `GetQueuedCompletionStatus` and `PostQueuedCompletionStatus`.
///
/// ```
/// use overlapped::{Completion, Overlapped, Port, Result, Session, Socket};
///
/// struct Client {
///     socket: Socket,
///     buffer: [u8; 1000],
/// }
///
/// impl Session for Client {
///     fn parts(&mut self) -> (&Socket, &mut [u8]) {
///         (&self.socket, &mut self.buffer)
///     }
/// }
///
/// enum Packet {
///     Accepted(Overlapped<Socket>, Result<Socket>),
///     Received(Overlapped<Client>, Result<Completion>),
///     Quit,
/// }
///
/// let port = Port::new(0);
/// let listener = Socket::listen("127.0.0.1:0")?;
/// let address = listener.local_addr()?;
/// Overlapped::new(listener).accept_port(&port, |listener| listener, Packet::Accepted);
///
/// let worker = std::thread::spawn({
///     let port = port.clone();
///     move || -> Result<()> {
///         loop {
///             match port.get(None)? {
///                 Some(Packet::Accepted(listener, client)) => {
///                     if let Ok(socket) = client {
///                         Overlapped::new(Client { socket, buffer: [0; 1000] }).recv_port(&port, Packet::Received);
///                     }
///                     listener.accept_port(&port, |listener| listener, Packet::Accepted);
///                 }
///                 Some(Packet::Received(client, Ok(done))) if done.bytes > 0 => {
///                     client.socket.give_copy(&client.buffer[..done.bytes])?;
///                     client.recv_port(&port, Packet::Received);
///                 }
///                 Some(Packet::Received(..)) => {} // gone: dropping the session closes the socket
///                 Some(Packet::Quit) | None => return Ok(()),
///             }
///         }
///     }
/// });
/// # use std::io::{Read, Write};
/// let mut stream = std::net::TcpStream::connect(address)?;
/// stream.write_all(b"hello")?;
/// let mut reply = [0; 5];
/// stream.read_exact(&mut reply)?;
/// assert_eq!(&reply, b"hello");
/// assert!(port.post(Packet::Quit).is_ok());
/// worker.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "CreateIoCompletionPort")]
pub struct Port<P: Send + 'static>(Arc<Handles<P>>);

/// What the clones of a port share; with the last of them the port closes.
struct Handles<P: Send + 'static>(Arc<Queue<P>>);

/// What issuing an operation to a [`Port`] says.
#[derive(Debug)]
pub enum IssuedTo<P> {
    /// The operation is in flight; the id cancels it. Its packet comes later.
    Pending(OperationId),
    /// The operation has completed at once, and its packet is queued.
    Queued,
    /// The operation has succeeded at once on a socket that [skips packets](crate::Socket::skip_packets_on_success): this is
    /// what would have been the packet.
    Skipped(P),
}

impl<P> IssuedTo<P> {
    /// Whether the operation is in flight (`WSA_IO_PENDING`).
    pub fn is_pending(&self) -> bool {
        matches!(self, Self::Pending(_))
    }

    /// What came in place of a packet.
    pub fn skipped(self) -> Option<P> {
        match self {
            Self::Skipped(packet) => Some(packet),
            Self::Pending(_) | Self::Queued => None,
        }
    }
}

impl<P: Send + 'static> Port<P> {
    /// A port on which as many threads run at once as `concurrency` says; 0 stands for the number of processors
    /// (`CreateIoCompletionPort`). More threads than that may wait for packets.
    #[doc(alias = "CreateIoCompletionPort")]
    pub fn new(concurrency: usize) -> Self {
        let processors = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let concurrency = if concurrency == 0 { processors() } else { concurrency };
        Self(Arc::new(Handles(Arc::new(Queue::new(concurrency)))))
    }

    /// How many threads run at once.
    pub fn concurrency(&self) -> usize {
        self.queue().concurrency()
    }

    /// Takes one packet; waits for it, for ever with `None` (`GetQueuedCompletionStatus`). `None` when the time was over.
    ///
    /// Not alertable. A packet is there as well when its operation has failed: the error is in it.
    ///
    /// # Errors
    ///
    /// `ERROR_ABANDONED_WAIT_0` if the port is closed, also while it waits. `WSASYSNOTREADY` in a forked child, if the port is its
    /// parent's.
    ///
    /// # Panics
    ///
    /// If the function that makes the packet does.
    ///
    /// ```
    /// use overlapped::Port;
    /// use std::time::Duration;
    ///
    /// let port = Port::new(1);
    /// port.post("first").unwrap();
    /// port.post("second").unwrap();
    /// assert_eq!(port.get(None)?, Some("first"));
    /// assert_eq!(port.get(Some(Duration::ZERO))?, Some("second"));
    /// assert_eq!(port.get(Some(Duration::ZERO))?, None);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "GetQueuedCompletionStatus")]
    pub fn get(&self, timeout: Option<Duration>) -> Result<Option<P>> {
        match self.take(false, timeout)? {
            Took::Packet(packet) => Ok(Some(open(packet))),
            Took::Routines | Took::TimedOut => Ok(None),
        }
    }

    /// Takes as many packets as are there, at most `most`, and appends them; waits until there is one, for ever with `None`
    /// (`GetQueuedCompletionStatusEx`). Returns how many it took: 0 when the time was over.
    ///
    /// # Errors
    ///
    /// `ERROR_ABANDONED_WAIT_0` if the port is closed, also while it waits.
    ///
    /// # Panics
    ///
    /// If the function that makes a packet does. Those before it have been appended.
    #[doc(alias = "GetQueuedCompletionStatusEx")]
    pub fn get_many(&self, packets: &mut Vec<P>, most: usize, timeout: Option<Duration>) -> Result<usize> {
        let before = packets.len();
        self.take_many(packets, most, false, timeout)?;
        Ok(packets.len() - before)
    }

    /// As [`get_many`](Self::get_many), and an alertable wait: completion routines and APCs of the thread run in it
    /// (`GetQueuedCompletionStatusEx` with `fAlertable`).
    ///
    /// Returns `Waited::Object(0)` with packets, `Waited::Routines` without any, or `Waited::TimedOut`. Packets that are there win
    /// over routines.
    ///
    /// # Errors
    ///
    /// `ERROR_ABANDONED_WAIT_0` if the port is closed, also while it waits.
    ///
    /// # Panics
    ///
    /// If the function that makes a packet does, or a routine.
    ///
    /// ```
    /// use overlapped::{alertable, Port, Waited};
    ///
    /// let port: Port<u32> = Port::new(1);
    /// alertable::current().queue(|| println!("an APC"))?;
    /// let mut packets = Vec::new();
    /// assert_eq!(port.get_many_alertable(&mut packets, 10, None)?, Waited::Routines);
    /// port.post(7).unwrap();
    /// assert_eq!(port.get_many_alertable(&mut packets, 10, None)?, Waited::Object(0));
    /// assert_eq!(packets, [7]);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "GetQueuedCompletionStatusEx")]
    pub fn get_many_alertable(&self, packets: &mut Vec<P>, most: usize, timeout: Option<Duration>) -> Result<Waited> {
        self.take_many(packets, most, true, timeout)
    }

    /// Queues a packet of the program's own, from any thread (`PostQueuedCompletionStatus`). It never passes through the
    /// kernel, and wakes a thread only if one waits.
    ///
    /// # Errors
    ///
    /// The packet itself, if the port is closed, or in a forked child its parent's.
    #[doc(alias = "PostQueuedCompletionStatus")]
    pub fn post(&self, packet: P) -> std::result::Result<(), P> {
        self.queue().push(Packet::Posted(packet)).map_err(|packet| match packet {
            Packet::Posted(packet) => packet,
            Packet::Operation(_) => unreachable!("what was posted comes back"),
        })
    }

    /// Closes the port for all its handles (`CloseHandle`).
    ///
    /// Every thread that waits for a packet is told so, with `ERROR_ABANDONED_WAIT_0`. Packets in the queue are dropped, and what
    /// they hold with them. Pending receives, accepts and connects to the port are cancelled and their sessions dropped; what is
    /// being sent goes out. An operation that is issued to a closed port is dropped with its session.
    #[doc(alias = "CloseHandle")]
    pub fn close(&self) {
        close::close(self.queue());
    }

    /// How many packets are queued for threads that come for them. Those that a thread was released with are not among them.
    pub fn queued(&self) -> usize {
        self.queue().state().queued()
    }

    /// How many threads wait for a packet.
    pub fn waiting(&self) -> usize {
        self.queue().state().waiters.len()
    }

    /// How many threads run, as the port counts them: see [who runs](Self#who-runs).
    pub fn running(&self) -> usize {
        self.queue().state().running.len()
    }

    fn queue(&self) -> &Arc<Queue<P>> {
        &self.0.0
    }

    pub(crate) fn home(&self, context: &'static Context) -> Attempt<&Arc<Home>> {
        Sink::home(&**self.queue(), context)
    }

    /// See [`Queue::goes_out`].
    pub(crate) fn goes_out(&self, op: OpRef) {
        self.queue().goes_out(op);
    }

    /// An operation has completed at once and is no packet.
    pub(crate) fn came_back(&self, op: OpRef) {
        self.queue().came_back(op);
    }

    /// The port as its operations know it.
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        Arc::clone(self.queue()) as Arc<dyn Sink>
    }

    /// Lets operations complete that can, if no thread waits for them; never blocks.
    pub(crate) fn poll(&self) {
        let mut unwanted = Unwanted::default();
        let Some(core) = thread::current_core() else { return };
        let mut state = self.queue().poll(self.queue().state(), &core, &mut unwanted);
        self.queue().dispatch(&mut state);
    }

    fn take(&self, alertable: bool, timeout: Option<Duration>) -> Result<Took<P>> {
        let queue = self.queue();
        if queue.is_foreign() {
            fork::check(Operation::Port)?;
        }
        let took = thread::with(|engine| {
            engine.leave_others(queue);
            let took = Take { queue, core: engine.core(), engine: Some(engine), alertable }.run(timeout);
            if matches!(took, Ok(Took::Packet(_))) {
                engine.works_at(queue);
            }
            took
        });
        took.unwrap_or_else(|| {
            // The thread is ending: nobody counts it as running.
            let core = thread::late_core().unwrap_or_else(|| Arc::new(ThreadCore::new()));
            let took = Take { queue, core: &core, engine: None, alertable: false }.run(timeout);
            Workplace::leave(&**queue, &core);
            took
        })
    }

    fn take_many(
        &self,
        packets: &mut Vec<P>,
        most: usize,
        alertable: bool,
        timeout: Option<Duration>,
    ) -> Result<Waited> {
        if most == 0 {
            return Err(crate::Error::new(Operation::Port, crate::codes::WSA_INVALID_PARAMETER));
        }
        let first = match self.take(alertable, timeout)? {
            Took::Packet(packet) => packet,
            Took::Routines => return Ok(Waited::Routines),
            Took::TimedOut => return Ok(Waited::TimedOut),
        };
        // Not what the functions queue that make the packets: that has no end.
        let more = self.queued().min(most - 1);
        packets.push(open(first));
        for _ in 0..more {
            let Some(packet) = self.queue().take_more() else { break };
            packets.push(open(packet));
        }
        Ok(Waited::Object(0))
    }
}

/// Makes of what was queued what the program takes.
fn open<P>(packet: Packet<P>) -> P {
    match packet {
        Packet::Posted(packet) => packet,
        // SAFETY: the queue's entry was the last reference, and only operations to a port of `P` come to its queue.
        Packet::Operation(op) => unsafe { make(op) },
    }
}

/// Makes the packet of a completed operation.
///
/// # Safety
///
/// The operation was issued to a port of `P`, and this is the last reference to it.
pub(crate) unsafe fn make<P>(op: OpRef) -> P {
    let mut place: Option<P> = None;
    // SAFETY: the caller's promise: the function of the operation writes a `P`.
    unsafe { op.act(Act::Packet(NonNull::from(&mut place).cast())) };
    place.unwrap_or_else(|| unreachable!("the function of an operation to a port makes a packet"))
}

impl<P: Send + 'static> Clone for Port<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<P: Send + 'static> Drop for Handles<P> {
    fn drop(&mut self) {
        close::close(&self.0);
    }
}

impl<P: Send + 'static> fmt::Debug for Port<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Port").field("concurrency", &self.concurrency()).finish_non_exhaustive()
    }
}
