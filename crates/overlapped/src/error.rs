//! The one error type of the library.

pub mod codes;

use crate::driver::system;
use std::fmt;
use std::io;

/// What this library's functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// What failed: the operation or call that an [`Error`] belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// A receive (`WSARecv`).
    Receive,
    /// A send (`WSASend`).
    Send,
    /// An accept (`AcceptEx`).
    Accept,
    /// A connect (`ConnectEx`).
    Connect,
    /// Making a socket (`WSASocket`).
    Socket,
    /// Binding and listening (`bind`, `listen`).
    Listen,
    /// Giving a socket its address (`bind`).
    Bind,
    /// A shutdown of one or both directions (`shutdown`).
    Shutdown,
    /// A cancel (`CancelIoEx`).
    Cancel,
    /// A wait (`WaitForMultipleObjectsEx`, `SleepEx`).
    Wait,
    /// Waiting for sockets to be ready (`select`, `WSAPoll`).
    Select,
    /// Queuing an APC to a thread (`QueueUserAPC`).
    QueueApc,
    /// Making an object (`CreateSemaphore`, `CreateMutex`).
    Object,
    /// Releasing a semaphore or a mutex (`ReleaseSemaphore`, `ReleaseMutex`).
    Release,
    /// Setting a timer (`SetWaitableTimer`).
    Timer,
    /// Taking from a port or posting to it (`GetQueuedCompletionStatus`).
    Port,
    /// Starting a thread (`CreateThread`, `ResumeThread`).
    Thread,
    /// Reading or setting a socket's address or option (`getsockname`, `setsockopt`).
    Option,
    /// Selecting or enumerating network events (`WSAEventSelect`, `WSAAsyncSelect`, `WSAEnumNetworkEvents`).
    NetworkEvents,
    /// Posting a message (`PostThreadMessage`).
    Post,
    /// Choosing or starting the driver.
    Driver,
    /// Starting a [server](crate::server).
    Serve,
}

impl Operation {
    fn phrase(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Send => "send",
            Self::Accept => "accept",
            Self::Connect => "connect",
            Self::Socket => "making a socket",
            Self::Listen => "listen",
            Self::Bind => "bind",
            Self::Shutdown => "shutdown",
            Self::Cancel => "cancel",
            Self::Wait => "wait",
            Self::Select => "waiting for readiness",
            Self::QueueApc => "queuing an APC",
            Self::Object => "making an object",
            Self::Release => "release",
            Self::Timer => "setting a timer",
            Self::Port => "taking from a port",
            Self::Thread => "starting a thread",
            Self::Option => "reading or setting a socket's address or option",
            Self::NetworkEvents => "selecting or enumerating network events",
            Self::Post => "posting a message",
            Self::Driver => "starting the driver",
            Self::Serve => "starting the server",
        }
    }
}

/// Why an operation or call failed: what it was, the Winsock code with its name, and where there
/// is one, the way out.
///
/// Corresponds to `WSAGetLastError`, and to the error a completion routine or
/// `WSAGetOverlappedResult` is given.
///
/// ```
/// use overlapped::{codes, Socket};
///
/// let first = Socket::listen("127.0.0.1:0")?;
/// let error = Socket::listen(first.local_addr()?).unwrap_err();
/// assert_eq!(error.code(), codes::WSAEADDRINUSE);
/// assert_eq!(error.name(), "WSAEADDRINUSE");
/// assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::AddrInUse);
/// # Ok::<(), overlapped::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    operation: Operation,
    code: i32,
    detail: Option<Box<str>>,
}

impl Error {
    pub(crate) fn new(operation: Operation, code: i32) -> Self {
        Self { operation, code, detail: None }
    }

    /// From a code of a driver, which may be an error of the system that Winsock has no word for.
    pub(crate) fn from_code(operation: Operation, code: i32) -> Self {
        match codes::as_foreign(code) {
            None => Self::new(operation, code),
            Some(number) => Self::new(operation, codes::ERROR_GEN_FAILURE)
                .with_detail(io::Error::from_raw_os_error(number).to_string()),
        }
    }

    pub(crate) fn from_io(operation: Operation, error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(_) => Self::from_code(operation, system::code(error)),
            None => Self::new(operation, codes::WSAEINVAL).with_detail(error.to_string()),
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The Winsock or Win32 code, such as 10054.
    pub fn code(&self) -> i32 {
        self.code
    }

    /// The name of the code, such as `"WSAECONNRESET"`.
    pub fn name(&self) -> &'static str {
        codes::name(self.code).unwrap_or("ERROR_GEN_FAILURE")
    }

    /// What failed.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// Whether the operation was cancelled, by the program, by a close, or by the end of its
    /// thread (`WSA_OPERATION_ABORTED`, 995).
    pub fn is_aborted(&self) -> bool {
        self.code == codes::WSA_OPERATION_ABORTED
    }

    /// Whether the peer reset the connection (`WSAECONNRESET`, 10054).
    pub fn is_reset(&self) -> bool {
        self.code == codes::WSAECONNRESET
    }

    /// Whether a call would have had to block (`WSAEWOULDBLOCK`, 10035).
    pub fn is_would_block(&self) -> bool {
        self.code == codes::WSAEWOULDBLOCK
    }

    /// The kind that the standard library has for this error.
    pub fn kind(&self) -> io::ErrorKind {
        codes::kind(self.code)
    }

    /// The way out, where one is known.
    pub fn hint(&self) -> Option<&'static str> {
        use Operation::{Accept, Connect, Listen, Socket};
        Some(match (self.code, self.operation) {
            (codes::WSAEADDRINUSE, _) => {
                "another program listens there: stop it, or take another port (port 0 picks a free one)"
            }
            (codes::WSAEACCES, Listen) => "ports below 1024 need root or CAP_NET_BIND_SERVICE: take a higher port",
            (codes::WSAECONNREFUSED, _) => {
                "nothing listens at that address: start the server, or check address and port"
            }
            (codes::WSAEMFILE, Accept | Socket | Operation::Driver) => {
                "raise the limit on open descriptors (ulimit -n), or close sessions"
            }
            (codes::WSAENETUNREACH | codes::WSAEHOSTUNREACH, _) => "check the address and the route to it",
            (codes::WSAEADDRNOTAVAIL, Listen) => "listen on an address of this machine, or on 0.0.0.0 or [::]",
            (codes::WSAEADDRNOTAVAIL, Connect) => "port 0 and unassigned addresses cannot be connected to",
            (codes::WSAETIMEDOUT, Connect) => "the host is down or a firewall drops the packets",
            (codes::WSAENOTCONN, _) => "connect the socket first",
            (codes::WSAESHUTDOWN, _) => "issue nothing in a direction after its shutdown",
            (codes::WSAEINVAL, Operation::Receive | Accept | Connect) => {
                "the socket is not in the state for it, or operations with routines of another thread are pending on it"
            }
            (codes::WSAENOTSOCK, _) => "the socket was closed: issue nothing after close",
            (codes::WSAENOBUFS, Operation::Driver) => "raise the limit on locked memory (ulimit -l)",
            (codes::ERROR_NOT_FOUND, Operation::Cancel) => {
                "the operation has completed already: its result is delivered"
            }
            (codes::ERROR_GEN_FAILURE, Operation::QueueApc) => "the thread has ended: drop its handle",
            (codes::ERROR_NOT_OWNER, _) => "the thread whose wait took the mutex releases it, as often as it took it",
            (codes::ERROR_TOO_MANY_POSTS, _) => "release no more than the waits have taken",
            (codes::ERROR_ABANDONED_WAIT_0, Operation::Port) => {
                "the port was closed: end the thread, or take from another one"
            }
            (codes::WSA_INVALID_PARAMETER, Operation::Port) => "ask for at least one packet",
            (codes::WSA_INVALID_PARAMETER, Operation::Wait) => "wait for at least one object",
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {} ({} {})", self.operation.phrase(), codes::text(self.code), self.name(), self.code)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        match self.hint() {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

/// The same words: this is what a `main` that returns the error prints.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::new(error.kind(), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_says_what_failed_and_the_way_out() {
        let error = Error::from_code(Operation::Connect, codes::WSAECONNREFUSED);
        let text = error.to_string();
        assert!(text.starts_with("connect failed: the connection was refused (WSAECONNREFUSED 10061)"), "{text}");
        assert!(text.contains("start the server"), "{text}");
    }

    #[test]
    fn an_error_without_a_code_keeps_the_systems_words() {
        let words = io::Error::from_raw_os_error(7).to_string();
        let error = Error::from_code(Operation::Send, codes::foreign(7));
        assert_eq!(error.code(), codes::ERROR_GEN_FAILURE);
        assert!(error.to_string().contains(&words), "{error}");
    }

    #[test]
    fn io_errors_keep_kind_and_source() {
        let error = io::Error::from(Error::new(Operation::Receive, codes::WSA_OPERATION_ABORTED));
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).expect("the error is inside");
        assert!(inner.is_aborted());
    }
}
