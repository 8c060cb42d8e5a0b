//! A server that runs, as its owner has it.

use super::builder::Builder;
use super::common::{Common, Drained};
use super::desk::Desk;
use super::handle::Handle;
use crate::codes;
use crate::error::{Error, Operation, Result};
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// A running server, which its owner ends: see the [module](super).
///
/// Dropping it ends it at once, without waiting for what is queued.
pub struct Server {
    common: Arc<Common>,
    addresses: Vec<SocketAddr>,
    threads: Vec<JoinHandle<Result<()>>>,
}

impl Server {
    /// Describes a server that listens on an address; of a name with several, on the first that can be had. Port 0 takes a
    /// free one.
    pub fn builder(address: impl ToSocketAddrs) -> Builder {
        Builder::new(address)
    }

    pub(super) fn new(common: Arc<Common>, addresses: Vec<SocketAddr>) -> Self {
        Self { common, addresses, threads: Vec::new() }
    }

    pub(super) fn add(&mut self, thread: JoinHandle<Result<()>>) {
        self.threads.push(thread);
    }

    /// Where it listens, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.addresses[0]
    }

    /// All addresses that it listens on.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The server for other threads.
    pub fn handle(&self) -> Handle {
        Handle::new(Arc::clone(&self.common))
    }

    /// Ends the server: see [`Handle::drain`]; then waits for its threads, and says what became of the sessions.
    ///
    /// # Errors
    ///
    /// Those of [`join`](Self::join).
    pub fn drain(self, deadline: Duration) -> Result<Drained> {
        self.common.drain(deadline);
        self.join()
    }

    /// Waits until the server was ended by a [`Handle`], and its threads with it: also for a handler that blocks.
    ///
    /// # Errors
    ///
    /// The one with which a thread ended before its time.
    pub fn join(mut self) -> Result<Drained> {
        self.finish().map(|()| self.common.drained())
    }

    fn finish(&mut self) -> Result<()> {
        let mut failed = Ok(());
        for thread in self.threads.drain(..) {
            let ended = thread.join().unwrap_or_else(|_| {
                Err(Error::new(Operation::Serve, codes::ERROR_GEN_FAILURE)
                    .with_detail("a thread of the server panicked"))
            });
            failed = failed.and(ended);
        }
        failed
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.common.drain(Duration::ZERO);
        // A thread of a server cannot wait for its own end.
        if !Desk::is_at_one() {
            let _ = self.finish();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
