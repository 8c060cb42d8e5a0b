//! Names: of hosts, services and protocols, and addresses as text.

pub mod address_text;
pub mod dotted;
mod failure;
pub mod hosts;
pub mod info;
pub(crate) mod interfaces;
pub mod nameinfo;
mod resolve;
pub mod services;

pub use failure::{gai_strerrorA, gai_strerrorW};
