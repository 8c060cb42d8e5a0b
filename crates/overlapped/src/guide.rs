//! A guide: the six models, a chapter each, with a program that runs.
//!
#![doc = include_str!("../guide/overview.md")]

#[doc = include_str!("../guide/async_select.md")]
pub mod async_select {}

#[doc = include_str!("../guide/callback.md")]
pub mod callback {}

#[doc = include_str!("../guide/event.md")]
pub mod event {}

#[doc = include_str!("../guide/event_select.md")]
pub mod event_select {}

#[doc = include_str!("../guide/port.md")]
pub mod port {}

#[doc = include_str!("../guide/select.md")]
pub mod select {}

#[doc = include_str!("../guide/server.md")]
pub mod server {}
