//! Messages as Winsock has them: an array of `WSABUF`, an address, flags.

use super::codes::last;
use super::descriptor::socket_of;
use crate::codes;
use crate::driver::Attempt;
use crate::message::{MOST, Message};
use std::ptr::{self, NonNull};
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::System::IO::OVERLAPPED;

/// One buffer: Winsock's `WSABUF`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Slice(ws::WSABUF);

impl Slice {
    pub(crate) fn new(pointer: *mut u8, length: usize) -> Self {
        // More does not fit; a send of so much is refused, a receive may be short.
        Self(ws::WSABUF { buf: pointer, len: u32::try_from(length).unwrap_or(u32::MAX) })
    }

    pub(crate) fn pointer(&self) -> *mut u8 {
        self.0.buf
    }

    pub(crate) fn length(&self) -> usize {
        self.0.len as usize
    }

    /// Leaves out the first bytes, no more than it has.
    pub(crate) fn advance(&mut self, bytes: usize) {
        *self = Self::new(self.pointer().wrapping_add(bytes), self.length() - bytes);
    }
}

/// What Winsock reads and writes beside buffers and address.
pub(crate) struct Header {
    name_length: i32,
    flags: u32,
    truncated: bool,
}

impl Header {
    pub(crate) fn new() -> Self {
        Self { name_length: 0, flags: 0, truncated: false }
    }
}

impl Message {
    /// After a receive: whether the datagram was longer than the buffers. Notes who sent it.
    pub(crate) fn received(&mut self) -> bool {
        self.name_length = if self.flags.sender { self.header.name_length } else { 0 };
        self.header.truncated
    }
}

/// Notes that the datagram was longer than the buffers.
///
/// # Safety
///
/// The message is the caller's.
pub(super) unsafe fn note_truncated(message: NonNull<Message>) {
    // SAFETY: the caller's promise.
    unsafe { (*message.as_ptr()).header.truncated = true };
}

/// What a call of Winsock is given. Valid as long as what it points to, see `of`.
pub(super) struct Call {
    pub(super) buffers: *const ws::WSABUF,
    pub(super) count: u32,
    /// No address if null.
    pub(super) name: *mut ws::SOCKADDR,
    pub(super) name_length: *mut i32,
    pub(super) flags: *mut u32,
}

impl Call {
    /// Points into the message, which must stay and be left alone meanwhile.
    pub(super) fn of(message: NonNull<Message>, receives: bool, flags: u32) -> Self {
        let raw = message.as_ptr();
        // SAFETY: whoever has the operation has its message, and it is the caller.
        let message = unsafe { &mut *raw };
        let named = if receives { message.flags.sender } else { message.name_length > 0 };
        let name_length = if receives { message.name.size_of() } else { message.name_length };
        message.header = Header { name_length, flags, truncated: false };
        let rest = message.rest();
        let (buffers, count) = (rest.as_ptr().cast(), rest.len());
        let count = count.min(MOST) as u32;
        // From the raw pointer: the system writes there until the operation has completed.
        // SAFETY: as above.
        let (name, name_length, flags) =
            unsafe { (&raw mut (*raw).name, &raw mut (*raw).header.name_length, &raw mut (*raw).header.flags) };
        Self { buffers, count, name: if named { name.cast() } else { ptr::null_mut() }, name_length, flags }
    }

    /// Receives; null for `overlapped` does so at once.
    ///
    /// # Safety
    ///
    /// What the call points to stays valid until it is over.
    pub(super) unsafe fn receive(
        &self,
        raw: i32,
        bytes: *mut u32,
        overlapped: *mut OVERLAPPED,
        routine: ws::LPWSAOVERLAPPED_COMPLETION_ROUTINE,
    ) -> Attempt<()> {
        let Self { buffers, count, name, name_length, flags } = *self;
        let socket = socket_of(raw);
        // SAFETY: the caller's promise.
        let begun = begun(unsafe {
            match name.is_null() {
                true => ws::WSARecv(socket, buffers, count, bytes, flags, overlapped, routine),
                false => ws::WSARecvFrom(socket, buffers, count, bytes, flags, name, name_length, overlapped, routine),
            }
        });
        match begun {
            // To the kernel a datagram that was cut has been received: the event or the routine follows.
            Err(codes::WSAEMSGSIZE) if !overlapped.is_null() => Ok(()),
            // What Wine calls the answer to a datagram that nobody took.
            Err(codes::WSAECONNREFUSED) => Err(codes::WSAECONNRESET),
            begun => begun,
        }
    }

    /// Sends; null for `overlapped` does so at once.
    ///
    /// # Safety
    ///
    /// As for [`receive`](Self::receive).
    pub(super) unsafe fn send(&self, raw: i32, bytes: *mut u32, overlapped: *mut OVERLAPPED) -> Attempt<()> {
        let Self { buffers, count, name, name_length, .. } = *self;
        let socket = socket_of(raw);
        // SAFETY: the caller's promise.
        begun(unsafe {
            match name.is_null() {
                true => ws::WSASend(socket, buffers, count, bytes, 0, overlapped, None),
                false => ws::WSASendTo(socket, buffers, count, bytes, 0, name, *name_length, overlapped, None),
            }
        })
    }
}

/// What an overlapped call says about its beginning. Also what has succeeded at once comes with the
/// event or the routine.
fn begun(result: i32) -> Attempt<()> {
    match result {
        0 => Ok(()),
        _ => match last() {
            codes::WSA_IO_PENDING => Ok(()),
            code => Err(code),
        },
    }
}

/// Sends without blocking what the system takes.
pub(super) fn send(raw: i32, message: NonNull<Message>) -> Attempt<usize> {
    let mut bytes = 0;
    // SAFETY: the message and its buffers are the operation's, which the caller has.
    unsafe { Call::of(message, false, 0).send(raw, &raw mut bytes, ptr::null_mut())? };
    Ok(bytes as usize)
}

/// Receives without blocking.
pub(super) fn receive(raw: i32, message: NonNull<Message>, peek: bool) -> Attempt<usize> {
    let mut bytes = 0;
    let flags = if peek { ws::MSG_PEEK as u32 } else { 0 };
    // SAFETY: as for `send`.
    unsafe {
        match Call::of(message, true, flags).receive(raw, &raw mut bytes, ptr::null_mut(), None) {
            Ok(()) => {}
            Err(codes::WSAEMSGSIZE) => note_truncated(message),
            Err(code) => return Err(code),
        }
    }
    Ok(bytes as usize)
}
