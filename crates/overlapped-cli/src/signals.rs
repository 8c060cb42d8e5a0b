//! The user asks the command to stop; an ordinary thread is told, which may do anything about it.

use crate::platform;
use crate::problem::Problem;
use std::time::{Duration, Instant};
use std::{process, thread};

/// Whoever asks again so long after an end should have come gets it at once; a signal to a whole process group often comes
/// twice, which means nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// Calls `stop` when the user asks the command to end, which takes so long at most.
pub(crate) fn on_stop(takes: Duration, stop: impl FnOnce() + Send + 'static) -> Result<(), Problem> {
    let (mut stop, mut asked) = (Some(stop), Instant::now());
    let listen = platform::requests(move |code| match stop.take() {
        Some(stop) => {
            asked = Instant::now();
            stop();
        }
        None if asked.elapsed() > takes + PATIENCE => process::exit(code),
        None => {}
    })
    .map_err(|error| Problem::failed(format!("cannot listen for requests to stop: {error}")))?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(listen)
        .map_err(|error| Problem::failed(format!("cannot start a thread: {error}")))?;
    Ok(())
}
