//! The functions that Winsock gives by pointer.

use super::codes::succeeded;
use super::descriptor::socket_of;
use crate::codes;
use crate::driver::Attempt;
use std::ptr;
use std::sync::OnceLock;
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::core::GUID;

#[derive(Clone, Copy)]
pub(super) struct Extensions {
    pub(super) accept: ws::LPFN_ACCEPTEX,
    pub(super) connect: ws::LPFN_CONNECTEX,
}

impl Extensions {
    /// The functions of the provider that the first socket to need them has; there is one for TCP.
    pub(super) fn of(raw: i32) -> Attempt<Self> {
        static KNOWN: OnceLock<Extensions> = OnceLock::new();
        if let Some(known) = KNOWN.get() {
            return Ok(*known);
        }
        // SAFETY: these are the types of the functions that the identifiers stand for.
        let found = unsafe {
            Self { accept: function(raw, ws::WSAID_ACCEPTEX)?, connect: function(raw, ws::WSAID_CONNECTEX)? }
        };
        Ok(*KNOWN.get_or_init(|| found))
    }
}

/// # Safety
///
/// `F` is the optional pointer type of the function.
unsafe fn function<F: Default>(raw: i32, id: GUID) -> Attempt<F> {
    let mut function = F::default();
    let mut bytes = 0;
    // SAFETY: both buffers have the sizes that are given; a pointer is written into the second.
    succeeded(unsafe {
        ws::WSAIoctl(
            socket_of(raw),
            ws::SIO_GET_EXTENSION_FUNCTION_POINTER,
            (&raw const id).cast(),
            size_of::<GUID>() as u32,
            (&raw mut function).cast(),
            size_of::<F>() as u32,
            &raw mut bytes,
            ptr::null_mut(),
            None,
        )
    })?;
    if bytes as usize == size_of::<F>() { Ok(function) } else { Err(codes::WSAEOPNOTSUPP) }
}
