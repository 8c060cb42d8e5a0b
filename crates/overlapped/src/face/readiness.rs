//! The waits for readiness as Winsock has them: alertable. While one blocks, routines and APCs of its thread run, and it goes on;
//! one that finds something at once runs nothing.

pub use crate::readiness::select::Role;

/// A socket in a set, which is kept and not cloned.
pub type Member = crate::readiness::select::Member<Kept>;

use crate::error::Result;
use crate::readiness::{PollEntry, poll_with, select_members};
use crate::socket::Kept;
use std::time::Duration;

/// [`select`](crate::readiness::select), alertably, of sockets that lie with the caller.
///
/// # Errors
///
/// As there.
pub fn select(members: &mut [Member], timeout: Option<Duration>) -> Result<usize> {
    select_members(members, timeout)
}

/// [`poll`](crate::readiness::poll), alertably.
///
/// # Errors
///
/// As there.
pub fn poll(entries: &mut [PollEntry], timeout: Option<Duration>) -> Result<usize> {
    poll_with(entries, timeout, true)
}
