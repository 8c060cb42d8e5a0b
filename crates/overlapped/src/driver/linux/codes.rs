//! What Winsock calls the errors of Linux.

use crate::codes;
use rustix::io::Errno;
use std::io;

/// The code of Winsock for an error of the system.
pub(crate) fn code(error: &io::Error) -> i32 {
    error.raw_os_error().map_or(codes::WSAEINVAL, from_errno)
}

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(super) fn failed(error: io::Error) -> i32 {
    code(&error)
}

pub(super) fn refused(error: Errno) -> i32 {
    from_errno(error.raw_os_error())
}

/// The code for what the kernel reports as a negative error number; a result that is none stays.
pub(super) fn result(result: i32) -> i32 {
    if result < 0 { -from_errno(-result) } else { result }
}

/// The code for an error number of Linux.
fn from_errno(errno: i32) -> i32 {
    match errno {
        libc::EINTR => codes::WSAEINTR,
        libc::EBADF | libc::ENOTSOCK => codes::WSAENOTSOCK,
        libc::EAGAIN => codes::WSAEWOULDBLOCK,
        // The last one of a descriptor more than epoll may watch.
        libc::ENOMEM | libc::ENOBUFS | libc::ENOSPC => codes::WSAENOBUFS,
        libc::EACCES | libc::EPERM => codes::WSAEACCES,
        libc::EFAULT => codes::WSAEFAULT,
        libc::EINVAL => codes::WSAEINVAL,
        libc::EMFILE | libc::ENFILE => codes::WSAEMFILE,
        libc::EINPROGRESS => codes::WSAEINPROGRESS,
        libc::EALREADY => codes::WSAEALREADY,
        // Of a send without an address.
        libc::EDESTADDRREQ | libc::ENOTCONN => codes::WSAENOTCONN,
        libc::EMSGSIZE => codes::WSAEMSGSIZE,
        libc::EPROTOTYPE => codes::WSAEPROTOTYPE,
        libc::ENOPROTOOPT => codes::WSAENOPROTOOPT,
        libc::EPROTONOSUPPORT => codes::WSAEPROTONOSUPPORT,
        libc::ESOCKTNOSUPPORT => codes::WSAESOCKTNOSUPPORT,
        libc::EOPNOTSUPP => codes::WSAEOPNOTSUPP,
        libc::EAFNOSUPPORT => codes::WSAEAFNOSUPPORT,
        libc::EADDRINUSE => codes::WSAEADDRINUSE,
        libc::EADDRNOTAVAIL => codes::WSAEADDRNOTAVAIL,
        libc::ENETDOWN => codes::WSAENETDOWN,
        libc::ENETUNREACH => codes::WSAENETUNREACH,
        libc::ENETRESET => codes::WSAENETRESET,
        libc::ECONNABORTED => codes::WSAECONNABORTED,
        // A broken pipe is how Linux repeats a reset; a shutdown of our own is told apart before.
        libc::ECONNRESET | libc::EPIPE => codes::WSAECONNRESET,
        libc::EISCONN => codes::WSAEISCONN,
        libc::ESHUTDOWN => codes::WSAESHUTDOWN,
        libc::ETIMEDOUT => codes::WSAETIMEDOUT,
        libc::ECONNREFUSED => codes::WSAECONNREFUSED,
        libc::ENAMETOOLONG => codes::WSAENAMETOOLONG,
        libc::EHOSTDOWN => codes::WSAEHOSTDOWN,
        libc::EHOSTUNREACH => codes::WSAEHOSTUNREACH,
        libc::ECANCELED => codes::WSA_OPERATION_ABORTED,
        libc::ENOSYS => codes::WSASYSNOTREADY,
        libc::ENOENT => codes::ERROR_NOT_FOUND,
        errno => codes::foreign(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_linux_have_the_codes_of_winsock() {
        for (errno, code) in [
            (libc::ECONNRESET, 10054),
            (libc::EPIPE, 10054),
            (libc::ECONNREFUSED, 10061),
            (libc::EADDRINUSE, 10048),
            (libc::ECANCELED, 995),
            (libc::EMFILE, 10024),
            (libc::ENOTCONN, 10057),
            (libc::ENOSPC, 10055),
        ] {
            assert_eq!(from_errno(errno), code);
            assert!(codes::name(code).is_some());
        }
    }

    #[test]
    fn an_error_that_winsock_has_no_word_for_keeps_its_number() {
        assert_eq!(codes::as_foreign(from_errno(libc::EXDEV)), Some(libc::EXDEV));
        assert_eq!(codes::as_foreign(from_errno(libc::EPIPE)), None);
    }
}
