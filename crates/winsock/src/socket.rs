//! Sockets: what a `SOCKET` names, and the functions that take one.

pub mod accept;
mod address;
pub mod bind;
pub mod byte_order;
mod call;
pub mod close;
pub mod connect;
pub mod control;
pub mod issue;
pub mod make;
mod object;
mod operation;
pub mod options;
pub mod result;
pub mod shutdown;
pub mod text;
pub mod transfer;
mod urgent;

pub use object::SocketObject;
pub(crate) use object::lookup;
