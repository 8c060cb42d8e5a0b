//! The Windows Overlapped I/O model as a Rust library: event objects, completion routines with
//! APC queues and alertable waits, completion ports, natively on Linux (io_uring, with epoll where it is missing) and on
//! Windows (Winsock itself), over TCP and UDP. The older models are here as well ([`readiness`], [`network`] events,
//! [`messages`]), and [`server`] runs one handler on any of the six. The [`guide`] has a chapter for each.
//!
//! An operation is *issued* with an [`Overlapped<T>`](Overlapped): one allocation that holds the
//! operation's header and the program's own session. It moves into the library and comes back,
//! typed, with the completion, so nobody can touch or free the buffer while the kernel writes
//! into it. How the program learns of the completion is its *delivery*:
//!
//! | delivery | issued with | the program is told by | Winsock |
//! |---|---|---|---|
//! | routine | [`Overlapped::recv`], [`send`](Overlapped::send), [`accept`](Overlapped::accept), [`connect`](Overlapped::connect) | a function that runs on the issuing thread, in one of its [`alertable`] waits only | `WSARecv` with a completion routine, `SleepEx` |
//! | event | [`Overlapped::recv_event`] and its like, which give a [`Pending<T>`](Pending) | an [`Event`] that any thread may [`wait`] for | `WSARecv` with `hEvent`, `WSAWaitForMultipleEvents`, `WSAGetOverlappedResult` |
//! | port | [`Overlapped::recv_port`] and its like | a packet of a [`Port`] that any thread may take | `WSARecv` on a socket of a port, `GetQueuedCompletionStatus` |
//!
//! Beside an [`Event`] a thread can wait for a [`Semaphore`], a [`MutexObject`], a [`Timer`] and the
//! end of a [thread](alertable::Thread), for any or all of them at once.
//!
//! A program can also ask first and read then: [`readiness`] tells which sockets are ready (`select`, `WSAPoll`), and calls
//! such as [`Socket::try_recv`] do what can be done at once.
//!
//! # An echo server with completion routines
//!
//! ```
//! use overlapped::{alertable, Completion, Overlapped, Result, Session, Socket};
//!
//! struct Client {
//!     socket: Socket,
//!     buffer: [u8; 1000],
//! }
//!
//! impl Session for Client {
//!     fn parts(&mut self) -> (&Socket, &mut [u8]) {
//!         (&self.socket, &mut self.buffer)
//!     }
//! }
//!
//! fn accepted(listener: Overlapped<Socket>, client: Result<Socket>) {
//!     if let Ok(socket) = client {
//!         Overlapped::new(Client { socket, buffer: [0; 1000] }).recv(received);
//!     }
//!     listener.accept(|listener| listener, accepted);
//! }
//!
//! fn received(client: Overlapped<Client>, done: Result<Completion>) {
//!     match done {
//!         Ok(done) if done.bytes > 0 => {
//!             let _ = client.socket.give_copy(&client.buffer[..done.bytes]);
//!             client.recv(received);
//!         }
//!         _ => {} // gone: dropping the session closes the socket
//!     }
//! }
//!
//! # fn main() -> Result<()> {
//! let listener = Socket::listen("127.0.0.1:0")?;
//! # let address = listener.local_addr()?;
//! Overlapped::new(listener).accept(|listener| listener, accepted);
//! # let client = std::thread::spawn(move || {
//! #     use std::io::{Read, Write};
//! #     let mut stream = std::net::TcpStream::connect(address).unwrap();
//! #     stream.write_all(b"hello").unwrap();
//! #     let mut reply = [0; 5];
//! #     stream.read_exact(&mut reply).unwrap();
//! #     assert_eq!(&reply, b"hello");
//! # });
//! # while !client.is_finished() {
//! #     alertable::sleep(Some(std::time::Duration::from_millis(10)))?;
//! # }
//! # if false {
//! loop {
//!     alertable::sleep(None)?; // one alertable wait runs every queued routine
//! }
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # What a driver is
//!
//! The [`driver`] talks to the kernel: `uring` (io_uring for routines, epoll for events and ports) or `epoll` on Linux, `winsock`
//! on Windows. `auto` takes io_uring where the kernel allows it and says in [`driver::report`] why it did not. All give the same results.

mod buffers;
mod delivery;
mod error;
mod event;
mod fork;
mod home;
mod hub;
mod message;
#[cfg(all(test, any(loom, shuttle)))]
mod models;
mod mutex;
mod object;
mod op;
mod operation;
mod overlapped;
mod pending;
mod port;
mod seldom;
mod semaphore;
mod socket;
mod sync;
mod thread;
mod timer;

pub mod alertable;
pub mod driver;
#[doc(hidden)]
pub mod face;
pub mod guide;
pub mod messages;
pub mod network;
pub mod readiness;
pub mod server;
pub mod wait;

pub use buffers::{Gather, Scatter};
pub use error::codes;
pub use error::{Error, Operation, Result};
pub use event::{Event, Reset};
pub use mutex::MutexObject;
pub use object::{Signal, Waitable};
pub use operation::{Completion, Datagram, Issued, OperationId};
pub use overlapped::{Overlapped, Session};
pub use pending::Pending;
pub use port::{IssuedTo, Port};
pub use semaphore::Semaphore;
pub use socket::{Payload, Shutdown, Socket, SocketId};
pub use timer::{Due, Timer};
pub use wait::Waited;

/// The examples of the README are tests too.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
