//! How far a run is, on the standard error of who sits in front of it.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

pub(super) struct Progress(ProgressBar);

impl Progress {
    const LINE: &str = "{bar:30} {pos}/{len} slices, {eta} to go: {msg}";

    /// A terminal gets it only.
    pub(super) fn new(slices: usize, quiet: bool) -> Self {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(slices as u64), target);
        if let Ok(style) = ProgressStyle::with_template(Self::LINE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(super) fn say(&self, sessions: usize, server: &str) {
        self.0.set_message(format!("{server}, {}", Self::sessions(sessions)));
    }

    /// One more slice is over.
    pub(super) fn step(&self) {
        self.0.inc(1);
    }

    /// So many sessions, in words.
    pub(super) fn sessions(sessions: usize) -> String {
        crate::output::Count(sessions as u64, "session").to_string()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
