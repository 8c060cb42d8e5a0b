//! `ReadFile` and `WriteFile` of a socket: a receive and a send, whose errors are told in Win32's words.

use crate::abi::{Bool, Dword, Handle, Overlapped, TRUE, WsaBuf};
use crate::codes;
use crate::error;
use crate::handle::{self, Object};
use crate::socket::issue::{WSARecv, WSASend};
use crate::status;

/// Whether a handle is a socket's.
pub(super) fn is_socket(handle: Handle) -> bool {
    matches!(handle::get(handle), Some(Object::Socket(_)))
}

fn answer(result: i32) -> Bool {
    if result == 0 {
        return TRUE;
    }
    match error::last() {
        pending @ codes::ERROR_IO_PENDING => error::no(pending),
        code => error::no(status::win32(status::of_code(code))),
    }
}

/// # Safety
/// As for `WSARecv`.
pub(super) unsafe fn read(
    socket: Handle,
    buffer: *mut u8,
    size: Dword,
    count: *mut Dword,
    overlapped: *mut Overlapped,
) -> Bool {
    let buffer = WsaBuf { len: size, buf: buffer };
    let mut flags = 0;
    let mut own = 0;
    let count = if count.is_null() { &raw mut own } else { count };
    // SAFETY: as the caller says; the array of buffers is read before the call returns.
    answer(unsafe { WSARecv(socket, &raw const buffer, 1, count, &raw mut flags, overlapped, None) })
}

/// # Safety
/// As for `WSASend`.
pub(super) unsafe fn write(
    socket: Handle,
    buffer: *const u8,
    size: Dword,
    count: *mut Dword,
    overlapped: *mut Overlapped,
) -> Bool {
    let buffer = WsaBuf { len: size, buf: buffer.cast_mut() };
    let mut own = 0;
    let count = if count.is_null() { &raw mut own } else { count };
    // SAFETY: as the caller says; the array of buffers is read before the call returns.
    answer(unsafe { WSASend(socket, &raw const buffer, 1, count, 0, overlapped, None) })
}
