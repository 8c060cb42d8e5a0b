//! Processes that work for a server without being started by the bench: what they use is part of its cost.

use crate::platform;
use crate::problem::Problem;
use std::process;

/// One of them, or several with the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Beside {
    Process(u32),
    /// Looked for anew at each slice: such a process may be started by the server, and end when nobody needs it.
    Named(String),
}

impl Beside {
    /// The server, and what works for it, from `NAME=PROCESS`.
    pub(super) fn parse(asked: &str) -> Result<(&str, Self), Problem> {
        let odd = |why: &str| Problem::usage(format!("--beside '{asked}': {why}"));
        let (name, process) = asked.split_once('=').ok_or_else(|| odd("write NAME=PROCESS"))?;
        let (name, process) = (name.trim(), process.trim());
        if name.is_empty() || process.is_empty() {
            return Err(odd("write NAME=PROCESS"));
        }
        match process.parse() {
            Ok(id) if platform::processor_time(id).is_none() => Err(odd("there is no such process")),
            Ok(id) => Ok((name, Self::Process(id))),
            // Whether there is one shows when the server runs.
            Err(_) => Ok((name, Self::Named(process.into()))),
        }
    }

    /// Those that there are now.
    pub(super) fn processes(&self) -> Result<Vec<u32>, Problem> {
        match self {
            Self::Process(id) => Ok(vec![*id]),
            Self::Named(name) => {
                let mut all = platform::processes_named(name);
                all.retain(|&id| id != process::id());
                if all.is_empty() {
                    return Err(Problem::failed(format!("no process beside it has a name that begins with `{name}`")));
                }
                Ok(all)
            }
        }
    }
}

impl std::fmt::Display for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Process(id) => write!(f, "process {id}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}
