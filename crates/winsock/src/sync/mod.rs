//! Locks and what threads share, for C programs.
//!
//! These live in the program's own memory, have Windows' sizes, and some are valid when they are all zero bits; none of them is
//! a kernel object, none can be waited for together with others, and waiting in one is not alertable. So each is a word or
//! two on `futex`, and the engine has no part in them: `pthread`'s locks and Rust's fit neither the sizes nor the zero bits.
//!
//! No release touches the memory of a lock after the lock is free: another thread may have freed it by then.

pub mod address;
pub mod barrier;
pub mod condition;
pub mod critical_section;
pub mod fiber_storage;
mod futex;
pub mod once;
pub mod slist;
pub mod srw;
pub mod thread_storage;
