//! Models: the code that threads share, run in another order of its steps again and again. Each test names the invariant
//! that it holds in every order.
//!
//! ```sh
//! .ci/run loom shuttle             # as far as a minute goes
//! .ci/long loom-deep shuttle-long  # further
//! ```
//!
//! A step is what [`sync`](crate::sync) gives: a lock, an atomic, a wait. What never ends is found as a deadlock.

#[cfg(loom)]
mod parts;
#[cfg(shuttle)]
mod whole;
