//! The kernel's interfaces without a library: what an operation costs at least.

pub(crate) mod epoll;
pub(crate) mod futex;
pub(crate) mod uring;
