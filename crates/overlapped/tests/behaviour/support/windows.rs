//! What the tests ask of Windows beside the library.

use std::net::{SocketAddr, TcpStream};
use std::os::windows::io::{AsRawSocket, AsSocket, BorrowedSocket, RawSocket};
use std::ptr;
use std::thread;
use std::time::Duration;

use overlapped::Socket;
use windows_sys::Win32::Networking::WinSock as ws;
use windows_sys::Win32::System::LibraryLoader::{GetModuleHandleA, GetProcAddress};

pub(crate) fn skip_without_driver() {}

/// Returns when all that `peer` wrote is in the other end's socket: acknowledged.
pub(crate) fn delivered(peer: &TcpStream) {
    let (version, mut bytes) = (0u32, 0);
    let mut info = ws::TCP_INFO_v0::default();
    loop {
        // SAFETY: version and structure have the sizes that are given.
        let asked = unsafe {
            ws::WSAIoctl(
                peer.as_raw_socket() as ws::SOCKET,
                ws::SIO_TCP_INFO,
                (&raw const version).cast(),
                size_of::<u32>() as u32,
                (&raw mut info).cast(),
                size_of::<ws::TCP_INFO_v0>() as u32,
                &raw mut bytes,
                ptr::null_mut(),
                None,
            )
        };
        match asked {
            0 if info.BytesInFlight == 0 => return,
            0 => thread::yield_now(),
            // Wine does not tell. On a loopback interface it is a matter of microseconds.
            _ => return thread::sleep(Duration::from_millis(20)),
        }
    }
}

/// Whether Windows is but acted, where some things differ.
pub(crate) fn is_wine() -> bool {
    // SAFETY: both names end with a zero; the library is loaded in every process.
    unsafe { GetProcAddress(GetModuleHandleA(c"ntdll.dll".as_ptr().cast()), c"wine_get_version".as_ptr().cast()) }
        .is_some()
}

/// Another handle of the same connection, as a socket of its own.
pub(crate) fn duplicate(socket: &Socket) -> Socket {
    Socket::from(socket.as_socket().try_clone_to_owned().expect("room for a handle"))
}

/// How many handles a crowd has: more than fit into one wait.
pub(crate) fn crowd() -> usize {
    200
}

/// A connection by its handle's number, which may be used again, and its peer.
pub(crate) struct Open(RawSocket, Option<SocketAddr>);

impl Open {
    pub(crate) fn of(socket: &Socket) -> Self {
        let raw = socket.as_socket().as_raw_socket();
        Self(raw, peer_of(raw))
    }

    pub(crate) fn is_open(&self) -> bool {
        peer_of(self.0) == self.1
    }
}

fn peer_of(raw: RawSocket) -> Option<SocketAddr> {
    // SAFETY: the number is only asked about, which fails if it is none of a socket.
    let socket = unsafe { BorrowedSocket::borrow_raw(raw) };
    socket2::SockRef::from(&socket).peer_addr().ok()?.as_socket()
}
