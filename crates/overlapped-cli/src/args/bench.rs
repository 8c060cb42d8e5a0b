//! What `overlapped bench` is asked for.

use super::values::{Address, bytes, count, driver, names, numbers, rate, seconds};
use crate::bench::Shape;
use clap::Args;
use overlapped::driver::Choice;
use overlapped::server::Model;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  overlapped bench                                      all models, with 1 and 100 sessions
  overlapped bench --models callback,port --sessions 1,50,500 --size 1000 --reference port
  overlapped bench --models callback --server 'mine=./server --port {port} --buffer {buffer}' --reference mine
  overlapped bench --shape idle --sessions 10000        few talk among many that are silent
  overlapped bench --sessions 50 --rate 20000           20,000 messages per second, whatever the servers do
  overlapped bench --html run.html                      plots and tables, for a browser
  overlapped bench --json run.json                      and again: overlapped bench --from run.json --html run.html

docs/bench.md says how it measures and how to read it.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// Models whose servers are measured: a list such as callback,port, or all, which it is if nothing else is measured
    #[arg(long, value_name = "M,M…", value_delimiter = ',', value_parser = names, help_heading = "Servers")]
    pub(crate) models: Vec<Models>,
    /// Another server: NAME=COMMAND, where {port} and {buffer} stand for its port and the bytes of its receive buffer (repeatable)
    #[arg(long = "server", value_name = "NAME=COMMAND", help_heading = "Servers")]
    pub(crate) servers: Vec<String>,
    /// A server that runs already
    #[arg(long, value_name = "ADDR", help_heading = "Servers")]
    pub(crate) connect: Option<Address>,
    /// The process of the server of --connect, if it runs here: tells processor time and memory
    #[arg(long, requires = "connect", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Servers")]
    pub(crate) pid: Option<u32>,
    /// What the server of --connect is called; its address, if not given
    #[arg(long, requires = "connect", help_heading = "Servers")]
    pub(crate) name: Option<String>,
    /// A process that works for the server NAME, by its number or the beginning of its name: NAME=PROCESS; its processor time counts
    /// with that of the server (repeatable)
    #[arg(long, value_name = "NAME=PROCESS", help_heading = "Servers")]
    pub(crate) beside: Vec<String>,
    /// Threads of each server of --models
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Servers")]
    pub(crate) threads: u16,
    /// Driver of the servers of --models: auto, uring, epoll or winsock; wins over OVERLAPPED_DRIVER
    #[arg(long, value_name = "DRIVER", value_parser = driver, help_heading = "Servers")]
    pub(crate) driver: Option<Choice>,

    /// What the sessions do
    #[arg(long, value_enum, default_value_t = Shape::Echo, help_heading = "Load")]
    pub(crate) shape: Shape,
    /// How many sessions there are: a list, one after the other [default: 1,100; 100 in the shape broadcast, 1000 in idle, 10 in churn]
    #[arg(long, value_name = "N,N…", value_delimiter = ',', value_parser = numbers, help_heading = "Load")]
    pub(crate) sessions: Vec<usize>,
    /// Length of each message
    #[arg(long, value_name = "BYTES", default_value = "100", value_parser = bytes, help_heading = "Load")]
    pub(crate) size: usize,
    /// Messages on the way on each session [default: 1; with --rate 256, at most]
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Load")]
    pub(crate) depth: Option<usize>,
    /// Messages per second of all sessions together, due at their times, not when an answer has come (shapes echo and idle)
    #[arg(long, value_name = "MESSAGES_PER_SECOND", value_parser = rate, help_heading = "Load")]
    pub(crate) rate: Option<f64>,
    /// How many of the sessions talk: 1 if not given in the shape idle, all in the shape broadcast
    #[arg(long, value_name = "N", value_parser = count, help_heading = "Load")]
    pub(crate) active: Option<usize>,

    /// How often each server is measured: a round has a slice for each of them
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..), help_heading = "Measuring")]
    pub(crate) rounds: u16,
    /// Length of a slice, such as 0.2
    #[arg(long, value_name = "N", default_value = "0.3", value_parser = seconds, help_heading = "Measuring")]
    pub(crate) seconds: f64,
    /// The server to which the processor time of the others is compared
    #[arg(long, value_name = "NAME", help_heading = "Measuring")]
    pub(crate) reference: Option<String>,
    /// Let the system choose the processors; otherwise servers and load have each their own
    #[arg(long, help_heading = "Measuring")]
    pub(crate) no_pin: bool,

    /// Write the result as JSON; - for the standard output, instead of the table
    #[arg(long, value_name = "FILE", help_heading = "Result")]
    pub(crate) json: Option<PathBuf>,
    /// Draw the result as a page for a browser, plots and tables in one file; - as above
    #[arg(long, value_name = "FILE", help_heading = "Result")]
    pub(crate) html: Option<PathBuf>,
    /// Draw processor time over the number of sessions as a picture, for a text that shows it; - as above
    #[arg(long, value_name = "FILE", help_heading = "Result")]
    pub(crate) svg: Option<PathBuf>,
    /// Show the result of an earlier run, which --json has written
    #[arg(long, value_name = "FILE", help_heading = "Result", conflicts_with_all = [
        "models", "servers", "connect", "beside", "threads", "driver", "shape", "sessions", "size", "depth", "rate", "active", "rounds",
        "seconds", "reference", "no_pin",
    ])]
    pub(crate) from: Option<PathBuf>,
    /// Do not show how far the run is
    #[arg(long, help_heading = "Result")]
    pub(crate) quiet: bool,
}

/// A word of `--models`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Models {
    All,
    One(Model),
}
