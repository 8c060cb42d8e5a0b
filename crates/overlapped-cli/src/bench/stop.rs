//! The user ends the run.

use crate::problem::Problem;
use crate::signals;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Whether the run is to end.
#[derive(Clone, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ending takes no longer than looking and ending processes.
    const TAKES: Duration = Duration::from_secs(2);

    /// Listens to the user.
    pub(super) fn listen() -> Result<Self, Problem> {
        let stop = Self::default();
        let asked = stop.clone();
        signals::on_stop(Self::TAKES, move || asked.0.store(true, Ordering::Relaxed))?;
        Ok(stop)
    }

    pub(super) fn is_asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// A problem if it is: it ends what goes on.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.is_asked() { Err(Problem::failed("stopped before there was a result")) } else { Ok(()) }
    }
}
