//! A process that forks: the child shares rings with its parent, and must not touch them.
//!
//! In the child every operation fails, waits for objects see what the child itself sets, and the
//! end of its threads leaves the parent's operations alone. A child that goes on to `exec` never
//! notices.
//!
//! A lock that another thread of the parent held is held in the child for ever. So the child takes no lock of a socket, a
//! driver or the hub: whatever it calls says so first. Objects it may use; see [`lock`](crate::sync::lock).

use crate::codes;
use crate::driver::system;
use crate::error::{Error, Operation, Result};
use crate::thread;
use std::sync::Once;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

static IN_CHILD: AtomicBool = AtomicBool::new(false);

/// Whether this process was forked off one that has used a driver.
pub(crate) fn in_child() -> bool {
    IN_CHILD.load(Relaxed)
}

/// Refuses what a forked child may not do.
pub(crate) fn check(operation: Operation) -> Result<()> {
    if !in_child() {
        return Ok(());
    }
    Err(Error::new(operation, codes::WSASYSNOTREADY)
        .with_detail("this process was forked; exec, or use the library only after the fork"))
}

/// From now on a forked child knows that it is one.
pub(crate) fn watch() {
    static WATCHING: Once = Once::new();
    extern "C" fn child() {
        IN_CHILD.store(true, Relaxed);
        thread::forget_engine();
    }
    WATCHING.call_once(|| system::on_fork(child));
}
