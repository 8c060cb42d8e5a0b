//! The processes that load a server, as the bench sees them.

use super::load::{Job, Order, Reply};
use super::plan::Pins;
use super::stop::Stop;
use crate::platform;
use crate::problem::Problem;
use serde::Serialize;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;
use std::{env, thread};

/// One of them. It ends with this value.
pub(super) struct Loader {
    child: Child,
    replies: Receiver<String>,
}

/// Why there is no answer.
pub(super) enum Failure {
    /// What is wrong with the server, as the loader sees it.
    Server(String),
    Other(Problem),
}

impl Loader {
    /// How often it is looked whether the user wants to end.
    const GLANCE: Duration = Duration::from_millis(50);

    pub(super) fn start(job: &Job, pins: &Pins) -> Result<Self, Problem> {
        let failed = |error| Problem::failed(format!("cannot start a process that loads it: {error}"));
        let mut command = Command::new(env::current_exe().map_err(failed)?);
        command.arg("bench-load").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = platform::start(&mut command, &pins.load).map_err(failed)?;
        let said = child.stdout.take().expect("it was asked for");
        let (tell, replies) = channel();
        thread::spawn(move || BufReader::new(said).lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let mut loader = Self { child, replies };
        loader.write(job);
        Ok(loader)
    }

    pub(super) fn order(&mut self, order: Order) {
        self.write(&order);
    }

    pub(super) fn is_raised(&self) -> bool {
        platform::is_raised(self.child.id())
    }

    /// Of one that has ended no answer will come, which is told then.
    fn write(&mut self, what: &impl Serialize) {
        let line = serde_json::to_string(what).expect("numbers and names are JSON");
        if let Some(input) = &mut self.child.stdin {
            let _ = writeln!(input, "{line}").and_then(|()| input.flush());
        }
    }

    pub(super) fn reply(&mut self, stop: &Stop) -> Result<Reply, Failure> {
        loop {
            stop.check().map_err(Failure::Other)?;
            let odd = |why: String| Failure::Other(Problem::failed(format!("a process that loads it {why}")));
            match self.replies.recv_timeout(Self::GLANCE) {
                Ok(line) => match serde_json::from_str(&line) {
                    Ok(Reply::Failed(why)) => return Err(Failure::Server(why)),
                    Ok(reply) => return Ok(reply),
                    Err(error) => return Err(odd(format!("says `{line}`: {error}"))),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(odd("has ended".into())),
            }
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        platform::end(&mut self.child);
    }
}
