//! Every command and flag, in one place.

mod values;

pub(crate) use values::Address;

use crate::model::{Model, NoModel};
use crate::problem::Problem;
use crate::{client, demo, info, serve};
use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use overlapped::driver::Choice;
use std::error::Error as _;
use std::time::Duration;
use values::{bytes, driver, duration, positive};

const DEFAULT_ADDRESS: &str = "127.0.0.1:7777";
const ADDRESS_HELP: &str = "HOST:PORT, where HOST is a name, an IPv4 address or an IPv6 address in brackets";

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
    /// The driver, kernel features and limits of this system, and why
    Info(Info),
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// select, event-select, async-select, event, callback or port; all, one after the other, if none is given
    #[arg(long, value_name = "M")]
    pub(crate) model: Option<overlapped::server::Model>,
    /// How long the client of each model goes on sending
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(..=86_400))]
    pub(crate) seconds: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[arg(value_name = "ADDR", default_value = DEFAULT_ADDRESS, help = ADDRESS_HELP, long_help = format!("{ADDRESS_HELP}; port 0 picks a free one"))]
    pub(crate) address: Address,
    /// event or callback
    #[arg(long, value_name = "M", default_value = "callback")]
    pub(crate) model: Model,
    /// What becomes of the data that arrives
    #[arg(long, value_enum, default_value_t = Mode::Print)]
    pub(crate) mode: Mode,
    /// Threads that serve clients; one more accepts them
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: u16,
    /// auto, uring, epoll or winsock; wins over OVERLAPPED_DRIVER
    #[arg(long, value_name = "DRIVER", value_parser = driver)]
    pub(crate) driver: Option<Choice>,
    /// Receive buffer of each client
    #[arg(long, value_name = "BYTES", default_value = "1000", value_parser = bytes)]
    pub(crate) buffer: usize,
    /// How much may wait for a client of a broadcast that does not read, before it is closed
    #[arg(long, value_name = "BYTES", default_value = "1M", value_parser = bytes)]
    pub(crate) queue: usize,
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

#[derive(Debug, Args)]
pub(crate) struct Client {
    #[arg(value_name = "ADDR", default_value = DEFAULT_ADDRESS, help = ADDRESS_HELP)]
    pub(crate) address: Address,
    /// event or callback
    #[arg(long, value_name = "M", default_value = "callback")]
    pub(crate) model: Model,
    /// What to send; "Hello World" if nothing is given
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Length of each message, padded with zeros; that of TEXT, or 100 without TEXT, if not given
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

impl Command {
    pub(crate) fn run(self) -> Result<(), Problem> {
        match self {
            Self::Demo(demo) => demo::run(&demo),
            Self::Serve(serve) => serve::run(&serve),
            Self::Client(client) => client::run(&client),
            Self::Info(info) => info::run(&info),
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
fn usage(error: &clap::Error) -> Problem {
    if let Some(unavailable @ NoModel::Later(_)) = error.source().and_then(|source| source.downcast_ref()) {
        return Problem::usage(unavailable.to_string());
    }
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
