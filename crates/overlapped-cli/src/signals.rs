//! SIGINT and SIGTERM, told to an ordinary thread, which may do anything about it.

use crate::problem::Problem;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::time::{Duration, Instant};
use std::{process, thread};

/// An end takes at most the time of a drain. Whoever asks again after that gets it at once; a signal
/// to a whole process group often comes twice, which means nothing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Calls `stop` when the user asks the command to end.
pub(crate) fn on_stop(stop: impl FnOnce() + Send + 'static) -> Result<(), Problem> {
    let mut signals = Signals::new([SIGINT, SIGTERM])
        .map_err(|error| Problem::failed(format!("cannot listen for SIGINT and SIGTERM: {error}")))?;
    let mut stop = Some(stop);
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let mut asked = Instant::now();
            for signal in &mut signals {
                match stop.take() {
                    Some(stop) => {
                        asked = Instant::now();
                        stop();
                    }
                    None if asked.elapsed() > PATIENCE => process::exit(128 + signal),
                    None => {}
                }
            }
        })
        .map_err(|error| Problem::failed(format!("cannot start a thread: {error}")))?;
    Ok(())
}
