//! What a `SOCKET` names.
//!
//! The number is not the descriptor, and the object is not one engine socket for ever: accepting into a socket, or
//! disconnecting it for reuse, gives it another.

use crate::abi::Handle;
use crate::codes::*;
use crate::error::Code;
use crate::handle::{self, Object};
use crate::kernel::port::PortObject;
use crate::startup;
use overlapped::{Event, Socket};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Set whenever an operation ends that has no event: what somebody waits on who asks for its result.
    pub(crate) done: Event,
}

/// What changes.
pub(crate) struct State {
    /// The engine's socket.
    pub(crate) socket: Socket,
    /// `FIONBIO`, or network events are selected.
    pub(crate) nonblocking: bool,
    /// `SO_RCVTIMEO` and `SO_SNDTIMEO` in milliseconds, 0 for none.
    pub(crate) receive_timeout: u32,
    pub(crate) send_timeout: u32,
    /// The port that it belongs to, and the key of its packets.
    pub(crate) port: Option<(Arc<PortObject>, usize)>,
    /// `closesocket` was called.
    pub(crate) closed: bool,
}

impl SocketObject {
    /// One around a socket of the engine.
    pub(crate) fn new(socket: Socket, family: i32, kind: i32, protocol: i32, overlapped: bool) -> Arc<Self> {
        let state =
            State { socket, nonblocking: false, receive_timeout: 0, send_timeout: 0, port: None, closed: false };
        Arc::new(Self { family, kind, protocol, overlapped, state: Mutex::new(state), done: Event::manual() })
    }

    /// What changes of it. Held for moments: nothing waits or calls the program meanwhile.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine's socket as it is now.
    pub(crate) fn socket(&self) -> Socket {
        self.state().socket.clone()
    }

    /// Its port and key.
    pub(crate) fn port(&self) -> Option<(Arc<PortObject>, usize)> {
        self.state().port.clone()
    }
}

/// The socket that a number names, for a Winsock function: which must not be called before `WSAStartup`.
pub(crate) fn lookup(socket: Handle) -> Result<Arc<SocketObject>, Code> {
    startup::check()?;
    match handle::get(socket) {
        Some(Object::Socket(socket)) => Ok(socket),
        _ => Err(WSAENOTSOCK),
    }
}
