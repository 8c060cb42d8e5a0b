//! How an operation ended, in the three vocabularies of Windows: the status that stands in its `OVERLAPPED`, the code that
//! Winsock's functions and routines give for it, and the one that Win32's functions give.

use crate::codes::*;
use crate::error::Code;

/// An NTSTATUS.
pub(crate) type Status = u32;

pub(crate) const SUCCESS: Status = 0;
pub(crate) const PENDING: Status = 0x103;
pub(crate) const BUFFER_OVERFLOW: Status = 0x8000_0005;

/// Status, Winsock's code, Win32's code. The first row of a code is the status it becomes.
const ROWS: &[(Status, Code, Code)] = &[
    (0xC000_0120, WSA_OPERATION_ABORTED, ERROR_OPERATION_ABORTED),
    (BUFFER_OVERFLOW, WSAEMSGSIZE, ERROR_MORE_DATA),
    (0xC000_020D, WSAECONNRESET, ERROR_NETNAME_DELETED),
    (0xC000_0236, WSAECONNREFUSED, ERROR_CONNECTION_REFUSED),
    (0xC000_00B5, WSAETIMEDOUT, ERROR_SEM_TIMEOUT),
    (0xC000_0241, WSAECONNABORTED, ERROR_CONNECTION_ABORTED),
    (0xC000_023C, WSAENETUNREACH, ERROR_NETWORK_UNREACHABLE),
    (0xC000_023D, WSAEHOSTUNREACH, ERROR_HOST_UNREACHABLE),
    (0xC000_0207, WSAEADDRNOTAVAIL, WSAEADDRNOTAVAIL),
    (0xC000_020A, WSAEADDRINUSE, WSAEADDRINUSE),
    (0xC000_0008, WSAENOTSOCK, ERROR_INVALID_HANDLE),
    (0xC000_000D, WSAEINVAL, ERROR_INVALID_PARAMETER),
    (0xC000_020C, WSAENOTCONN, WSAENOTCONN),
    (0xC000_0205, WSAENOBUFS, WSAENOBUFS),
    (0xC000_0022, WSAEACCES, ERROR_ACCESS_DENIED),
    (0xC000_0005, WSAEFAULT, ERROR_NOACCESS),
    (0xC000_011F, WSAEMFILE, ERROR_TOO_MANY_OPEN_FILES),
    (0xC000_0011, ERROR_HANDLE_EOF, ERROR_HANDLE_EOF),
    (0xC000_0023, ERROR_INSUFFICIENT_BUFFER, ERROR_INSUFFICIENT_BUFFER),
];

/// A status of our own for each code of Winsock that has none above: a customer's error whose last digits are the code.
const OWN: Status = 0xE000_0000;

/// The status of an operation that failed with a code of Winsock.
pub(crate) fn of_code(code: Code) -> Status {
    let known = ROWS.iter().find(|(_, wsa, _)| *wsa == code);
    known.map_or(OWN | (code & 0xFFFF), |(status, ..)| *status)
}

/// Winsock's code for a status; 0 for success.
pub(crate) fn winsock(status: Status) -> Code {
    translate(status, |&(_, wsa, _)| wsa)
}

/// Win32's code for a status; 0 for success.
pub(crate) fn win32(status: Status) -> Code {
    translate(status, |&(.., win32)| win32)
}

fn translate(status: Status, column: impl Fn(&(Status, Code, Code)) -> Code) -> Code {
    match ROWS.iter().find(|(known, ..)| *known == status) {
        Some(row) => column(row),
        None if status & OWN == OWN => status & 0xFFFF,
        None if status & 0x8000_0000 == 0 => 0,
        None => ERROR_GEN_FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_status_has_two_vocabularies() {
        let reset = of_code(WSAECONNRESET);
        assert_eq!((winsock(reset), win32(reset)), (WSAECONNRESET, ERROR_NETNAME_DELETED));
        assert_eq!((winsock(SUCCESS), win32(SUCCESS)), (0, 0));
    }

    #[test]
    fn every_code_comes_back() {
        for code in [WSAEMSGSIZE, WSAESHUTDOWN, WSAENETDOWN, WSA_OPERATION_ABORTED] {
            assert_eq!(winsock(of_code(code)), code);
        }
    }
}
