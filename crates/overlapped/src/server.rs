//! Sessions on any model: a [`Handler`] says what happens in a session, a [`Server`] runs it on the [`Model`] that is asked for.

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
