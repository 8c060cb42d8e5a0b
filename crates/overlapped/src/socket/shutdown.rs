//! Ending the directions of a connection.

use super::Socket;
use crate::error::{Error, Operation, Result};
use crate::fork;

/// Which directions a [`Socket::shutdown`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// No further receives (`SD_RECEIVE`).
    Receive,
    /// No further sends (`SD_SEND`).
    Send,
    /// Both (`SD_BOTH`).
    Both,
}

impl Socket {
    /// Ends one direction, or both (`shutdown`).
    ///
    /// - [`Shutdown::Send`]: what is queued is sent first, then the peer reads the end of the
    ///   stream. Later sends fail with `WSAESHUTDOWN`; receives are left alone.
    /// - [`Shutdown::Receive`]: later receives fail with `WSAESHUTDOWN`. A pending one survives and
    ///   still takes data.
    ///
    /// # Errors
    ///
    /// `WSAENOTCONN` if the socket is not connected, `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// use overlapped::{Shutdown, Socket};
    /// use std::io::Read;
    ///
    /// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
    /// let socket = Socket::from(listener.accept()?.0);
    /// socket.give(b"bye")?;
    /// socket.shutdown(Shutdown::Send)?;
    /// let mut read = String::new();
    /// peer.read_to_string(&mut read)?; // ends: nothing more will come
    /// assert_eq!(read, "bye");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> Result<()> {
        fork::check(Operation::Shutdown)?;
        let inner = self.inner();
        let mut lanes = inner.lanes();
        if lanes.closed {
            return Err(Error::new(Operation::Shutdown, crate::codes::WSAENOTSOCK));
        }
        inner.look_at_connect(&mut lanes);
        if lanes.unconnected || !inner.context.system.has_peer(inner.raw()) {
            return Err(Error::new(Operation::Shutdown, crate::codes::WSAENOTCONN));
        }
        // Linux would end a pending receive, so the kernel is told of the other direction only.
        lanes.receive_shut |= how != Shutdown::Send;
        if how != Shutdown::Receive && !std::mem::replace(&mut lanes.send_shut, true) && lanes.send.is_empty() {
            let shut = inner.context.system.shutdown(inner.raw(), Shutdown::Send);
            shut.map_err(|code| Error::from_code(Operation::Shutdown, code))?;
        }
        Ok(())
    }
}
