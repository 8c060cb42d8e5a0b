//! Winsock's codes as they are, and what it calls those of the layer below.

use crate::codes;
use std::io;
use windows_sys::Win32::Foundation as win32;
use windows_sys::Win32::Networking::WinSock::WSAGetLastError;

/// The code of Winsock for an error of the system.
pub(crate) fn code(error: &io::Error) -> i32 {
    error.raw_os_error().map_or(codes::WSAEINVAL, from_number)
}

#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(super) fn failed(error: io::Error) -> i32 {
    code(&error)
}

/// The code of the call that has just failed on this thread.
pub(super) fn last() -> i32 {
    // SAFETY: reads a number of the thread.
    from_number(unsafe { WSAGetLastError() })
}

/// For calls of Winsock that return zero.
pub(super) fn succeeded(result: i32) -> Result<(), i32> {
    if result == 0 { Ok(()) } else { Err(last()) }
}

/// The code for a number that a call, a routine or an `OVERLAPPED` gave.
pub(super) fn from_number(number: i32) -> i32 {
    // Winsock's own, and those that it shares with Win32.
    if codes::name(number).is_some() {
        return number;
    }
    match number as u32 {
        win32::ERROR_ACCESS_DENIED => codes::WSAEACCES,
        win32::ERROR_TOO_MANY_OPEN_FILES => codes::WSAEMFILE,
        win32::ERROR_OUTOFMEMORY
        | win32::ERROR_NO_SYSTEM_RESOURCES
        | win32::ERROR_WORKING_SET_QUOTA
        | win32::ERROR_COMMITMENT_LIMIT => codes::WSAENOBUFS,
        win32::ERROR_NETNAME_DELETED | win32::ERROR_PORT_UNREACHABLE => codes::WSAECONNRESET,
        win32::ERROR_CONNECTION_REFUSED => codes::WSAECONNREFUSED,
        win32::ERROR_CONNECTION_ABORTED => codes::WSAECONNABORTED,
        win32::ERROR_MORE_DATA => codes::WSAEMSGSIZE,
        win32::ERROR_SEM_TIMEOUT | win32::WAIT_TIMEOUT | win32::ERROR_TIMEOUT => codes::WSAETIMEDOUT,
        win32::ERROR_NETWORK_UNREACHABLE => codes::WSAENETUNREACH,
        win32::ERROR_HOST_UNREACHABLE => codes::WSAEHOSTUNREACH,
        win32::ERROR_ADDRESS_ALREADY_ASSOCIATED => codes::WSAEADDRINUSE,
        _ => codes::foreign(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_winsock_stay_and_those_of_win32_are_translated() {
        for (number, code) in [
            (10054, 10054),
            (995, 995),
            (64, 10054),
            (1225, 10061),
            (1236, 10053),
            (234, 10040),
            (121, 10060),
            (258, 10060),
            (1231, 10051),
            (1232, 10065),
        ] {
            assert_eq!(from_number(number), code, "{number}");
        }
        assert_eq!(codes::as_foreign(from_number(2)), Some(2));
    }
}
