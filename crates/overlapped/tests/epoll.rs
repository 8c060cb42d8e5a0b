//! Every behaviour on epoll.
#![cfg(target_os = "linux")]

const DRIVER: overlapped::driver::Choice = overlapped::driver::Choice::Epoll;

mod behaviour;
