//! Registered I/O: requests of a socket in one queue, their results in another, over memory that was registered before.
//!
//! The requests are operations of the engine. Nothing tells of a result but its queue, which the program asks, or is told to
//! ask. A program finds the functions with `WSAIoctl`.

pub mod buffer;
pub mod completions;
mod registry;
mod request;
pub mod requests;
mod table;

pub(super) use requests::closing;
pub(super) use table::answer;
