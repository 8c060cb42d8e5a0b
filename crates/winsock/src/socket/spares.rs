//! Blocks of operations that are over, kept for the next ones of their socket: in the steady state no operation allocates
//! one, nor looks for the engine's socket.

use super::operation::Operation;
use overlapped::Overlapped;
use overlapped::face::operations::Spare;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

/// Those of one socket: as many as it often has operations at a time, a receive and a send.
#[derive(Default)]
pub(crate) struct Spares {
    places: [Spare<Operation>; 2],
    /// How often the socket has got another socket of the engine: a block keeps the one that its operation was on.
    era: AtomicUsize,
}

/// The era of an operation that is not on the socket of its object: there is none like it.
pub(crate) const NO_ERA: usize = usize::MAX;

impl Spares {
    /// In which era an operation begins. To be asked before for the engine's socket: then it may be taken for an older one, and
    /// never for a later.
    pub(crate) fn era(&self) -> usize {
        self.era.load(SeqCst)
    }

    /// A block whose operation was on the socket that the engine has now.
    pub(crate) fn take(&self) -> Option<Overlapped<Operation>> {
        let spare = self.places.iter().find_map(Spare::take)?;
        (spare.era == self.era()).then_some(spare)
    }

    /// Keeps a block, if there is room and it is of this era.
    pub(crate) fn keep(&self, block: Overlapped<Operation>) {
        let era = block.era;
        if era != self.era() {
            return;
        }
        let left = self.places.iter().try_fold(block, |block, place| place.put(block).ok_or(()));
        drop(left);
        if era != self.era() {
            // In between, so that who has begun the next era may not have found it.
            drop(self.clear());
        }
    }

    /// The engine has another socket from now on. What is kept is of the old one, for the caller to drop outside of locks.
    pub(crate) fn begin_era(&self) -> impl Sized + use<> {
        self.era.fetch_add(1, SeqCst);
        self.clear()
    }

    fn clear(&self) -> [Option<Overlapped<Operation>>; 2] {
        self.places.each_ref().map(Spare::clear)
    }
}
