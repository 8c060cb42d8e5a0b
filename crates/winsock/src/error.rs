//! The error of the last call, one value a thread, and the vocabularies that errors are told in.

use crate::abi::{Bool, FALSE, SOCKET_ERROR};
use overlapped::Error;
use std::cell::Cell;

/// A code of Winsock or Win32, never 0.
pub type Code = u32;

thread_local! {
    static LAST: Cell<Code> = const { Cell::new(0) };
}

/// The last error of the calling thread.
pub fn last() -> Code {
    LAST.get()
}

/// Sets it.
pub fn set_last(code: Code) {
    LAST.set(code);
}

/// The code of an error of the engine.
pub fn code(error: &Error) -> Code {
    error.code().unsigned_abs()
}

/// The code of an error of the system.
pub fn io(error: &std::io::Error) -> Code {
    overlapped::face::code(error).unsigned_abs()
}

/// Notes an error and is what a Winsock function returns then.
pub fn socket_error(code: Code) -> i32 {
    set_last(code);
    SOCKET_ERROR
}

/// What a Winsock function returns that gives nothing but success or an error.
pub fn socket_result(result: Result<(), Code>) -> i32 {
    result.map_or_else(socket_error, |()| 0)
}

/// Notes an error and is what a Win32 function returns then.
pub fn no(code: Code) -> Bool {
    set_last(code);
    FALSE
}

/// `WSAGetLastError`.
#[unsafe(no_mangle)]
pub extern "C" fn WSAGetLastError() -> i32 {
    last() as i32
}

/// `WSASetLastError`.
#[unsafe(no_mangle)]
pub extern "C" fn WSASetLastError(code: i32) {
    set_last(code as Code);
}

/// `GetLastError`.
#[unsafe(no_mangle)]
pub extern "C" fn GetLastError() -> Code {
    last()
}

/// `SetLastError`.
#[unsafe(no_mangle)]
pub extern "C" fn SetLastError(code: Code) {
    set_last(code);
}
