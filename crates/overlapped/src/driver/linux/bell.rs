//! What wakes a thread that waits in poll(2): an eventfd beside its sockets.

use super::ready;
use crate::driver::Gate;
use rustix::event::{EventfdFlags, PollFlags, eventfd};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

struct Bell(OwnedFd);

pub(super) fn open() -> io::Result<(Arc<dyn Gate>, i32)> {
    let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
    let raw = bell.as_raw_fd();
    Ok((Arc::new(Bell(bell)), raw))
}

impl Gate for Bell {
    fn block(&self, timeout: Option<Duration>) {
        if timeout != Some(Duration::ZERO) {
            // An interruption is a return for nothing.
            let _ = ready::block(self.0.as_raw_fd(), PollFlags::IN, timeout);
        }
        // Empties it, and fails if it is.
        let _ = rustix::io::read(&self.0, &mut [0; 8]);
    }

    fn wake(&self) {
        let _ = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn a_wake_is_heard_once() {
        let (bell, raw) = open().expect("an eventfd");
        bell.wake();
        bell.wake();
        assert!(ready::ready(raw, PollFlags::IN).expect("it is open").contains(PollFlags::IN));
        bell.block(None);
        assert!(ready::ready(raw, PollFlags::IN).expect("it is open").is_empty());
    }
}
