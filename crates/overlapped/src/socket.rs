//! Sockets: the handle that programs hold, and what it names.

mod attempt;
mod connecting;
mod convert;
mod give;
mod lane;
mod make;
mod multicast;
mod options;
mod selected;
mod shutdown;
mod standing;

pub use attempt::Received;
pub use give::Payload;
pub use selected::SocketId;
pub use shutdown::Shutdown;
pub(crate) use standing::Standing;

use crate::delivery::Inside;
use crate::driver::{Context, Descriptor, system};
use crate::error::{Error, Operation, Result};
use crate::op::Kind;
use crate::operation::OperationId;
use crate::sync::Mutex;
use crate::sync::atomic::Ordering::{AcqRel, Relaxed};
use crate::sync::atomic::{AtomicBool, AtomicU32};
use lane::Lanes;
use socket2::SockRef;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// A stream or datagram socket: a cheap handle whose clones name the same socket, on any thread.
///
/// The session that owns it issues operations with it; other code holds clones to
/// [cancel](Self::cancel), [shut down](Self::shutdown), [close](Self::close) or
/// [send](Self::give). The descriptor closes with its last owner.
///
/// Corresponds to `SOCKET`.
///
/// ```
/// use overlapped::Socket;
///
/// let listener = Socket::listen("127.0.0.1:0")?;
/// let other_owner = listener.clone();
/// assert_eq!(listener.local_addr()?, other_owner.local_addr()?);
/// # Ok::<(), overlapped::Error>(())
/// ```
pub struct Socket(Arc<Inner>);

/// What a [`Socket`] names.
pub(crate) struct Inner {
    id: u64,
    context: &'static Context,
    descriptor: Descriptor,
    /// It keeps messages apart.
    datagram: bool,
    /// Operations to a port that succeed at once make no packet.
    skips_packets: AtomicBool,
    /// Its close waits for what is being sent, see [`Socket::set_linger`].
    lingers: AtomicBool,
    lanes: Mutex<Lanes>,
    /// How many `Socket`s there are; threads that settle an operation hold the `Arc` without one.
    handles: AtomicU32,
}

/// Keeps what a [`Socket`] names without being one of those: cheaper than a clone. Who takes a socket out of the library waits
/// until it has gone.
pub struct Kept(Arc<Inner>);

impl From<&Socket> for Kept {
    #[inline]
    fn from(socket: &Socket) -> Self {
        Self(Arc::clone(&socket.0))
    }
}

impl AsRef<Inner> for Kept {
    fn as_ref(&self) -> &Inner {
        &self.0
    }
}

impl AsRef<Inner> for Socket {
    fn as_ref(&self) -> &Inner {
        &self.0
    }
}

impl Socket {
    /// Names the socket among all of the process, for ever, as [messages](crate::messages) do. All clones have the same.
    pub fn id(&self) -> SocketId {
        SocketId::new(self.0.id)
    }

    pub(crate) fn new(context: &'static Context, descriptor: Descriptor, datagram: bool) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        context.system.take_over(descriptor.raw());
        Self(Arc::new(Inner {
            id: NEXT.fetch_add(1, Relaxed),
            context,
            descriptor,
            datagram,
            skips_packets: AtomicBool::new(false),
            lingers: AtomicBool::new(false),
            lanes: Mutex::new(Lanes::default()),
            handles: AtomicU32::new(1),
        }))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// What operations refer to the socket by; it owns nothing.
    pub(crate) fn as_ptr(&self) -> *const Inner {
        Arc::as_ptr(&self.0)
    }

    /// Cancels every pending operation of the socket, whichever thread issued it (`CancelIoEx`).
    ///
    /// Each completes with `WSA_OPERATION_ABORTED`, or with its result if that came first; no data
    /// is lost. Operations that another thread issued with routines are cancelled when that thread
    /// next waits alertably, which is when it could see the result.
    ///
    /// # Errors
    ///
    /// `ERROR_NOT_FOUND` if nothing is pending.
    #[doc(alias = "CancelIoEx")]
    pub fn cancel(&self) -> Result<()> {
        found(self.0.cancel_all())
    }

    /// Cancels one pending operation (`CancelIoEx` with its `OVERLAPPED`).
    ///
    /// # Errors
    ///
    /// `ERROR_NOT_FOUND` if it has completed, or belongs to another socket.
    ///
    /// ```
    /// use overlapped::{alertable, Issued, Overlapped, Socket};
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// let handle = listener.clone();
    /// let issued = Overlapped::new(listener).accept(|listener| listener, |_listener, client| {
    ///     assert!(client.unwrap_err().is_aborted());
    /// });
    /// if let Issued::Pending(id) = issued {
    ///     handle.cancel_operation(id)?;
    /// }
    /// alertable::sleep(None)?; // the routine of a cancelled operation runs as any other
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "CancelIoEx")]
    pub fn cancel_operation(&self, id: OperationId) -> Result<()> {
        found(id.socket == self.0.id && self.0.cancel_serial(id.serial))
    }

    /// Closes the connection and cancels every pending operation (`closesocket`).
    ///
    /// Each completes with `WSA_OPERATION_ABORTED`; what is issued later fails with
    /// `WSAENOTSOCK`. Bytes that the kernel has taken are still sent, bytes that wait in the
    /// socket's queue are not. The descriptor itself is freed with the last owner; on Windows it is only then
    /// that a listening socket lets its port go, and that a connection with a zero
    /// [linger](Self::set_linger) is reset.
    #[doc(alias = "closesocket")]
    pub fn close(&self) {
        self.0.close();
    }

    /// Operations to a [`Port`](crate::Port) that succeed at once make no packet: what would have been the packet is what the
    /// issue returns, [`IssuedTo::Skipped`](crate::IssuedTo::Skipped) (`SetFileCompletionNotificationModes` with
    /// `FILE_SKIP_COMPLETION_PORT_ON_SUCCESS`).
    ///
    /// It spares a send the way through the queue.
    ///
    /// ```
    /// use overlapped::{Overlapped, Port, Socket};
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let _peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    /// socket.skip_packets_on_success(true);
    ///
    /// let port = Port::new(1);
    /// let message = Overlapped::new((socket, b"hello".to_vec()));
    /// let issued = message.send_port_with(&port, |(socket, bytes)| (socket, bytes), |_message, done| done);
    /// assert_eq!(issued.skipped().unwrap()?.bytes, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias = "SetFileCompletionNotificationModes")]
    pub fn skip_packets_on_success(&self, skip: bool) {
        self.0.skips_packets.store(skip, Relaxed);
    }

    /// Bytes issued for sending that the kernel has not taken yet.
    pub fn queued_bytes(&self) -> usize {
        self.0.queued_bytes()
    }
}

fn found(found: bool) -> Result<()> {
    if found { Ok(()) } else { Err(Error::new(Operation::Cancel, crate::codes::ERROR_NOT_FOUND)) }
}

impl Inner {
    /// The number that the driver knows the socket by: its descriptor.
    pub(crate) fn raw(&self) -> i32 {
        self.descriptor.raw()
    }

    pub(crate) fn skips_packets(&self) -> bool {
        self.skips_packets.load(Relaxed)
    }

    pub(crate) fn is_datagram(&self) -> bool {
        self.datagram
    }

    /// Whether the system says that it listens.
    fn listens(&self) -> bool {
        matches!(&self.descriptor, Descriptor::System(handle) if !self.datagram && system::is_listener(handle))
    }

    pub(crate) fn context(&self) -> &'static Context {
        self.context
    }

    /// The socket of a connection that an accept on this one brought.
    pub(crate) fn accepted(&self, descriptor: i32) -> Socket {
        let socket = Socket::new(self.context, self.context.system.accepted(descriptor), false);
        // It begins with what is set on its listener.
        socket.0.lingers.store(self.lingers.load(Relaxed), Relaxed);
        socket
    }

    /// Keeps the socket while an operation of it is settled, which may go on past its delivery.
    ///
    /// # Safety
    ///
    /// `inner` comes from `Socket::as_ptr` and is alive.
    unsafe fn visit(inner: *const Self) -> Arc<Self> {
        // SAFETY: the caller's promise; the count is raised for the owner made here.
        unsafe {
            Arc::increment_strong_count(inner);
            Arc::from_raw(inner)
        }
    }

    fn id(&self, serial: u32) -> OperationId {
        OperationId { socket: self.id, serial }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if system::process_ends() {
            // Whoever holds a lock will not go on.
            return;
        }
        let raw = self.raw();
        let lanes = self.lanes.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        lanes.end_watches(self.context, raw);
        for home in lanes.homes(self.context) {
            home.forget(raw);
        }
        if let Descriptor::System(handle) = &self.descriptor {
            if self.lingers.load(Relaxed) && Inside::is_here() {
                // The last owner was an operation that has ended: the thread is here for others, too, and is not to wait for
                // the peer. What is left is sent without it.
                let _ = SockRef::from(handle).set_linger(None);
            }
            self.context.system.closing(raw);
        }
    }
}

impl Clone for Socket {
    fn clone(&self) -> Self {
        self.0.handles.fetch_add(1, Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, AcqRel) == 1 {
            self.0.forget_selection();
        }
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("descriptor", &self.0.raw()).finish_non_exhaustive()
    }
}

/// Which of a socket's two directions an operation belongs to.
pub(crate) fn sends(kind: Kind) -> bool {
    kind == Kind::Send
}
