//! The waits for readiness as Winsock has them: alertable. While one blocks, routines and APCs of its thread run, and it goes on;
//! one that finds something at once runs nothing.

use crate::error::Result;
use crate::readiness::{PollEntry, SocketSet, poll_with, select_with};
use std::time::Duration;

/// [`select`](crate::readiness::select), alertably.
///
/// # Errors
///
/// As there.
pub fn select(
    read: Option<&mut SocketSet>,
    write: Option<&mut SocketSet>,
    except: Option<&mut SocketSet>,
    timeout: Option<Duration>,
) -> Result<usize> {
    select_with(read, write, except, timeout, true)
}

/// [`poll`](crate::readiness::poll), alertably.
///
/// # Errors
///
/// As there.
pub fn poll(entries: &mut [PollEntry], timeout: Option<Duration>) -> Result<usize> {
    poll_with(entries, timeout, true)
}
