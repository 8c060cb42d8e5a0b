//! Sessions on any model: what each server writes again, written once.
//!
//! A [`Handler`] says what happens in a session, one value for each. A [`Server`] accepts, receives and sends for it, on the
//! [`Model`] that is asked for, with as many threads as are asked for; the handler is the same on all of them.
//!
//! ```
//! use overlapped::server::{Framing, Handler, Message, Model, Reason, Server, Session};
//! use std::time::Duration;
//!
//! struct Player {
//!     moves: u32,
//! }
//!
//! const MOVE: u16 = 1;
//! const MOVED: u16 = 2;
//!
//! impl Handler for Player {
//!     fn connected(&mut self, session: &Session) {
//!         session.join("the arena");
//!     }
//!
//!     fn received(&mut self, session: &Session, message: Message<'_>) {
//!         if message.id() == MOVE {
//!             self.moves += 1;
//!             session.server().send_to_group("the arena", (MOVED, message.to_vec())); // one buffer for all
//!         }
//!     }
//!
//!     fn closed(&mut self, session: &Session, reason: &Reason) {
//!         println!("{} made {} moves, then: {reason}", session.peer_addr(), self.moves);
//!     }
//! }
//!
//! let server = Server::builder("127.0.0.1:0")
//!     .model(Model::Callback)
//!     .threads(2)
//!     .framing(Framing::packets()) // u16 size and u16 id in front of each message
//!     .start(|| Player { moves: 0 })?;
//!
//! # use std::io::{Read, Write};
//! let mut client = std::net::TcpStream::connect(server.address())?;
//! client.write_all(b"\x06\0\x01\0\x03\x04")?; // six bytes, id 1, a move
//! let mut moved = [0; 6];
//! client.read_exact(&mut moved)?;
//! assert_eq!(&moved, b"\x06\0\x02\0\x03\x04");
//!
//! drop(client);
//! server.drain(Duration::from_secs(5))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Sending
//!
//! [`Session::send`] takes a message from any thread; so does [`Handle::send`] by the session's id, and [`Handle::broadcast`]
//! and [`Handle::send_to_group`] for many sessions, which share one buffer. Ids are never used again, so one that is out of
//! date finds nobody.
//!
//! What waits for a peer lies in the session's queue and goes out in one operation, in the order in which it was sent. What
//! a handler sends goes out at the end of its turn, together. The queue has a bound in bytes; what happens there is the
//! program's choice ([`Overflow`]). [`Builder::pause_above`] keeps a peer that only asks from ever coming there.
//!
//! # Framing
//!
//! [`Framing`] cuts the stream into messages: not at all, or by a header with a size and, if wanted, an id. A packet that is
//! malformed or larger than allowed ends its session with [`Reason::Malformed`], before memory is taken for it. Clients use the
//! same type: [`Framing::encode`] and [`Decoder`] need no server.
//!
//! # The end of a session
//!
//! A session ends for one [`Reason`], the first that there is. [`Session::close`] lets go out what is queued, tells the peer that
//! nothing more comes, and waits for it to end its side, at most for the [linger](Builder::linger) time; the end of the peer's stream,
//! a malformed packet, the idle timeout and the drain of the server do the same. [`Session::abort`], a queue that is full and
//! a connection that breaks end it at once. Then [`Handler::closed`] is called, and the handler is dropped.
//!
//! # Times
//!
//! The [tick](Builder::tick) is a call at a fixed rate, for the loop of a game. The [idle timeout](Builder::idle_timeout) and the
//! [heartbeat](Builder::heartbeat) need no timer for each session: the first thread looks at all of them now and then. All of that
//! happens in the same wait as the I/O; there is no thread for it.
//!
//! # Models
//!
//! | model | how a thread finds out | what that costs |
//! |---|---|---|
//! | [`Select`](Model::Select) | it asks which of its sockets are ready, and receives from those | the system and the thread go through all sockets each time |
//! | [`EventSelect`](Model::EventSelect) | an event for each socket is signalled by what happens to it | the thread waits for as many events |
//! | [`AsyncSelect`](Model::AsyncSelect) | what happens comes as a message | a message, a look-up and a call for each |
//! | [`Event`](Model::Event) | an operation that has ended signals its event | the thread waits for as many events as operations |
//! | [`Callback`](Model::Callback) | an operation that has ended runs its routine, in an alertable wait | nothing for sessions where nothing happens |
//! | [`Port`](Model::Port) | an operation that has ended is a packet in a queue for all threads | the same, and a lock for each packet |
//!
//! With all but `Port` a session has one thread, and a handler that blocks holds up the other sessions of that thread. With `Port`
//! it goes to whichever thread takes its packet, so a handler that blocks holds up nobody as long as another thread is free.
//!
//! Sessions go to the threads in turn. A send from another thread lies in the session's queue, and the thread that serves it is woken
//! once, however many there are.
//!
//! # Watching
//!
//! [`Handle::counters`] tells, while the server runs, what it has done: sessions, messages, bytes, how deep the queues are, how sessions
//! ended, and how many routines each wait ran. A failing accept (such as for want of descriptors) is counted and tried
//! again; a panic in a handler ends its session alone.

mod backend;
mod batch;
mod builder;
mod clock;
mod common;
mod counters;
mod decoder;
mod desk;
mod framing;
mod handle;
mod handler;
mod model;
mod packet;
mod queue;
mod reason;
mod registry;
mod running;
mod session;
mod worker;

pub use builder::Builder;
pub use common::Drained;
pub use counters::Counters;
pub use decoder::{Decoder, Message};
pub use framing::{FrameError, Framing, UnknownFraming};
pub use handle::Handle;
pub use handler::Handler;
pub use model::{Model, UnknownModel};
pub use packet::Packet;
pub use queue::{Overflow, Sent};
pub use reason::Reason;
pub use running::Server;
pub use session::Session;
