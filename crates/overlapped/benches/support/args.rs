//! The command line of a benchmark, and a run of it for each driver: a process has one driver.

use super::precedence;
use super::sockets::raise_open_files;
use overlapped::driver::{self, Choice};
use std::process::{Command, ExitCode};

/// What was asked for.
#[derive(Debug, Default, Clone)]
pub(crate) struct Args {
    /// Cargo says that this is to be measured; else one short cycle shows that everything still runs.
    pub(crate) bench: bool,
    pub(crate) cycles: Option<usize>,
    /// The only driver that is wanted.
    pub(crate) driver: Option<String>,
    /// This is the process for that driver.
    pub(crate) here: bool,
    /// A bar that does not hold is a failure.
    pub(crate) check: bool,
    /// Instructions are counted and compared with those that are written down.
    pub(crate) instructions: bool,
    /// What is counted is written down.
    pub(crate) bless: bool,
    /// Parts of names; none means all.
    pub(crate) only: Vec<String>,
    /// What a child of the benchmark does, and how often.
    pub(crate) child: Option<String>,
    pub(crate) times: usize,
}

const USAGE: &str = "cargo bench -p overlapped --bench NAME -- [PART_OF_A_NAME…] [--cycles N] [--driver uring|epoll]
  bars:        [--check]                  a bar that fails in two runs is a failure
  operations:  [--instructions] [--bless] count instructions, compare them with benches/instructions.txt or write it";

impl Args {
    /// The `main` of a benchmark.
    pub(crate) fn run(benchmark: impl FnOnce(&Self) -> ExitCode) -> ExitCode {
        match Self::parse() {
            Ok(args) => {
                raise_open_files();
                benchmark(&args)
            }
            Err(error) => {
                eprintln!("{error}");
                ExitCode::from(2)
            }
        }
    }

    fn parse() -> Result<Self, lexopt::Error> {
        use lexopt::prelude::{Long, Value, ValueExt};
        let mut args = Self::default();
        let mut parser = lexopt::Parser::from_env();
        while let Some(argument) = parser.next()? {
            match argument {
                Long("bench") => args.bench = true,
                Long("check") => args.check = true,
                Long("instructions") => args.instructions = true,
                Long("bless") => (args.instructions, args.bless) = (true, true),
                Long("cycles") => args.cycles = Some(parser.value()?.parse()?),
                Long("driver") => args.driver = Some(parser.value()?.string()?),
                Long("here") => args.here = true,
                Long("child") => args.child = Some(parser.value()?.string()?),
                Long("times") => args.times = parser.value()?.parse()?,
                Long("help") => {
                    println!("{USAGE}");
                    std::process::exit(0);
                }
                Value(name) => args.only.push(name.string()?),
                _ => return Err(argument.unexpected()),
            }
        }
        Ok(args)
    }

    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }

    pub(crate) fn cycles(&self) -> usize {
        self.cycles.unwrap_or(if self.bench { 10 } else { 1 })
    }

    /// This program again, with another driver or as a child.
    pub(crate) fn again(driver: &str) -> Command {
        let mut command = Command::new(std::env::current_exe().expect("the path of this program"));
        command.env_remove("OVERLAPPED_DRIVER").args(["--here", "--driver", driver]);
        command
    }

    /// Runs `measure` in a process for each driver, one after the other.
    pub(crate) fn on_each_driver(&self, measure: impl FnOnce(&Self, &str) -> bool) -> ExitCode {
        let wanted = self.driver.as_deref();
        if let Some(name) = wanted.filter(|_| self.here) {
            if let Err(error) = driver::choose(name.parse::<Choice>().expect("a driver's name")) {
                println!("# {name} is not here: {error}");
                return ExitCode::SUCCESS;
            }
            return if measure(self, name) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        let mut all = true;
        for driver in wanted.map_or(vec!["uring", "epoll"], |wanted| vec![wanted]) {
            let mut command = Self::again(driver);
            precedence::give(&mut command);
            let ended = command.args(std::env::args_os().skip(1)).status().expect("this program again");
            all &= ended.success();
        }
        if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
