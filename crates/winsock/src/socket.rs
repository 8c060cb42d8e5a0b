//! Sockets: what a `SOCKET` names, and the functions that take one.

mod address;
mod call;
mod issue;
mod object;
mod operation;
mod result;
mod urgent;

pub use object::SocketObject;
pub(crate) use object::lookup;
