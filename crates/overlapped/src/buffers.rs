//! Several buffers in one operation.

use crate::message::{Flags, Message, Slice, Slices};
use crate::socket::Socket;
use std::fmt;
use std::marker::PhantomData;
use std::net::SocketAddr;

/// What a receive fills: a socket, buffers in order, and how (the `WSABUF` array and the flags of `WSARecv`).
///
/// Made inside an issue, from borrows of the program's value. Up to eight buffers need no allocation; a datagram
/// has at most 1024, else it fails with `WSAENOBUFS`.
///
/// ```
/// use overlapped::{alertable, Overlapped, Scatter, Socket};
/// use std::io::Write;
///
/// struct Packet {
///     socket: Socket,
///     header: [u8; 4],
///     body: [u8; 1000],
/// }
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
/// let socket = Socket::from(listener.accept()?.0);
///
/// Overlapped::new(Packet { socket, header: [0; 4], body: [0; 1000] }).recv_scatter(
///     |packet| Scatter::new(&packet.socket).buffer(&mut packet.header).buffer(&mut packet.body),
///     |packet, done| {
///         assert_eq!(done.unwrap().bytes, 9);
///         assert_eq!((&packet.header, &packet.body[..5]), (b"head", &b"hello"[..]));
///     },
/// );
/// peer.write_all(b"headhello")?;
/// alertable::sleep(None)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it does nothing by itself"]
pub struct Scatter<'a> {
    pub(crate) socket: &'a Socket,
    slices: Slices,
    pub(crate) flags: Flags,
    borrows: PhantomData<&'a mut [u8]>,
}

impl<'a> Scatter<'a> {
    /// A receive on `socket` without a buffer yet.
    pub fn new(socket: &'a Socket) -> Self {
        Self { socket, slices: Slices::new(), flags: Flags::default(), borrows: PhantomData }
    }

    /// A receive into one buffer that is known by its place.
    pub(crate) fn raw(socket: &'a Socket, buffer: *mut u8, length: usize) -> Self {
        let mut scatter = Self::new(socket);
        scatter.slices.push(Slice::new(buffer, length));
        scatter
    }

    /// The next buffer, known by its place.
    ///
    /// # Safety
    ///
    /// The memory stays valid until the operation has ended.
    #[doc(hidden)]
    pub unsafe fn place(mut self, buffer: *mut u8, length: usize) -> Self {
        self.slices.push(Slice::new(buffer, length));
        self
    }

    /// The next buffer: it is filled when those before it are full.
    pub fn buffer(mut self, buffer: &'a mut [u8]) -> Self {
        self.slices.push(Slice::new(buffer.as_mut_ptr(), buffer.len()));
        self
    }

    /// Leaves the data in the socket (`MSG_PEEK`).
    pub fn peek(mut self) -> Self {
        self.flags.peek = true;
        self
    }

    /// Completes when all buffers are full, the stream ends, or an error occurs (`MSG_WAITALL`). Without a
    /// meaning for datagrams.
    pub fn wait_all(mut self) -> Self {
        self.flags.wait_all = true;
        self
    }

    /// Tells who sent it.
    pub(crate) fn sender(mut self) -> Self {
        self.flags.sender = true;
        self
    }

    /// Makes it the message of an operation; how many bytes it has room for.
    pub(crate) fn fill(mut self, message: &mut Message) -> usize {
        // A count must fit into a result.
        let bytes = self.slices.cut(i32::MAX as usize);
        message.fill(self.slices, self.flags, None);
        bytes
    }
}

/// What a send sends: a socket, buffers in order, and where to (the `WSABUF` array and the address of `WSASendTo`).
///
/// Made inside an issue, from borrows of the program's value. Up to eight buffers need no allocation; a datagram
/// has at most 1024, else it fails with `WSAENOBUFS`.
///
/// ```
/// use overlapped::{alertable, Gather, Overlapped, Socket};
/// use std::io::Read;
///
/// struct Packet {
///     socket: Socket,
///     header: [u8; 4],
///     body: Vec<u8>,
/// }
///
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let mut peer = std::net::TcpStream::connect(listener.local_addr()?)?;
/// let socket = Socket::from(listener.accept()?.0);
///
/// Overlapped::new(Packet { socket, header: *b"head", body: b"hello".to_vec() }).send_gather(
///     |packet| Gather::new(&packet.socket).buffer(&packet.header).buffer(&packet.body),
///     |_packet, done| assert_eq!(done.unwrap().bytes, 9),
/// );
/// alertable::sleep(None)?;
/// let mut read = [0; 9];
/// peer.read_exact(&mut read)?;
/// assert_eq!(&read, b"headhello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "it does nothing by itself"]
pub struct Gather<'a> {
    pub(crate) socket: &'a Socket,
    slices: Slices,
    to: Option<SocketAddr>,
    borrows: PhantomData<&'a [u8]>,
}

impl<'a> Gather<'a> {
    /// A send on `socket` without a buffer yet.
    pub fn new(socket: &'a Socket) -> Self {
        Self { socket, slices: Slices::new(), to: None, borrows: PhantomData }
    }

    /// The next buffer, known by its place.
    ///
    /// # Safety
    ///
    /// The memory stays valid until the operation has ended.
    #[doc(hidden)]
    pub unsafe fn place(mut self, buffer: *const u8, length: usize) -> Self {
        self.slices.push(Slice::new(buffer.cast_mut(), length));
        self
    }

    /// The next buffer.
    pub fn buffer(mut self, buffer: &'a [u8]) -> Self {
        self.slices.push(Slice::new(buffer.as_ptr().cast_mut(), buffer.len()));
        self
    }

    /// Where a datagram goes; a connected socket needs none.
    pub fn to(mut self, address: SocketAddr) -> Self {
        self.to = Some(address);
        self
    }

    /// Makes it the message of an operation; how many bytes it has.
    pub(crate) fn fill(self, message: &mut Message) -> usize {
        let bytes = self.slices.bytes();
        message.fill(self.slices, Flags::default(), self.to);
        bytes
    }
}

impl fmt::Debug for Scatter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scatter").field("bytes", &self.slices.bytes()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Gather<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather").field("bytes", &self.slices.bytes()).field("to", &self.to).finish_non_exhaustive()
    }
}
