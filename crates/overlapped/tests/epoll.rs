//! Every behaviour on epoll.

const DRIVER: overlapped::driver::Choice = overlapped::driver::Choice::Epoll;

mod behaviour;
