//! What C programs ask the system beside objects and sockets.

pub mod calendar;
pub mod clock;
pub mod console;
pub mod control;
pub mod debug;
pub mod directory;
pub mod environment;
pub mod file;
pub mod find;
pub mod heap;
pub mod keyboard;
pub mod message;
pub(crate) mod message_texts;
pub mod module;
mod path;
pub mod process;
pub mod processor;
mod socket_file;
pub mod temporary;
pub mod virtual_memory;
