//! A server in a process of its own, pinned to the first core, and what the system knows of it.

use super::super::support::args::Args;
use super::super::support::clock::processor_time;
use super::super::support::{pinned, precedence};
use super::reference;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

pub(crate) struct Served {
    process: Child,
    said: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Served {
    /// The library's server: `what` is the shape and the model, as `echo:callback`.
    pub(crate) fn start(driver: &str, what: &str, buffer: usize) -> Self {
        let mut command = Args::again(driver);
        command.args(["--child", &format!("{what}:{buffer}")]);
        Self::of(command)
    }

    /// The one of that name that others are compared with.
    pub(crate) fn reference(name: &str, buffer: usize) -> Self {
        let mut command = Command::new(reference::program(name));
        command.args(["127.0.0.1:0", &buffer.to_string()]);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        // It takes over where this thread runs.
        pinned::pin(0);
        precedence::give(&mut command);
        let process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        pinned::free();
        let mut process = process.expect("a child");
        let mut said = BufReader::new(process.stdout.take().expect("a pipe"));
        let address = line_with(&mut said, "listening on ").parse().expect("an address");
        Self { process, said, address }
    }

    /// Waits for a line that begins so, and gives the rest of it.
    pub(crate) fn says(&mut self, start: &str) -> String {
        line_with(&mut self.said, start)
    }

    /// Nanoseconds that its threads have used.
    pub(crate) fn processor_time(&self) -> f64 {
        processor_time(self.process.id())
    }

    /// Bytes of resident memory.
    pub(crate) fn resident(&self) -> f64 {
        let path = format!("/proc/{}/smaps_rollup", self.process.id());
        let text = fs::read_to_string(path).expect("the memory of a child");
        let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
        let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<f64>().ok());
        kib.expect("a number of KiB") * 1024.0
    }
}

fn line_with(said: &mut BufReader<ChildStdout>, start: &str) -> String {
    loop {
        let mut line = String::new();
        assert_ne!(said.read_line(&mut line).expect("a child that speaks"), 0, "the child has ended");
        if let Some(rest) = line.strip_prefix(start) {
            return rest.trim().to_owned();
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
