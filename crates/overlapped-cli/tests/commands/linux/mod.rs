//! Linux: its drivers, signals and limits.

mod bench;
mod descriptors;
mod drivers;
mod masks;
mod memory;
mod routes;

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use std::process::{Child, Command};

/// How many clients there are at once.
pub(crate) const CROWD: usize = 1000;

/// What `info` says here, and nowhere else.
pub(crate) const INFO: [&str; 3] = ["kernel     Linux ", "open files ", "locked memory "];

/// Makes a test of each function for every driver and model.
macro_rules! on_all {
    ($($name:ident),* $(,)?) => {
        $crate::support::on!(uring [$($name)*]);
        $crate::support::on!(epoll [$($name)*]);
    };
}
pub(crate) use on_all;

/// How a command is asked to stop; `kill` comes first.
pub(crate) const WAYS: &[Way] = &[Signal::TERM, Signal::INT];
pub(crate) type Way = Signal;

pub(crate) fn ask(child: &mut Child, way: Way) {
    kill_process(Pid::from_child(child), way).expect("the command is still there");
}

/// A command can be asked to stop without more ado.
pub(crate) fn start(command: &mut Command) -> std::io::Result<Child> {
    command.spawn()
}

/// Each model is told of a reset.
pub(crate) fn may_hide_resets(_model: &str) -> bool {
    false
}

/// For a crowd of clients.
pub(crate) fn raise_descriptor_limit() {
    let hard = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: hard, maximum: hard }).expect("the soft limit may be raised");
}
