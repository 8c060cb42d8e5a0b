//! `overlapped cc`: compiles a Winsock program for Linux. A C or C++ compiler does the work; here it gets our headers and library,
//! and the sources in a form that it can read. What is left to change is said in one line each.

mod advice;
mod brought;
mod charset;
mod command_line;
mod compiler;
mod dependencies;
mod entry;
mod flags;
mod includes;
mod libraries;
mod options;
mod program;
mod rewrites;
mod scanner;
mod sdk;

use crate::args::Cc;
use crate::output::{self, complain, say};
use crate::problem::Problem;
use advice::messages::{self, Message};
use brought::Brought;
use command_line::{CommandLine, Language, Stage};
use compiler::{Compiler, Family};
use entry::Entry;
use includes::Folders;
use options::Options;
use program::{Copies, Program};
use sdk::Sdk;
use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

pub(crate) fn run(asked: &Cc) -> Result<(), Problem> {
    let (options, theirs) = options::split(&asked.arguments)?;
    if options.explain {
        output::write(&flags::explain());
        return Ok(());
    }
    let line = CommandLine::read(&theirs);
    let asks_flags = options.cflags || options.libs || options.print_flags;
    if theirs.is_empty() && !asks_flags {
        return Err(Problem::usage("no source was given (try --help)"));
    }
    let compiler = Compiler::choose(options.compiler.as_deref(), &line)?;
    if asks_flags {
        return print_flags(&options, &line, &compiler);
    }
    compile(&options, &line, &compiler)
}

fn print_flags(options: &Options, line: &CommandLine, compiler: &Compiler) -> Result<(), Problem> {
    let sdk = Sdk::find()?;
    let mut words = Vec::new();
    if options.cflags || options.print_flags {
        words.extend(flags::compile(&sdk, compiler.family));
        words.extend(flags::more(line));
    }
    if options.libs || options.print_flags {
        words.extend(flags::link(&sdk, options.static_ws2 || line.all_static)?);
    }
    say!("{}", flags::shell(&words));
    Ok(())
}

fn compile(options: &Options, line: &CommandLine, compiler: &Compiler) -> Result<(), Problem> {
    let name = options.charset.as_deref().or(line.charset.as_deref());
    let asked = name.map(|name| {
        let unknown = || {
            Problem::usage(format!("there is no character set `{name}`; there are cp949, gb18030, cp932, cp1252, …"))
        };
        charset::named(name).ok_or_else(unknown)
    });
    let asked = asked.transpose()?;
    if !line.has_input() {
        // `--version` and the like: the compiler's own business.
        let words = line.render(&Copies::default().paths, false);
        let ran = start(options, compiler, &words)?;
        let _ = io::stderr().write_all(&ran.errors);
        return ended(&ran.status);
    }
    let sdk = Sdk::find()?;
    let system = || compiler.folders();
    let folders = Folders::new(&line.quoted, &line.folders, &sdk.headers, &system);
    let texts = line.sources().filter(|(_, language)| *language != Language::Else).map(|(path, _)| path);
    let program = Program::read(line.forced().chain(texts), &folders, asked);
    if options.verbose {
        for (path, charset) in program.files().filter_map(|(path, file)| Some((path, file.foreign?))) {
            complain!("overlapped: {} is in {charset}", path.display());
        }
    }
    let copies = program.copy()?;
    keep_until_cleared();
    let entry = entry::make(line, &program, compiler)?;

    let job = Job { options, line, compiler, sdk: &sdk, program: &program, copies: &copies, entry: entry.as_ref() };
    let (ran, brought) = job.run()?;
    dependencies::name_originals(line, &copies);
    // Nobody may be listening.
    let _ = io::stderr().write_all(&ran.errors);
    if !options.no_advice {
        let said = messages::parse(&String::from_utf8_lossy(&ran.errors));
        let said = brought.iter().chain(said.iter().filter(|_| !ran.status.success()));
        advice::give(&said.collect::<Vec<_>>(), line, &program, &sdk.headers);
    }
    ended(&ran.status)
}

/// All that a compilation needs.
struct Job<'a> {
    options: &'a Options,
    line: &'a CommandLine,
    compiler: &'a Compiler,
    sdk: &'a Sdk,
    program: &'a Program,
    copies: &'a Copies,
    entry: Option<&'a Entry>,
}

impl Job<'_> {
    /// Runs the compiler, again if it wants standard headers that Visual C++ has brought along: with the messages about these.
    fn run(&self) -> Result<(Ran, Vec<Message>), Problem> {
        let (mut headers, mut about) = (BTreeSet::new(), Vec::new());
        let mut ran = self.start(None)?;
        // What is declared at last may want more. A header of one language is none of the other.
        for _ in 0..MOST_ROUNDS {
            let mixed = self.line.speaks(Language::C) && self.line.speaks(Language::Cpp);
            let mut said = messages::parse(&String::from_utf8_lossy(&ran.errors));
            let before = headers.len();
            headers.extend(brought::wanted(&said));
            if ran.status.success() || mixed || headers.len() == before {
                break;
            }
            said.retain(|message| brought::header(&message.text).is_some());
            about.append(&mut said);
            let cannot = |error| Problem::failed(format!("cannot write a header: {error}"));
            let header = Brought::new(&headers).map_err(cannot)?;
            ran = self.start(Some(header.path()))?;
        }
        Ok((ran, about))
    }

    /// Runs the compiler, with a header before all others. In what it says files have the names by which they are known here.
    fn start(&self, first: Option<PathBuf>) -> Result<Ran, Problem> {
        let mut ran = start(self.options, self.compiler, &self.words(first)?)?;
        ran.errors = self.copies.with_known_names(ran.errors);
        Ok(ran)
    }

    /// The arguments of the compiler.
    fn words(&self, first: Option<PathBuf>) -> Result<Vec<OsString>, Problem> {
        let mut words = flags::compile(self.sdk, self.compiler.family);
        if let Some(first) = first {
            words.extend(["-include".into(), first.into()]);
        }
        words.extend(self.line.render(&self.copies.paths, self.line.speaks(Language::C) && !self.compiler.for_c));
        words.extend(flags::more(self.line));
        words.extend(self.copies.named_as_originals(self.line));
        words.extend(presentation(self.line, self.compiler.family, self.program));
        if self.line.stage == Stage::Link {
            // `-x` is for the files behind it; an object and a library are of no language.
            if words.iter().any(|word| word.to_string_lossy().starts_with("-x")) {
                words.extend(["-x".into(), "none".into()]);
            }
            words.extend(self.entry.map(|entry| entry.object.clone().into_os_string()));
        }
        words.extend(flags::link_if_needed(self.line, self.sdk, self.options.static_ws2)?);
        Ok(words)
    }
}

/// How often a compiler is run for headers that it wants.
const MOST_ROUNDS: usize = 3;

/// Ctrl+C ends the compiler, which is in the same group; this command goes on, and clears away what it has laid.
fn keep_until_cleared() {
    // Where no handler can be set, a folder may be left.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default());
}

/// How messages look: as without us in between, and without lines of a source that is in UTF-16.
fn presentation(line: &CommandLine, family: Family, program: &Program) -> Vec<OsString> {
    let mut flags: Vec<OsString> = Vec::new();
    if !line.asks_colors && io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none() {
        flags.push(if family == Family::Gcc { "-fdiagnostics-color=always" } else { "-fcolor-diagnostics" }.into());
    }
    if program.files().any(|(_, file)| file.foreign.is_some_and(|name| name.starts_with("UTF-16"))) {
        flags.push(if family == Family::Gcc { "-fno-diagnostics-show-caret" } else { "-fno-caret-diagnostics" }.into());
    }
    flags
}

/// How a compiler ended, and what it said.
struct Ran {
    status: ExitStatus,
    errors: Vec<u8>,
}

/// Runs the compiler to its end, and keeps what it says on standard error.
fn start(options: &Options, compiler: &Compiler, words: &[OsString]) -> Result<Ran, Problem> {
    if options.verbose {
        let mut all = compiler.words();
        all.extend(words.iter().cloned());
        complain!("{}", flags::shell(&all));
    }
    let child = compiler.command().args(words).stderr(Stdio::piped()).spawn();
    let output = child.and_then(|child| child.wait_with_output());
    let output =
        output.map_err(|error| Problem::failed(format!("cannot run {}: {error}", flags::shell(&compiler.words()))))?;
    Ok(Ran { status: output.status, errors: output.stderr })
}

/// The compiler has said what was wrong; its code is ours.
fn ended(status: &ExitStatus) -> Result<(), Problem> {
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(Problem::told(code)),
        (None, signal) => Err(Problem::told(128 + signal.unwrap_or_default())),
    }
}
