//! Kernel objects: what can be waited for, threads, and completion ports.

pub(crate) mod port;
