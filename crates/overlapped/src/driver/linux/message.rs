//! Messages as Linux has them: `struct iovec` and `struct msghdr`.

use super::codes::failed;
use crate::driver::Attempt;
use crate::message::{MOST, Message};
use std::io;
use std::ptr::{self, NonNull};

/// One buffer: the kernel's `struct iovec`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Slice(libc::iovec);

impl Slice {
    pub(crate) fn new(pointer: *mut u8, length: usize) -> Self {
        Self(libc::iovec { iov_base: pointer.cast(), iov_len: length })
    }

    pub(crate) fn pointer(&self) -> *mut u8 {
        self.0.iov_base.cast()
    }

    pub(crate) fn length(&self) -> usize {
        self.0.iov_len
    }

    /// Leaves out the first bytes, no more than it has.
    pub(crate) fn advance(&mut self, bytes: usize) {
        *self = Self::new(self.pointer().wrapping_add(bytes), self.length() - bytes);
    }
}

/// What the kernel reads and writes: it points into its message.
pub(crate) struct Header(libc::msghdr);

impl Header {
    pub(crate) fn new() -> Self {
        // SAFETY: a structure of numbers and pointers; all zero is an empty one.
        Self(unsafe { std::mem::zeroed() })
    }
}

/// The header of a message for a call of the kernel. Valid as long as the message is, and nobody changes it.
pub(super) fn header(message: NonNull<Message>, receives: bool) -> *mut libc::msghdr {
    let raw = message.as_ptr();
    // SAFETY: whoever has the operation has its message, and it is the caller.
    let message = unsafe { &mut *raw };
    let named = if receives { message.flags.sender } else { message.name_length > 0 };
    let rest = message.rest();
    let (slices, count) = (rest.as_mut_ptr().cast(), rest.len());
    let name = ptr::from_mut(&mut message.name).cast();
    let length = if receives { message.name.size_of() } else { message.name_length };
    let header = &mut message.header.0;
    header.msg_name = if named { name } else { ptr::null_mut() };
    header.msg_namelen = if named { length } else { 0 };
    header.msg_iov = slices;
    header.msg_iovlen = count.min(MOST) as _;
    header.msg_flags = 0;
    // From the raw pointer: the kernel uses the whole message.
    // SAFETY: as above.
    unsafe { &raw mut (*raw).header.0 }
}

impl Message {
    /// After a receive: whether the datagram was longer than the buffers. Notes who sent it.
    pub(crate) fn received(&mut self) -> bool {
        self.name_length = if self.flags.sender { self.header.0.msg_namelen } else { 0 };
        self.header.0.msg_flags & libc::MSG_TRUNC != 0
    }
}

/// Sends without blocking what the kernel takes.
pub(super) fn send(raw: i32, message: NonNull<Message>) -> Attempt<usize> {
    let header = header(message, false);
    // SAFETY: the header points into the message and to buffers of the operation, which the caller has.
    let sent = unsafe { libc::sendmsg(raw, header, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) };
    usize::try_from(sent).map_err(|_| failed(io::Error::last_os_error()))
}

/// Receives without blocking.
pub(super) fn receive(raw: i32, message: NonNull<Message>, peek: bool) -> Attempt<usize> {
    let header = header(message, true);
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC | if peek { libc::MSG_PEEK } else { 0 };
    // SAFETY: as for `send`.
    let received = unsafe { libc::recvmsg(raw, header, flags) };
    usize::try_from(received).map_err(|_| failed(io::Error::last_os_error()))
}
