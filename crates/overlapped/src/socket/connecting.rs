//! A connect that no operation waits for: it goes on by itself, and whoever needs to know looks how it stands.

use super::lane::Lanes;
use super::{Inner, Socket};
use crate::codes;
use crate::error::{Error, Operation, Result};
use crate::op::Kind;
use std::net::SocketAddr;

/// How such a connect stands, as far as somebody has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Connecting {
    /// There is none, or it has succeeded.
    #[default]
    No,
    Goes,
    /// It has failed with this code; 0 after the program was told.
    Failed(i32),
}

impl Socket {
    /// Begins to connect, without blocking (`connect` in non-blocking mode).
    ///
    /// A stream socket answers `WSAEWOULDBLOCK`, each time. It is connected when it is
    /// [writable](crate::readiness); one that was refused is reported as exceptional instead, and
    /// [`take_error`](Self::take_error) says why. A datagram socket only notes the address and is connected at once.
    ///
    /// # Errors
    ///
    /// `WSAEWOULDBLOCK`; `WSAEALREADY` while a connect goes on, `WSAEISCONN` on a connected socket, `WSAEADDRNOTAVAIL`,
    /// `WSAENETUNREACH`, `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// use overlapped::{codes, Socket};
    ///
    /// let listener = Socket::listen("127.0.0.1:0")?;
    /// let address = listener.local_addr()?;
    /// let client = Socket::tcp(&address)?;
    /// assert!(client.try_connect(address).unwrap_err().is_would_block());
    /// while client.try_send(b"hello").is_err_and(|error| error.code() == codes::WSAENOTCONN) {
    ///     std::thread::yield_now(); // a program waits for it to be writable
    /// }
    /// assert_eq!(client.try_connect(address).unwrap_err().code(), codes::WSAEISCONN);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "connect")]
    pub fn try_connect(&self, to: SocketAddr) -> Result<()> {
        self.attempt(Kind::Connect, |inner, lanes| {
            inner.context.system.connect_alone(inner.raw(), to)?;
            lanes.unbound = false;
            if inner.datagram {
                return Ok(());
            }
            lanes.unconnected = true;
            lanes.connecting = Connecting::Goes;
            Err(codes::WSAEWOULDBLOCK)
        })
    }

    /// Why a [`try_connect`](Self::try_connect) has failed, or another error that the socket remembers; it is told once
    /// (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// `WSAENOTSOCK` after a close.
    ///
    /// ```
    /// let socket = overlapped::Socket::udp("127.0.0.1:0")?;
    /// assert_eq!(socket.take_error()?, None);
    /// # Ok::<(), overlapped::Error>(())
    /// ```
    #[doc(alias = "getsockopt")]
    pub fn take_error(&self) -> Result<Option<Error>> {
        {
            let inner = self.inner();
            crate::fork::check(Operation::Option)?;
            let mut lanes = inner.lanes();
            inner.look_at_connect(&mut lanes);
            // Windows would tell it again.
            if let (Connecting::Failed(code), false) = (lanes.connecting, lanes.closed) {
                lanes.connecting = Connecting::Failed(0);
                return Ok((code != 0).then(|| Error::from_code(Operation::Connect, code)));
            }
        }
        let error = self.option(|socket| socket.take_error())?.map(|error| Error::from_io(Operation::Option, &error));
        if error.as_ref().is_some_and(Error::is_reset) && !self.inner().datagram {
            // The system forgets it with the question.
            self.inner().lanes().reset = true;
        }
        Ok(error)
    }
}

impl Inner {
    /// Takes notice of the end of a connect.
    pub(super) fn look_at_connect(&self, lanes: &mut Lanes) {
        if lanes.connecting != Connecting::Goes || lanes.closed {
            return;
        }
        match self.context.system.connect_ended(self.raw()) {
            Ok(()) => {
                lanes.connecting = Connecting::No;
                lanes.unconnected = false;
                self.connect_ended(lanes, 0);
            }
            Err(codes::WSAENOTCONN) => {}
            Err(code) => {
                // So that another one can begin.
                self.context.system.disconnect(self.raw());
                lanes.connecting = Connecting::Failed(code);
                self.connect_ended(lanes, code);
            }
        }
    }
}
