//! What an issue answers and what a completion says.

use std::net::SocketAddr;

/// What issuing an operation says: information only, since every result is delivered the same way.
///
/// Winsock's fork: `WSARecv` returning 0, or `SOCKET_ERROR` with `WSA_IO_PENDING`. A failure that
/// shows at once is a completion like any other: it is delivered with its error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issued {
    /// The operation has completed; its delivery is on the way.
    Completed,
    /// The operation is in flight; the id cancels it.
    Pending(OperationId),
}

impl Issued {
    /// Whether the operation is in flight (`WSA_IO_PENDING`).
    pub fn is_pending(self) -> bool {
        matches!(self, Self::Pending(_))
    }
}

/// Names one pending operation of a socket, to [cancel](crate::Socket::cancel_operation) just that
/// one. An id that is out of date names nothing: it never hits another operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OperationId {
    pub(crate) socket: u64,
    pub(crate) serial: u32,
}

/// The result of a receive or send that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Completion {
    /// Bytes transferred. For a receive 0 is the end of the stream (or an empty buffer); a send
    /// reports every byte it was given.
    pub bytes: usize,
    /// Winsock's flags of the completion (`MSG_PARTIAL` and the like); 0 on a stream.
    pub flags: u32,
}

/// The result of a receive that tells who sent (`WSARecvFrom`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Datagram {
    /// Bytes of the datagram, 0 for an empty one.
    pub bytes: usize,
    /// Winsock's flags of the completion; 0 for most datagrams.
    pub flags: u32,
    /// Who sent it.
    pub from: SocketAddr,
}
