//! Servers of every model, on epoll.
#![cfg(target_os = "linux")]

const DRIVER: overlapped::driver::Choice = overlapped::driver::Choice::Epoll;

mod servers;
