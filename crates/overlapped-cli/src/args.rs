//! Every command and flag, in one place.

mod bench;
mod values;

pub(crate) use bench::{Bench, Models};
pub(crate) use values::Address;

use crate::problem::Problem;
use crate::{bench as benchmark, client, demo, info, platform, serve};
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use overlapped::driver::Choice;
use overlapped::server::{Framing, Model};
use std::ffi::OsString;
use std::time::Duration;
use values::{bytes, count, driver, duration, period, positive};

const DEFAULT_ADDRESS: &str = "127.0.0.1:7777";
const ADDRESS_HELP: &str = "HOST:PORT, where HOST is a name, an IPv4 address or an IPv6 address in brackets";
const MODEL_HELP: &str = "select, event-select, async-select, event, callback or port";

#[derive(Debug, Parser)]
#[command(
    name = "overlapped",
    bin_name = "overlapped",
    version,
    about = "The Windows Overlapped I/O model, to watch and to use"
)]
#[command(arg_required_else_help = false)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What the user asks for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Server and client in one process, saying what happens step by step
    Demo(Demo),
    /// A server for any number of clients
    Serve(Serve),
    /// A client that sends a message again and again
    Client(Client),
    /// Servers side by side under the same load: messages per second, latency, processor time, memory
    Bench(Box<Bench>),
    /// What the bench starts to load a server: it is told by its standard input what to do
    #[command(hide = true)]
    BenchLoad,
    /// The driver, kernel features and limits of this system, and why
    Info(Info),
    /// Compile a Winsock program for Linux: overlapped cc SOURCE… -o OUT
    #[command(disable_help_flag = true)]
    Cc(Cc),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// select, event-select, async-select, event, callback or port; all, one after the other, if none is given
    #[arg(long, value_name = "M")]
    pub(crate) model: Option<Model>,
    /// How long the client of each model goes on sending
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(value_name = "ADDR", default_value = DEFAULT_ADDRESS, help = ADDRESS_HELP, long_help = format!("{ADDRESS_HELP}; port 0 picks a free one"))]
    pub(crate) address: Address,
    #[arg(long, value_name = "M", default_value_t = Model::Callback, help = MODEL_HELP)]
    pub(crate) model: Model,
    /// What becomes of the data that arrives
    #[arg(long, value_enum, default_value_t = Mode::Print)]
    pub(crate) mode: Mode,
    /// Threads that serve clients
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: u16,
    /// How many of them run at a time in the model port; as many as there are processors, if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: Option<u16>,
    /// auto, uring, epoll or winsock; wins over OVERLAPPED_DRIVER
    #[arg(long, value_name = "DRIVER", value_parser = driver)]
    pub(crate) driver: Option<Choice>,
    /// Receive buffer of each client; it grows to the largest packet
    #[arg(long, value_name = "BYTES", default_value = "1000", value_parser = bytes)]
    pub(crate) buffer: usize,
    #[command(flatten)]
    pub(crate) wire: Wire,
    /// How much may wait for a client that does not read: then an echo waits for it, and of a broadcast see --overflow
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = bytes)]
    pub(crate) queue: usize,
    /// What becomes of a client of a broadcast for which too much waits
    #[arg(long, value_enum, default_value_t = Overflow::Close)]
    pub(crate) overflow: Overflow,
    /// How many clients there may be at once; further ones are closed
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) max_clients: Option<usize>,
    /// The same for clients of one IP address
    #[arg(long, value_name = "N", value_parser = count)]
    pub(crate) max_per_address: Option<usize>,
    /// Close a client that sends nothing for so long
    #[arg(long, value_name = "TIME", value_parser = period)]
    pub(crate) idle: Option<Duration>,
    /// Send an empty packet to a client that was sent nothing for so long
    #[arg(long, value_name = "TIME", value_parser = period)]
    pub(crate) heartbeat: Option<Duration>,
    /// When stopped, how long clients may take to get what is queued and to close
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub(crate) drain: Duration,
    /// Print counters to the standard error this often
    #[arg(long, value_name = "TIME", value_parser = period)]
    pub(crate) stats: Option<Duration>,
}

/// How messages lie in the stream.
#[derive(Debug, Args)]
pub(crate) struct Wire {
    /// raw, packet (u16le-id-all), or the header: u16le, u16be, u32le or u32be, then -id, then -all if the size counts it
    #[arg(long, value_name = "F", default_value_t = Framing::raw())]
    framing: Framing,
    /// The largest packet, with its header; 1M, or what the size can express, if not given
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_packet: Option<usize>,
}

impl Wire {
    pub(crate) fn framing(&self) -> Result<Framing, Problem> {
        match self.max_packet {
            None => Ok(self.framing),
            Some(_) if self.framing.is_raw() => {
                Err(Problem::usage("--max-packet is about packets: it needs a --framing"))
            }
            Some(most) => Ok(self.framing.max(most)),
        }
    }
}

/// What a server does with what it receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Print who comes, what arrives and who leaves
    Print,
    /// Send it back
    Echo,
    /// Send it to all other clients
    Broadcast,
}

/// What becomes of a client for which too much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Overflow {
    /// Close it
    Close,
    /// Drop what does not fit, and keep the client
    Drop,
}

#[derive(Debug, Args)]
pub(crate) struct Client {
    #[arg(value_name = "ADDR", default_value = DEFAULT_ADDRESS, help = ADDRESS_HELP)]
    pub(crate) address: Address,
    #[arg(long, value_name = "M", default_value_t = Model::Callback, help = MODEL_HELP)]
    pub(crate) model: Model,
    #[command(flatten)]
    pub(crate) wire: Wire,
    /// Id of each packet, where the framing has one
    #[arg(long, value_name = "ID", default_value_t = 0)]
    pub(crate) id: u16,
    /// What to send; "Hello World" if nothing is given
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Length of each message without a header, padded with zeros; that of TEXT, or 100 without TEXT, if not given
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    pub(crate) size: Option<usize>,
    /// Pause between messages: 1s, 200ms, 0
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = duration)]
    pub(crate) every: Duration,
    /// End after so many messages; otherwise when stopped
    #[arg(long, value_name = "N", value_parser = positive)]
    pub(crate) count: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct Info {
    /// The same as one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Cc {
    /// Sources, and any option of g++ or clang++; overlapped cc --help lists the options that are added
    #[arg(value_name = "SOURCE", trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<OsString>,
}

impl Command {
    pub(crate) fn run(self) -> Result<(), Problem> {
        match self {
            Self::Demo(demo) => demo::run(&demo),
            Self::Serve(serve) => serve::run(&serve),
            Self::Client(client) => client::run(&client),
            Self::Bench(bench) => benchmark::run(&bench),
            Self::BenchLoad => benchmark::load(),
            Self::Info(info) => info::run(&info),
            Self::Cc(cc) => platform::compile(&cc),
        }
    }
}

/// Reads the command line. Help and version are printed here, and end the process.
pub(crate) fn parse() -> Result<Command, Problem> {
    match Cli::try_parse() {
        Ok(cli) => Ok(cli.command),
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => error.exit(),
        Err(error) => Err(usage(&error)),
    }
}

/// A usage error in one line: its first paragraph says what is wrong.
pub(crate) fn usage(error: &clap::Error) -> Problem {
    let text = error.to_string();
    let paragraph = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    Problem::usage(format!("{} (try --help)", paragraph.trim_start_matches("error: ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
