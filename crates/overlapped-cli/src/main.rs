//! The command `overlapped`: a demo, servers and clients on the models of Windows Overlapped I/O.

#![deny(unsafe_code)]

mod args;
mod bench;
#[cfg(not(windows))]
mod cc;
mod client;
mod demo;
mod info;
mod output;
mod platform;
mod problem;
mod serve;
mod signals;

use std::process::ExitCode;

fn main() -> ExitCode {
    match args::parse().and_then(args::Command::run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => problem.report(),
    }
}
