//! Windows that nothing is drawn of: what messages are sent and posted to, and the queues of threads that hold those.

pub mod class;
pub mod create;
pub mod default;
pub(crate) mod inbox;
mod layout;
pub mod next;
pub mod post;
pub mod resource;
pub mod send;
mod table;
pub mod timer;
pub mod value;
pub mod wait;

pub(crate) use post::post;
pub(crate) use table::exists;
