//! Winsock and Win32 error codes: numbers, names, and the Linux errors they stand for.

use std::io::ErrorKind;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $kind:ident, $text:literal;)*) => {
        $(
            #[doc = concat!("`", stringify!($name), "` (", stringify!($code), "): ", $text, ".")]
            $(#[doc = $doc])*
            pub const $name: i32 = $code;
        )*

        /// The name of a code, such as `"WSAECONNRESET"` for 10054; `None` if this library never reports it.
        ///
        /// ```
        /// assert_eq!(overlapped::codes::name(10054), Some("WSAECONNRESET"));
        /// assert_eq!(overlapped::codes::name(1), None);
        /// ```
        pub fn name(code: i32) -> Option<&'static str> {
            match code { $($name => Some(stringify!($name)),)* _ => None }
        }

        pub(crate) fn text(code: i32) -> &'static str {
            match code { $($name => $text,)* _ => "unknown error" }
        }

        pub(crate) fn kind(code: i32) -> ErrorKind {
            match code { $($name => ErrorKind::$kind,)* _ => ErrorKind::Other }
        }
    };
}

codes! {
    ERROR_INVALID_HANDLE = 6, InvalidInput, "the handle is invalid";
    ERROR_NOT_ENOUGH_MEMORY = 8, OutOfMemory, "not enough memory";
    ERROR_GEN_FAILURE = 31, Other, "general failure";
    WSA_INVALID_PARAMETER = 87, InvalidInput, "a parameter is invalid";
    ERROR_NOT_OWNER = 288, PermissionDenied, "the mutex does not belong to the calling thread";
    ERROR_TOO_MANY_POSTS = 298, InvalidInput, "the semaphore would exceed its maximum";
    ERROR_ABANDONED_WAIT_0 = 735, BrokenPipe, "the port is closed";
    WSA_OPERATION_ABORTED = 995, Interrupted, "the operation was cancelled";
    WSA_IO_INCOMPLETE = 996, WouldBlock, "the operation has not completed";
    WSA_IO_PENDING = 997, WouldBlock, "the operation is pending";
    ERROR_NOT_FOUND = 1168, NotFound, "there is no such pending operation";
    ERROR_INVALID_THREAD_ID = 1444, NotFound, "there is no such thread, or it has no queue";
    WSAEINTR = 10004, Interrupted, "interrupted";
    WSAEACCES = 10013, PermissionDenied, "permission denied";
    WSAEFAULT = 10014, InvalidInput, "the buffer or range is invalid";
    WSAEINVAL = 10022, InvalidInput, "the call does not fit the state of the socket";
    WSAEMFILE = 10024, Other, "too many open descriptors";
    WSAEWOULDBLOCK = 10035, WouldBlock, "the call would block";
    WSAEINPROGRESS = 10036, WouldBlock, "an operation is in progress";
    WSAEALREADY = 10037, AlreadyExists, "an operation is already in progress";
    WSAENOTSOCK = 10038, InvalidInput, "not an open socket";
    WSAEDESTADDRREQ = 10039, InvalidInput, "a destination address is needed";
    WSAEMSGSIZE = 10040, InvalidData, "the datagram is longer than the buffer";
    WSAEPROTOTYPE = 10041, InvalidInput, "the wrong protocol for this socket";
    WSAENOPROTOOPT = 10042, InvalidInput, "the option is unknown or unsupported";
    WSAEPROTONOSUPPORT = 10043, Unsupported, "the protocol is not supported";
    WSAESOCKTNOSUPPORT = 10044, Unsupported, "the socket type is not supported";
    WSAEOPNOTSUPP = 10045, Unsupported, "the operation is not supported on this socket";
    WSAEAFNOSUPPORT = 10047, Unsupported, "the address family is not supported";
    WSAEADDRINUSE = 10048, AddrInUse, "the address is in use";
    WSAEADDRNOTAVAIL = 10049, AddrNotAvailable, "the address is not available on this machine";
    WSAENETDOWN = 10050, NetworkDown, "the network is down";
    WSAENETUNREACH = 10051, NetworkUnreachable, "the network is unreachable";
    WSAENETRESET = 10052, ConnectionReset, "the network dropped the connection";
    WSAECONNABORTED = 10053, ConnectionAborted, "the connection was aborted";
    WSAECONNRESET = 10054, ConnectionReset, "the connection was reset by the peer";
    WSAENOBUFS = 10055, OutOfMemory, "the system is short of memory or buffers";
    WSAEISCONN = 10056, AlreadyExists, "the socket is already connected";
    WSAENOTCONN = 10057, NotConnected, "the socket is not connected";
    WSAESHUTDOWN = 10058, BrokenPipe, "the socket was shut down in this direction";
    WSAETIMEDOUT = 10060, TimedOut, "the peer did not answer in time";
    WSAECONNREFUSED = 10061, ConnectionRefused, "the connection was refused";
    WSAENAMETOOLONG = 10063, InvalidInput, "the name is too long";
    WSAEHOSTDOWN = 10064, HostUnreachable, "the host is down";
    WSAEHOSTUNREACH = 10065, HostUnreachable, "the host is unreachable";
    WSASYSNOTREADY = 10091, Unsupported, "the network subsystem is not available";
    WSAHOST_NOT_FOUND = 11001, NotFound, "the host name is unknown";
}

/// Above this a code is not Winsock's: the rest is an error number of the system that Winsock has no
/// word for.
const FOREIGN: i32 = 1 << 20;

/// A code for an error number that Winsock has no word for.
pub(crate) fn foreign(number: i32) -> i32 {
    FOREIGN + number
}

/// The error number of the system that a code stands for, if it is not Winsock's.
pub(crate) fn as_foreign(code: i32) -> Option<i32> {
    (code >= FOREIGN).then(|| code - FOREIGN)
}
