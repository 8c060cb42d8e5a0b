//! Modes and questions: `ioctlsocket` and `WSAIoctl`.

mod addresses;
mod modes;

use super::issue::notice;
use super::operation::{Operation, Routine};
use super::{SocketObject, extensions, lookup, rio};
use crate::abi::{Dword, Guid, Handle, Overlapped as Header};
use crate::codes::*;
use crate::error::{Code, code, socket_result};
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

const FIONBIO: u32 = 0x8004_667E;
const FIONREAD: u32 = 0x4004_667F;
const SIOCATMARK: u32 = 0x4004_7307;
const SIO_GET_INTERFACE_LIST: u32 = 0x4004_747F;
const SIO_GET_BROADCAST_ADDRESS: u32 = 0x4800_0005;
const SIO_ADDRESS_LIST_QUERY: u32 = 0x4800_0016;
const SIO_BSP_HANDLE: u32 = 0x4800_001B;
const SIO_BSP_HANDLE_SELECT: u32 = 0x4800_001C;
const SIO_BSP_HANDLE_POLL: u32 = 0x4800_001D;
const SIO_BASE_HANDLE: u32 = 0x4800_0022;
const SIO_KEEPALIVE_VALS: u32 = 0x9800_0004;
const SIO_UDP_CONNRESET: u32 = 0x9800_000C;
const SIO_UDP_NETRESET: u32 = 0x9800_000F;
const SIO_LOOPBACK_FAST_PATH: u32 = 0x9800_0010;
const SIO_GET_EXTENSION_FUNCTION_POINTER: u32 = 0xC800_0006;
const SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER: u32 = 0xC800_0024;
const SIO_ROUTING_INTERFACE_QUERY: u32 = 0xC800_0014;

/// `ioctlsocket`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ioctlsocket(socket: Handle, command: i32, argument: *mut u32) -> i32 {
    socket_result(lookup(socket).and_then(|socket| {
        if argument.is_null() {
            return Err(WSAEFAULT);
        }
        let answer = match command as u32 {
            FIONBIO => {
                // SAFETY: not null, so it is the program's number; it need not be aligned.
                let on = unsafe { argument.read_unaligned() } != 0;
                return modes::set_nonblocking(&socket, on);
            }
            FIONREAD => modes::available(&socket)?,
            SIOCATMARK => modes::at_mark(&socket)?.into(),
            _ => return Err(WSAEINVAL),
        };
        // SAFETY: as above.
        unsafe { argument.write_unaligned(answer) };
        Ok(())
    }))
}

/// `WSAIoctl`. Nothing here takes time: it is done when it returns, and an `OVERLAPPED` is told at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn WSAIoctl(
    socket: Handle,
    command: Dword,
    input: *const u8,
    input_size: Dword,
    output: *mut u8,
    output_size: Dword,
    bytes: *mut Dword,
    overlapped: *mut Header,
    routine: Option<Routine>,
) -> i32 {
    socket_result(lookup(socket).and_then(|object| {
        let overlapped = NonNull::new(overlapped).filter(|_| object.overlapped);
        if bytes.is_null() && overlapped.is_none() {
            return Err(WSAEFAULT);
        }
        let input = match input.is_null() {
            true => &[],
            // SAFETY: the program's bytes, as many as it says.
            false => unsafe { std::slice::from_raw_parts(input, input_size as usize) },
        };
        let room = if output.is_null() { 0 } else { output_size as usize };
        // An answer of this machine's addresses holds pointers into itself.
        let answer = answer(&object, socket, command, input, output.addr())?;
        let written = answer.len() as Dword;
        if room < answer.len() {
            // Whoever asks for a list learns how much room it takes.
            if command == SIO_ADDRESS_LIST_QUERY && !bytes.is_null() {
                // SAFETY: not null, so it is the program's number.
                unsafe { bytes.write_unaligned(written) };
            }
            return Err(WSAEFAULT);
        }
        if !answer.is_empty() {
            // SAFETY: there is so much room.
            unsafe { output.copy_from_nonoverlapping(answer.as_ptr(), answer.len()) };
        }
        if !bytes.is_null() {
            // SAFETY: not null, so it is the program's number.
            unsafe { bytes.write_unaligned(written) };
        }
        if let Some(header) = overlapped {
            // SAFETY: the program keeps the header.
            let notice = unsafe { notice(&object, header, routine) }?;
            Operation::new(Arc::clone(&object), header, &notice).end_at_once(answer.len(), &notice);
        }
        Ok(())
    }))
}

/// Does what a command says, and gives what is to be written.
fn answer(
    socket: &Arc<SocketObject>,
    handle: Handle,
    command: Dword,
    input: &[u8],
    place: usize,
) -> Result<Vec<u8>, Code> {
    Ok(match command {
        FIONBIO => {
            modes::set_nonblocking(socket, number(input, 0)? != 0)?;
            Vec::new()
        }
        FIONREAD => modes::available(socket)?.to_ne_bytes().to_vec(),
        SIOCATMARK => u32::from(modes::at_mark(socket)?).to_ne_bytes().to_vec(),
        SIO_GET_EXTENSION_FUNCTION_POINTER => extensions::answer(guid(input)?)?,
        SIO_GET_MULTIPLE_EXTENSION_FUNCTION_POINTER => rio::answer(guid(input)?)?,
        SIO_BASE_HANDLE | SIO_BSP_HANDLE | SIO_BSP_HANDLE_SELECT | SIO_BSP_HANDLE_POLL => handle.to_ne_bytes().to_vec(),
        SIO_KEEPALIVE_VALS if socket.is_stream() => {
            keep_alive(socket, number(input, 0)? != 0, number(input, 4)?, number(input, 8)?)?;
            Vec::new()
        }
        SIO_UDP_CONNRESET | SIO_UDP_NETRESET if !socket.is_stream() => {
            let on = number(input, 0)? != 0;
            if command == SIO_UDP_CONNRESET {
                socket.state().settings.hides_resets = !on;
            }
            Vec::new()
        }
        // Loopback has no slow path here.
        SIO_LOOPBACK_FAST_PATH if socket.is_stream() => {
            number(input, 0)?;
            Vec::new()
        }
        SIO_GET_BROADCAST_ADDRESS if !socket.is_stream() => addresses::broadcast(socket)?,
        SIO_ADDRESS_LIST_QUERY => addresses::list(socket, place),
        SIO_GET_INTERFACE_LIST => addresses::interfaces(),
        SIO_ROUTING_INTERFACE_QUERY => addresses::route(socket, input)?,
        _ => return Err(WSAEOPNOTSUPP),
    })
}

/// A number of the input.
fn number(input: &[u8], at: usize) -> Result<u32, Code> {
    let bytes = input.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map(u32::from_ne_bytes).ok_or(WSAEFAULT)
}

fn guid(input: &[u8]) -> Result<Guid, Code> {
    if input.len() < size_of::<Guid>() {
        return Err(WSAEFAULT);
    }
    // SAFETY: there are as many bytes, and any are a GUID; they need not be aligned.
    Ok(unsafe { input.as_ptr().cast::<Guid>().read_unaligned() })
}

/// `SIO_KEEPALIVE_VALS`, in milliseconds; the system counts whole seconds.
fn keep_alive(socket: &SocketObject, on: bool, idle: u32, interval: u32) -> Result<(), Code> {
    let engine = socket.socket();
    if on {
        let seconds = |milliseconds: u32| Duration::from_secs(u64::from(milliseconds).div_ceil(1000).max(1));
        engine.set_keepalive_times(seconds(idle), seconds(interval)).map_err(|error| code(&error))?;
    }
    engine.set_keepalive(on).map_err(|error| code(&error))
}
