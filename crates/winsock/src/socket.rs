//! Sockets: what a `SOCKET` names, and the functions that take one.

pub mod accept;
pub(crate) mod address;
pub mod async_select;
pub mod bind;
pub mod byte_order;
mod call;
pub mod close;
pub mod connect;
pub mod control;
mod done;
pub mod extensions;
pub mod issue;
pub mod make;
pub mod network_events;
pub(crate) mod object;
mod operation;
pub mod options;
pub mod poll;
pub mod protocols;
pub mod result;
pub mod rio;
pub mod select;
pub mod shutdown;
mod spares;
pub mod transfer;
mod urgent;

pub use object::SocketObject;
pub(crate) use object::lookup;
