//! Measured processes go before other programs of the machine, as far as the system allows it. They stay in the normal class
//! of the scheduler: what is measured is how they sleep and wake among others. A process that is interrupted finds its caches
//! cold, and one that has more in them loses more.

use rustix::process::{Signal, set_parent_process_death_signal, setpriority_process, setsid};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::{fs, io};

/// What `command` starts goes first; it ends with this thread.
pub(crate) fn give(command: &mut Command) {
    let first = || -> io::Result<()> {
        // Programs compete by session, and within one by priority. Out of this one it does not hear of Ctrl+C, so it ends
        // with its parent.
        setsid()?;
        set_parent_process_death_signal(Some(Signal::KILL))?;
        let _ = fs::write("/proc/self/autogroup", "-15");
        let _ = setpriority_process(None, -10);
        Ok(())
    };
    // SAFETY: between fork and exec it makes system calls only, and a path and an error of the system allocate nothing.
    unsafe { command.pre_exec(first) };
}
