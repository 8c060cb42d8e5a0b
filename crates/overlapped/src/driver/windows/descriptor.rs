//! What a socket is to Windows.

use super::codes::succeeded;
use crate::driver::{Attempt, Descriptor};
use crate::socket::Socket;
use socket2::SockRef;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, OwnedSocket, RawSocket};
use std::ptr;
use windows_sys::Win32::Networking::WinSock as ws;

/// The owner of a socket.
pub(crate) type Handle = OwnedSocket;

/// The number that stands for a socket: of a handle only 32 bits are significant.
pub(crate) fn raw(handle: &Handle) -> i32 {
    number(handle.as_raw_socket() as ws::SOCKET)
}

pub(super) fn number(socket: ws::SOCKET) -> i32 {
    socket as u32 as i32
}

pub(super) fn socket_of(raw: i32) -> ws::SOCKET {
    raw as u32 as ws::SOCKET
}

/// The socket that the caller keeps open.
pub(super) fn borrow<'a>(raw: i32) -> BorrowedSocket<'a> {
    // SAFETY: the number comes from a `Socket`'s handle, which closes with its last owner only: the
    // caller is one, or has an operation of one.
    unsafe { BorrowedSocket::borrow_raw(socket_of(raw) as RawSocket) }
}

/// Two sockets that are connected to each other.
pub(crate) fn pair() -> io::Result<(Handle, Handle)> {
    let door = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let one = TcpStream::connect(door.local_addr()?)?;
    loop {
        let (other, from) = door.accept()?;
        // Anybody on this machine may have been faster.
        if from == one.local_addr()? {
            one.set_nodelay(true)?;
            other.set_nodelay(true)?;
            return Ok((one.into(), other.into()));
        }
    }
}

/// Whether it listens.
pub(crate) fn is_listener(handle: &Handle) -> bool {
    let mut listens = 0i32;
    let mut length = size_of::<i32>() as i32;
    let socket = handle.as_raw_socket() as ws::SOCKET;
    // SAFETY: the value is an integer of the size that is given.
    let got = unsafe {
        ws::getsockopt(socket, ws::SOL_SOCKET, ws::SO_ACCEPTCONN, (&raw mut listens).cast(), &raw mut length)
    };
    got == 0 && listens != 0
}

/// Nobody else may bind the port, as a server on Windows should have it (`SO_EXCLUSIVEADDRUSE`).
///
/// A closed connection that lingers is no obstacle to the next server; one that a process still has
/// open, accepted from the listener that is gone, is.
pub(crate) fn prepare_listener(socket: &socket2::Socket) -> io::Result<()> {
    let on = 1i32;
    let socket = socket.as_raw_socket() as ws::SOCKET;
    // SAFETY: the value is an integer of the size that is given.
    let set = unsafe {
        ws::setsockopt(socket, ws::SOL_SOCKET, ws::SO_EXCLUSIVEADDRUSE, (&raw const on).cast(), size_of::<i32>() as i32)
    };
    if set == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A datagram to nobody must not end the receive of what others send.
pub(crate) fn prepare_datagrams(socket: &socket2::Socket) -> io::Result<()> {
    match report_refusals(raw_of(socket), false) {
        Ok(()) => Ok(()),
        Err(_) => Err(io::Error::last_os_error()),
    }
}

fn raw_of(socket: &socket2::Socket) -> i32 {
    number(socket.as_raw_socket() as ws::SOCKET)
}

/// Whether a datagram that nobody took makes a later receive fail with `WSAECONNRESET`
/// (`SIO_UDP_CONNRESET`).
pub(super) fn report_refusals(raw: i32, on: bool) -> Attempt<()> {
    let on = i32::from(on);
    let mut bytes = 0;
    // SAFETY: the value is a BOOL of the size that is given.
    succeeded(unsafe {
        ws::WSAIoctl(
            socket_of(raw),
            ws::SIO_UDP_CONNRESET,
            (&raw const on).cast(),
            size_of::<i32>() as u32,
            ptr::null_mut(),
            0,
            &raw mut bytes,
            ptr::null_mut(),
            None,
        )
    })
}

/// The size that was asked for.
pub(crate) fn buffer_size(reported: usize) -> usize {
    reported
}

/// Whether it is a socket of IPv6, bound or not.
pub(crate) fn is_v6(socket: &SockRef<'_>) -> io::Result<bool> {
    let mut info = ws::WSAPROTOCOL_INFOW::default();
    let mut length = size_of::<ws::WSAPROTOCOL_INFOW>() as i32;
    let socket = socket.as_raw_socket() as ws::SOCKET;
    // SAFETY: the value is a structure of the size that is given.
    let got = unsafe {
        ws::getsockopt(socket, ws::SOL_SOCKET, ws::SO_PROTOCOL_INFOW, (&raw mut info).cast(), &raw mut length)
    };
    if got == 0 { Ok(info.iAddressFamily == i32::from(ws::AF_INET6)) } else { Err(io::Error::last_os_error()) }
}

/// Makes an accepted socket a full one, with a name and a peer.
pub(super) fn update_accepted(accepted: &socket2::Socket, listener: i32) -> Attempt<()> {
    let listener = socket_of(listener);
    // SAFETY: the value is the listener's handle.
    succeeded(unsafe {
        ws::setsockopt(
            accepted.as_raw_socket() as ws::SOCKET,
            ws::SOL_SOCKET,
            ws::SO_UPDATE_ACCEPT_CONTEXT,
            (&raw const listener).cast(),
            size_of::<ws::SOCKET>() as i32,
        )
    })
}

/// # Panics
///
/// If the socket is one of the scripted driver.
impl AsSocket for Socket {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        match self.inner().descriptor() {
            Descriptor::System(handle) => handle.as_socket(),
            Descriptor::Scripted(_) => panic!("a socket of the scripted driver has no handle"),
        }
    }
}
