//! Servers of every model, on io_uring.
#![cfg(target_os = "linux")]

const DRIVER: overlapped::driver::Choice = overlapped::driver::Choice::Uring;

mod servers;
