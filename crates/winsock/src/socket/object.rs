//! What a `SOCKET` names.
//!
//! The number is not the descriptor, and the object is not one engine socket for ever: accepting into a socket, or
//! disconnecting it for reuse, gives it another.

use super::done::Done;
use super::extensions::Standing;
use super::network_events::Selection;
use super::spares::Spares;
use crate::abi::Handle;
use crate::codes::*;
use crate::error::{self, Code};
use crate::handle;
use crate::kernel::port::PortObject;
use crate::startup;
use overlapped::Socket;
use socket2::SockRef;
use std::io;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// `SOCK_STREAM`.
pub(crate) const SOCK_STREAM: i32 = 1;
/// `SOCK_DGRAM`.
pub(crate) const SOCK_DGRAM: i32 = 2;

/// A socket of a C program.
pub struct SocketObject {
    /// The address family, type and protocol, as Winsock numbers them.
    pub(crate) family: i32,
    pub(crate) kind: i32,
    pub(crate) protocol: i32,
    /// Whether overlapped calls may be made on it.
    pub(crate) overlapped: bool,
    state: Mutex<State>,
    /// How it stands to accepts.
    pub(crate) standing: Standing,
    /// How many handles name it.
    handles: AtomicUsize,
    /// The port that it belongs to, for ever, and the key of its packets.
    pub(crate) port: OnceLock<(Arc<PortObject>, usize)>,
    /// Whoever asks for the result of an operation that has no event.
    pub(crate) done: Done,
    pub(crate) spares: Spares,
}

/// What changes.
pub(crate) struct State {
    /// The engine's socket.
    pub(crate) socket: Socket,
    /// `FIONBIO`, or network events are selected.
    pub(crate) nonblocking: bool,
    /// What is told of its network events, and how.
    pub(crate) selection: Option<(Selection, Handle)>,
    /// `SO_RCVTIMEO` and `SO_SNDTIMEO` in milliseconds, 0 for none.
    pub(crate) receive_timeout: u32,
    pub(crate) send_timeout: u32,
    /// What succeeds at once makes no packet.
    pub(crate) skips_packets: bool,
    /// `closesocket` was called.
    pub(crate) closed: bool,
    /// Options that the system does not keep as Winsock has them.
    pub(crate) settings: Settings,
    /// When it was connected, if it is.
    pub(crate) connected: Option<Instant>,
    /// Connections that the program put off: they come before those that the system has.
    pub(crate) deferred: Vec<Socket>,
}

/// Options that the system does not keep as Winsock has them. A connection begins with those of its listener.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    /// `SO_REUSEADDR` and `SO_EXCLUSIVEADDRUSE`.
    pub(crate) reuse: bool,
    pub(crate) exclusive: bool,
    /// `SO_DEBUG`, which does nothing.
    pub(crate) debug: bool,
    /// `SIO_UDP_CONNRESET` is off: nobody is told that a datagram was refused.
    pub(crate) hides_resets: bool,
    /// `SO_RCVBUF` and `SO_SNDBUF` as they were set.
    pub(crate) receive_buffer: Option<i32>,
    pub(crate) send_buffer: Option<i32>,
}

impl SocketObject {
    /// One around a socket of the engine.
    pub(crate) fn new(socket: Socket, family: i32, kind: i32, protocol: i32, overlapped: bool) -> Arc<Self> {
        let state = State {
            socket,
            nonblocking: false,
            selection: None,
            receive_timeout: 0,
            send_timeout: 0,
            skips_packets: false,
            closed: false,
            settings: Settings::default(),
            connected: None,
            deferred: Vec::new(),
        };
        let (state, handles) = (Mutex::new(state), AtomicUsize::new(0));
        let (standing, port, spares) = (Standing::default(), OnceLock::new(), Spares::default());
        Arc::new(Self {
            family,
            kind,
            protocol,
            overlapped,
            state,
            standing,
            handles,
            port,
            done: Done::default(),
            spares,
        })
    }

    /// One handle more names it.
    pub(crate) fn opened(&self) {
        self.handles.fetch_add(1, Relaxed);
    }

    /// One handle less. With the last the socket is closed.
    pub(crate) fn closed(self: &Arc<Self>) {
        if self.handles.fetch_sub(1, AcqRel) == 1 {
            super::close::close(self);
        }
    }

    /// Calls the system with its descriptor.
    pub(crate) fn system<R>(&self, call: impl FnOnce(SockRef<'_>) -> io::Result<R>) -> Result<R, Code> {
        let engine = self.socket();
        let descriptor = overlapped::face::descriptor(&engine).ok_or(WSAENOTSOCK)?;
        call(SockRef::from(descriptor)).map_err(|error| error::io(&error))
    }

    pub(crate) fn is_stream(&self) -> bool {
        self.kind == SOCK_STREAM
    }

    /// What changes of it. Held for moments: nothing waits, calls the program or looks up a handle meanwhile.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine's socket as it is now.
    pub(crate) fn socket(&self) -> Socket {
        self.state().socket.clone()
    }

    /// Whether what succeeds at once makes no packet.
    pub(crate) fn skips_packets(&self) -> bool {
        self.state().skips_packets
    }

    /// Gives it another socket of the engine. The old one is dropped outside of the lock, by the caller.
    pub(crate) fn replace(&self, state: &mut State, fresh: Socket) -> impl Sized + use<> {
        let old = std::mem::replace(&mut state.socket, fresh);
        (old, self.spares.begin_era())
    }
}

/// The socket that a number names, for a Winsock function: which must not be called before `WSAStartup`.
pub(crate) fn lookup(socket: Handle) -> Result<Arc<SocketObject>, Code> {
    startup::check()?;
    handle::socket(socket).ok_or(WSAENOTSOCK)
}

/// How much room is made for as many sockets as a program says that there are, before they are seen.
pub(crate) fn believed(count: usize) -> usize {
    count.min(4096)
}
