//! Servers of every model, on Windows itself.
#![cfg(windows)]

const DRIVER: overlapped::driver::Choice = overlapped::driver::Choice::Winsock;

mod servers;
