//! Every behaviour on io_uring.

const DRIVER: overlapped::driver::Choice = overlapped::driver::Choice::Uring;

mod behaviour;
