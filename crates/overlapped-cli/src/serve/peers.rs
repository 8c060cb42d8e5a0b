//! The clients that are here, as other threads may see them: to send to, and to close.

use overlapped::Socket;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// One client. The session's worker owns its receives; the rest is for everyone.
pub(super) struct Peer {
    pub(super) id: u64,
    /// None if the client had gone before it was served.
    pub(super) address: Option<SocketAddr>,
    pub(super) socket: Socket,
    /// It has ended its stream, and gets what is queued for it but nothing more.
    leaving: AtomicBool,
    /// How much waited for it when it was closed for not reading; 0 if it was not.
    evicted: AtomicUsize,
}

impl Peer {
    pub(super) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    pub(super) fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    pub(super) fn evicted_with(&self) -> Option<usize> {
        Some(self.evicted.load(Ordering::Acquire)).filter(|&waiting| waiting > 0)
    }

    /// Sends the bytes, or closes the client if more than the bound would wait for it. Its own
    /// worker learns of that by the end of its receive.
    fn offer(&self, bytes: &Arc<[u8]>, bound: usize) -> bool {
        if self.is_leaving() || self.evicted_with().is_some() {
            return false;
        }
        let waiting = self.socket.queued_bytes();
        if waiting > 0 && waiting + bytes.len() > bound {
            self.evicted.store(waiting, Ordering::Release);
            self.socket.close();
            return false;
        }
        // A client that has just gone: its own receive says so.
        self.socket.give(Arc::clone(bytes)).is_ok()
    }
}

/// All clients, until the server lets go of them.
#[derive(Default)]
pub(super) struct Peers {
    here: RwLock<HashMap<u64, Arc<Peer>>>,
    last: AtomicU64,
    closed: AtomicBool,
}

impl Peers {
    /// None when the server has let go of its clients already.
    pub(super) fn join(&self, socket: Socket) -> Option<Arc<Peer>> {
        let peer = Arc::new(Peer {
            id: self.last.fetch_add(1, Ordering::Relaxed) + 1,
            address: socket.peer_addr().ok(),
            socket,
            leaving: AtomicBool::new(false),
            evicted: AtomicUsize::new(0),
        });
        let mut here = self.write();
        // Asked under the lock: whoever joins before `close` takes it is closed by it.
        if self.is_closed() {
            return None;
        }
        here.insert(peer.id, Arc::clone(&peer));
        Some(peer)
    }

    pub(super) fn leave(&self, id: u64) {
        self.write().remove(&id);
    }

    /// Sends to everyone but the sender; answers how often.
    pub(super) fn share(&self, from: u64, bytes: &[u8], bound: usize) -> usize {
        let here = self.read();
        let bytes: Arc<[u8]> = bytes.into();
        here.values().filter(|peer| peer.id != from && peer.offer(&bytes, bound)).count()
    }

    /// Whether something is queued for someone.
    pub(super) fn any_waits(&self) -> bool {
        self.read().values().any(|peer| peer.socket.queued_bytes() > 0)
    }

    /// Ends every session: pending operations complete as aborted, and nobody joins any more.
    pub(super) fn close(&self) {
        let here = self.write();
        self.closed.store(true, Ordering::Release);
        here.values().for_each(|peer| peer.socket.close());
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    // No panic happens under the lock, so a poisoned one is as good as any.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<u64, Arc<Peer>>> {
        self.here.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<u64, Arc<Peer>>> {
        self.here.write().unwrap_or_else(PoisonError::into_inner)
    }
}
