//! The C face: Winsock and what Winsock programs use beside it, over the [`overlapped`] engine.
//!
//! Each function that C programs call is one of this crate's `extern "C"` functions, declared in `include/`. They check their
//! arguments as Windows does, look the [handles](handle) up, and call the engine; nothing here waits, queues or talks to the
//! kernel in a way of its own.
//!
//! No exported symbol bears a name of libc: what libc has too is exported as `overlapped_…`, and the headers say so to the
//! compiler.

#![cfg(target_os = "linux")]
// The names are those of Windows.
#![allow(non_snake_case, non_camel_case_types)]
// What only C calls is reached from no Rust.
#![allow(unreachable_pub)]
// What the functions do is said by the headers and by Microsoft's documentation; what they demand of pointers too.
#![allow(clippy::missing_safety_doc)]

pub mod abi;
pub mod codes;
pub mod error;
pub mod handle;
pub mod kernel;
pub mod names;
pub mod socket;
pub mod startup;
mod status;
pub mod sync;
pub mod system;
pub mod text;
pub mod window;
