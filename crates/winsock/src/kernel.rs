//! What the Windows kernel has beside sockets: objects, waits, threads, APCs, timers and the thread pool.

pub mod apc;
pub mod close;
pub mod event;
pub(crate) mod lookup;
pub mod mutex;
mod names;
pub mod pool;
pub mod port;
pub mod semaphore;
pub mod thread;
pub mod timer;
pub mod wait;
mod waited;

pub use lookup::{CURRENT_PROCESS, CURRENT_THREAD, resolve};
