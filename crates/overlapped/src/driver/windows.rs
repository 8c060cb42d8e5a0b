//! Windows: Winsock itself, behind the same contract.
//!
//! | what the library asks for | what Windows is asked for |
//! |---|---|
//! | a receive with a routine | `WSARecv` with a completion routine: a real APC of the thread |
//! | a receive on an event | `WSARecv` with a real event |
//! | accept, connect | `AcceptEx`, `ConnectEx` with a real event: they take no routine |
//! | the rest of a send | `WSASend` with a real event, issued by the [sender](sender) |
//! | to block | one wait for multiple objects, alertable in a thread's own driver |
//!
//! The APC only notes the result; the program's routine runs in the library's alertable waits. So
//! nothing of the program runs if it waits alertably with Win32 itself, or in a blocking socket
//! call, which is an alertable wait too.
//!
//! Every socket is overlapped and in non-blocking mode: the calls that are made at once do not
//! block, and the overlapped ones pend all the same.

mod bare;
mod choice;
mod codes;
mod descriptor;
mod driver;
mod extensions;
mod gate;
mod message;
mod process;
mod select;
mod sender;
mod sleeper;
mod slot;
mod watches;
mod window;
mod wine;

pub(crate) use bare::Bare;
pub(in crate::driver) use choice::{decide, release};
pub(crate) use codes::code;
pub(crate) use descriptor::{Handle, buffer_size, is_listener, is_v6, pair, prepare_datagrams, prepare_listener, raw};
pub(crate) use message::{Header, Slice};
pub(crate) use process::{is_first_thread, on_fork, process_ends};
pub(crate) use select::{LOOKS_ARE_CHEAPER, Watched};
pub(crate) use sleeper::Sleeper;

use super::{Attempt, Descriptor, Driver, Gate, System, Watch};
use crate::codes as winsock;
use crate::message::{MOST, Message};
use crate::network::{Held, NetworkEvents};
use crate::socket::{Inner, Shutdown};
use crate::sync::real::lock;
use codes::{failed, last, succeeded};
use descriptor::{borrow, report_refusals, socket_of};
use socket2::{SockRef, Type};
use std::collections::BTreeMap;
use std::io::IoSlice;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::windows::io::{FromRawSocket, OwnedSocket, RawSocket};
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;
use windows_sys::Win32::Networking::WinSock as ws;

/// No leader of the hub steps down: who then guards would look each tick of the system's clock, which is 16 milliseconds.
pub(crate) const PATIENCE: Option<u32> = None;

struct Winsock;

/// Where the sockets that connect are to go: from `System::connect` until it is over, as an
/// `Io::Connect` may be started again.
static CONNECTS: Mutex<BTreeMap<i32, SocketAddr>> = Mutex::new(BTreeMap::new());

/// Where a socket is to connect to.
fn destination(raw: i32) -> Option<SocketAddr> {
    lock(&CONNECTS).get(&raw).copied()
}

fn forget_destination(raw: i32) {
    lock(&CONNECTS).remove(&raw);
}

impl System for Winsock {
    fn driver(&self, shared: bool) -> Attempt<(Box<dyn Driver>, Arc<dyn Gate>)> {
        let gate = Arc::new(gate::Gate::new(!shared)?);
        Ok((Box::new(driver::Overlapping::new(Arc::clone(&gate))), gate))
    }

    fn send(&self, raw: i32, bytes: &[u8]) -> Attempt<usize> {
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        // SAFETY: the bytes are only read, during the call.
        match unsafe { ws::send(socket_of(raw), bytes.as_ptr(), length, 0) } {
            sent if sent >= 0 => Ok(sent as usize),
            _ => Err(last()),
        }
    }

    fn send_message(&self, raw: i32, message: NonNull<Message>) -> Attempt<usize> {
        message::send(raw, message)
    }

    fn send_vectored(&self, raw: i32, buffers: &[IoSlice<'_>]) -> Attempt<usize> {
        let mut sent = 0;
        let count = buffers.len().min(MOST) as u32;
        // SAFETY: an `IoSlice` is a `WSABUF` by the promise of the standard library; the bytes are only read, during the call.
        succeeded(unsafe {
            ws::WSASend(socket_of(raw), buffers.as_ptr().cast(), count, &raw mut sent, 0, ptr::null_mut(), None)
        })?;
        Ok(sent as usize)
    }

    fn receive(&self, raw: i32, buffer: &mut [u8]) -> Attempt<usize> {
        let length = i32::try_from(buffer.len()).unwrap_or(i32::MAX);
        // SAFETY: no more than the buffer is written to, during the call.
        match unsafe { ws::recv(socket_of(raw), buffer.as_mut_ptr(), length, 0) } {
            received if received >= 0 => Ok(received as usize),
            _ => Err(last()),
        }
    }

    fn receive_message(&self, raw: i32, message: NonNull<Message>, peek: bool) -> Attempt<usize> {
        message::receive(raw, message, peek)
    }

    fn accept(&self, raw: i32) -> Attempt<i32> {
        // SAFETY: nobody asks for the address.
        match unsafe { ws::accept(socket_of(raw), ptr::null_mut(), ptr::null_mut()) } {
            ws::INVALID_SOCKET => Err(last()),
            socket => Ok(descriptor::number(socket)),
        }
    }

    fn connect(&self, raw: i32, to: SocketAddr) -> Attempt<bool> {
        let socket = borrow(raw);
        let socket = SockRef::from(&socket);
        if to.port() == 0 {
            return Err(winsock::WSAEADDRNOTAVAIL);
        }
        if socket.r#type().map_err(failed)? == Type::DGRAM {
            // Nothing is sent, so nothing is waited for. What the peer refuses is told of, as on Linux.
            socket.connect(&to.into()).map_err(failed)?;
            let _ = report_refusals(raw, true);
            return Ok(true);
        }
        if socket.peer_addr().is_ok() {
            return Err(winsock::WSAEISCONN);
        }
        // `ConnectEx` wants a bound socket; one that is not has no address.
        if socket.local_addr().is_err() {
            let anywhere = match to {
                SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
                SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            };
            socket.bind(&anywhere.into()).map_err(failed)?;
        }
        lock(&CONNECTS).insert(raw, to);
        Ok(false)
    }

    fn connected(&self, raw: i32) -> Attempt<()> {
        forget_destination(raw);
        // Without it the socket has no peer's name and cannot be shut down.
        // SAFETY: the option has no value.
        succeeded(unsafe {
            ws::setsockopt(socket_of(raw), ws::SOL_SOCKET, ws::SO_UPDATE_CONNECT_CONTEXT, ptr::null(), 0)
        })
    }

    fn connect_alone(&self, raw: i32, to: SocketAddr) -> Attempt<()> {
        let socket = borrow(raw);
        let socket = SockRef::from(&socket);
        if socket.r#type().map_err(failed)? == Type::DGRAM {
            return self.connect(raw, to).map(drop);
        }
        if to.port() == 0 {
            return Err(winsock::WSAEADDRNOTAVAIL);
        }
        match socket.connect(&to.into()).map_err(failed) {
            Err(winsock::WSAEWOULDBLOCK) => Ok(()),
            begun => begun,
        }
    }

    fn connect_ended(&self, raw: i32) -> Attempt<()> {
        select::connect_ended(raw)
    }

    fn disconnect(&self, raw: i32) {
        // A connection is reset with its handle only.
        forget_destination(raw);
    }

    fn has_peer(&self, raw: i32) -> bool {
        SockRef::from(&borrow(raw)).peer_addr().is_ok()
    }

    fn peek(&self, raw: i32) -> Attempt<()> {
        let mut byte = 0u8;
        // SAFETY: one byte is written to at most, during the call.
        match unsafe { ws::recv(socket_of(raw), &raw mut byte, 1, ws::MSG_PEEK) } {
            taken if taken >= 0 => Ok(()),
            _ => match last() {
                // A datagram that does not fit is one that is there.
                winsock::WSAEMSGSIZE => Ok(()),
                code => Err(code),
            },
        }
    }

    fn records(&self) -> bool {
        true
    }

    fn recorded(&self, raw: i32) -> Held {
        watches::recorded(raw)
    }

    fn wake_listener(&self, raw: i32) -> bool {
        wine::wake_listener(raw)
    }

    fn prepare_messages(&self) -> Attempt<()> {
        window::window().map(drop)
    }

    fn select_messages(&self, raw: i32, socket: &Weak<Inner>, events: NetworkEvents) -> Attempt<()> {
        window::select(raw, socket, events)
    }

    fn forget_messages(&self, raw: i32) {
        window::forget(raw);
    }

    fn end_messages(&self, raw: i32) {
        window::end(raw);
    }

    fn select(&self, watched: &mut [Watch], sets: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
        select::select(watched, sets, timeout)
    }

    fn poll(&self, watched: &mut [Watch], sets: &mut Watched, timeout: Option<Duration>) -> Attempt<()> {
        select::poll(watched, sets, timeout)
    }

    fn shutdown(&self, raw: i32, how: Shutdown) -> Attempt<()> {
        let how = match how {
            Shutdown::Receive => ws::SD_RECEIVE,
            Shutdown::Send => ws::SD_SEND,
            Shutdown::Both => ws::SD_BOTH,
        };
        // SAFETY: plain numbers.
        succeeded(unsafe { ws::shutdown(socket_of(raw), how) })
    }

    fn take_over(&self, raw: i32) {
        // Fails only for a number that is no socket.
        let _ = SockRef::from(&borrow(raw)).set_nonblocking(true);
    }

    fn closing(&self, raw: i32) {
        // One that is to linger is not closed at all in non-blocking mode.
        if SockRef::from(&borrow(raw)).linger().is_ok_and(|linger| linger.is_some_and(|time| !time.is_zero())) {
            self.set_blocking(raw);
        }
    }

    fn set_blocking(&self, raw: i32) {
        let _ = SockRef::from(&borrow(raw)).set_nonblocking(false);
    }

    fn accepted(&self, raw: i32) -> Descriptor {
        // SAFETY: the driver has given the socket up with the accept, whose outcome is taken once.
        Descriptor::System(unsafe { OwnedSocket::from_raw_socket(socket_of(raw) as RawSocket) })
    }
}
