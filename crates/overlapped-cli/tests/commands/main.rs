//! What the commands do and print, on every driver and every model.

mod bad_input;
mod bench;
mod broadcast;
#[cfg(not(windows))]
mod cc;
mod client;
mod crowd;
mod demo;
mod echo;
mod framing;
mod info;
mod limits;
mod print;
mod stopping;
mod support;

// What the tests need of the system they run on, and the tests about that system only.
#[cfg(not(windows))]
mod linux;
#[cfg(windows)]
mod windows;

#[cfg(not(windows))]
use linux as system;
#[cfg(windows)]
use windows as system;
