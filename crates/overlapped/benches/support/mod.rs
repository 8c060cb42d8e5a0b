//! What the benchmarks share: their command line, clocks, rounds in which what is compared takes turns, connected sockets,
//! and the bare interfaces of the kernel that the library is compared with.

pub(crate) mod args;
pub(crate) mod bare;
pub(crate) mod clock;
pub(crate) mod pinned;
pub(crate) mod precedence;
pub(crate) mod rounds;
pub(crate) mod sockets;
pub(crate) mod spread;
