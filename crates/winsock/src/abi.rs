//! Types as C sees them: the layouts of `include/`.

use std::ffi::c_void;

/// `BOOL`.
pub type Bool = i32;
/// `TRUE`.
pub const TRUE: Bool = 1;
/// `FALSE`.
pub const FALSE: Bool = 0;
/// `DWORD`.
pub type Dword = u32;
/// `HANDLE`, as a number.
pub type Handle = usize;
/// `INVALID_HANDLE_VALUE` and `INVALID_SOCKET`.
pub const INVALID: usize = usize::MAX;
/// `SOCKET_ERROR`.
pub const SOCKET_ERROR: i32 = -1;
/// `INFINITE`.
pub const INFINITE: Dword = u32::MAX;

/// `OVERLAPPED`.
#[repr(C)]
#[derive(Debug)]
pub struct Overlapped {
    /// The status: `STATUS_PENDING`, or how it ended.
    pub internal: usize,
    /// The bytes.
    pub internal_high: usize,
    /// Where in a file.
    pub offset: u32,
    /// Its upper half.
    pub offset_high: u32,
    /// The event.
    pub event: Handle,
}

/// `WSABUF`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct WsaBuf {
    /// Its length in bytes.
    pub len: u32,
    /// Where it begins.
    pub buf: *mut u8,
}

/// `GUID`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guid {
    /// The first 32 bits.
    pub data1: u32,
    /// The next 16.
    pub data2: u16,
    /// The next 16.
    pub data3: u16,
    /// The rest.
    pub data4: [u8; 8],
}

/// A pointer to anything.
pub type Pointer = *mut c_void;
