//! `TransmitFile` and `TransmitPackets`: one send, of memory and of files, that never has more than a part of a file in memory.

use super::super::operation::{Follow, Operation, Source};
use super::super::{SocketObject, call, lookup};
use super::disconnect::{self, Disconnect};
use super::source::{Pieces, Start};
use super::{is_connected, notice};
use crate::abi::{Bool, Dword, Handle, INVALID, Overlapped as Header, TRUE};
use crate::codes::*;
use crate::error::{Code, no};
use overlapped::face::operations::{End, More, Part};
use std::ptr;
use std::sync::Arc;

const TF_DISCONNECT: Dword = 0x01;
const TF_REUSE_SOCKET: Dword = 0x02;
const TF_WRITE_BEHIND: Dword = 0x04;
const TF_USE_SYSTEM_THREAD: Dword = 0x10;
const TF_USE_KERNEL_APC: Dword = 0x20;
const ALL: Dword = TF_DISCONNECT | TF_REUSE_SOCKET | TF_WRITE_BEHIND | TF_USE_SYSTEM_THREAD | TF_USE_KERNEL_APC;

/// `TRANSMIT_FILE_BUFFERS`.
#[repr(C)]
pub struct Buffers {
    head: *const u8,
    head_length: Dword,
    tail: *const u8,
    tail_length: Dword,
}

/// `TRANSMIT_PACKETS_ELEMENT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Element {
    flags: Dword,
    length: u32,
    /// The memory, or where in the file it begins.
    offset: i64,
    file: Handle,
}

const TP_ELEMENT_MEMORY: Dword = 1;
const TP_ELEMENT_FILE: Dword = 2;
const TP_ELEMENT_EOP: Dword = 4;

/// `TransmitFile`.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn TransmitFile(
    socket: Handle,
    file: Handle,
    bytes: Dword,
    _bytes_per_send: Dword,
    overlapped: *mut Header,
    buffers: *const Buffers,
    flags: Dword,
) -> Bool {
    // SAFETY: what the program promises of its pointers.
    let transmitted = connected(socket, flags).and_then(|socket| unsafe {
        let pieces = pieces(file, bytes, overlapped, buffers)?;
        transmit(socket, pieces, overlapped, flags)
    });
    transmitted.map_or_else(no, |()| TRUE)
}

/// `TransmitPackets`, of stream sockets: where a packet ends is nothing that they know.
pub unsafe extern "C-unwind" fn TransmitPackets(
    socket: Handle,
    elements: *const Element,
    count: Dword,
    _send_size: Dword,
    overlapped: *mut Header,
    flags: Dword,
) -> Bool {
    // SAFETY: what the program promises of its pointers.
    let transmitted = connected(socket, flags).and_then(|socket| unsafe {
        let pieces = packets(elements, count)?;
        transmit(socket, pieces, overlapped, flags)
    });
    transmitted.map_or_else(no, |()| TRUE)
}

fn connected(socket: Handle, flags: Dword) -> Result<Arc<SocketObject>, Code> {
    let socket = lookup(socket)?;
    if !socket.is_stream() || !is_connected(&socket) {
        return Err(WSAENOTCONN);
    }
    // A socket is used again after a disconnect only.
    if flags & !ALL != 0 || flags & (TF_DISCONNECT | TF_REUSE_SOCKET) == TF_REUSE_SOCKET {
        return Err(WSAEINVAL);
    }
    Ok(socket)
}

/// Head, file, tail.
///
/// # Safety
///
/// The pointers are null or the program's, which keeps what is to be sent until it is.
unsafe fn pieces(
    file: Handle,
    bytes: Dword,
    overlapped: *const Header,
    buffers: *const Buffers,
) -> Result<Pieces, Code> {
    let mut pieces = Pieces::default();
    // SAFETY: null or the program's; it need not be aligned.
    let buffers = (!buffers.is_null()).then(|| unsafe { ptr::read_unaligned(buffers) });
    if let Some(buffers) = &buffers {
        // SAFETY: the caller's promise.
        unsafe { pieces.memory(buffers.head, buffers.head_length) }?;
    }
    if file != 0 && file != INVALID {
        let start = if overlapped.is_null() {
            Start::Pointer
        } else {
            // SAFETY: the program's header.
            let (low, high) = unsafe { ((*overlapped).offset, (*overlapped).offset_high) };
            Start::At(u64::from(high) << 32 | u64::from(low))
        };
        pieces.file(file, start, bytes)?;
    } else if file == INVALID {
        return Err(ERROR_INVALID_HANDLE);
    }
    if let Some(buffers) = &buffers {
        // SAFETY: the caller's promise.
        unsafe { pieces.memory(buffers.tail, buffers.tail_length) }?;
    }
    Ok(pieces)
}

/// # Safety
///
/// The pointers are null or the program's, which keeps what is to be sent until it is.
unsafe fn packets(elements: *const Element, count: Dword) -> Result<Pieces, Code> {
    let mut pieces = Pieces::default();
    if elements.is_null() && count > 0 {
        return Err(WSAEFAULT);
    }
    for index in 0..count as usize {
        // SAFETY: there are so many; they need not be aligned.
        let element = unsafe { ptr::read_unaligned(elements.add(index)) };
        match element.flags & !TP_ELEMENT_EOP {
            TP_ELEMENT_MEMORY => {
                let place = ptr::with_exposed_provenance(element.offset as usize);
                // SAFETY: the caller's promise.
                unsafe { pieces.memory(place, element.length) }?;
            }
            TP_ELEMENT_FILE => {
                let start = u64::try_from(element.offset).map_or(Start::Pointer, Start::At);
                pieces.file(element.file, start, element.length)?;
            }
            _ => return Err(WSAEINVAL),
        }
    }
    Ok(pieces)
}

/// Sends all of it and tells the program how it asked to be told; without an `OVERLAPPED` when all is sent.
///
/// # Safety
///
/// The program keeps what is to be sent, and its header, until it is told.
unsafe fn transmit(
    socket: Arc<SocketObject>,
    mut pieces: Pieces,
    overlapped: *mut Header,
    flags: Dword,
) -> Result<(), Code> {
    let disconnects = flags & TF_DISCONNECT != 0;
    let reuse = flags & TF_REUSE_SOCKET != 0;
    if overlapped.is_null() {
        // SAFETY: the caller's promise.
        unsafe { transmit_now(&socket, &mut pieces) }?;
        return if disconnects { disconnect::end(&socket, reuse) } else { Ok(()) };
    }
    // SAFETY: the program keeps its header.
    let (header, notice) = unsafe { notice(&socket, overlapped) }?;
    let mut operation = Operation::new(socket, header, &notice);
    let (place, length) = match pieces.next() {
        More::Bytes(place, length) => (place, length),
        More::Failed(code) => return Err(code.unsigned_abs()),
        // A send of nothing ends in its turn, as any other.
        More::Nothing => (ptr::dangling(), 0),
    };
    operation.rare().source = Some(Box::new(pieces));
    let disconnect = disconnects.then(|| Disconnect { reuse, notice: notice.clone() });
    operation.rare().follow = Some(Box::new(Transmitted { disconnect }));
    let part = super::shape(move |operation: &mut Operation| Part::Send(&operation.engine, place, length));
    // SAFETY: what is in memory is the program's, which keeps it, or in the pieces' own, which the operation keeps.
    unsafe { operation.issue(part, &notice) }.map(|_| ())
}

/// # Safety
///
/// The program keeps what is to be sent.
unsafe fn transmit_now(socket: &SocketObject, pieces: &mut Pieces) -> Result<(), Code> {
    let (engine, timeout) = {
        let state = socket.state();
        (state.socket.clone(), state.send_timeout)
    };
    loop {
        let (place, length) = match pieces.next() {
            More::Bytes(place, length) => (place, length),
            More::Failed(code) => return Err(code.unsigned_abs()),
            More::Nothing => return Ok(()),
        };
        let part = call::shape(move |engine| Part::Send(engine, place, length));
        // SAFETY: the caller's promise; the pieces' own memory lives for the call.
        let outcome = unsafe { call::await_end(&engine, timeout, part) }?;
        outcome.result.unwrap_or(Err(WSA_OPERATION_ABORTED))?;
    }
}

/// What is left to do when all is sent.
struct Transmitted {
    disconnect: Option<Disconnect>,
}

impl Follow for Transmitted {
    fn follow(self: Box<Self>, operation: &mut Operation, end: &mut End<'_>) -> Option<Result<usize, Code>> {
        if let Err(code) = end.bytes() {
            return Some(Err(code.unsigned_abs()));
        }
        let total = operation.source().map_or(0, Source::total);
        match self.disconnect {
            Some(disconnect) => {
                disconnect.after(operation, end, total);
                None
            }
            None => Some(Ok(total)),
        }
    }
}
