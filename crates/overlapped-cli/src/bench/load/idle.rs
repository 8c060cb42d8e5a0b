//! Sessions that are just there, beside some that talk.

use super::protocol::Job;
use super::sessions::Outcome;
use super::talk::Talk;

/// What they receive is nothing but the end.
const BUFFER: usize = 16;

/// Opens those that are silent, behind those that talk.
pub(super) fn connect(talk: &mut Talk, job: &Job) -> Outcome<()> {
    (job.active..job.sessions).try_for_each(|_| talk.sessions.connect(BUFFER).map(drop))
}
