//! The options that are ours; all others are the compiler's.

use crate::args::usage;
use crate::problem::Problem;
use clap::Parser;
use clap::error::ErrorKind;
use std::ffi::{OsStr, OsString};

/// Compile a Winsock program for Linux
#[derive(Debug, Parser)]
#[command(
    name = "cc",
    bin_name = "overlapped cc",
    override_usage = "overlapped cc [OPTIONS] SOURCE… -o OUT [any option of g++ or clang++]",
    after_help = "Every other option goes to the compiler as it is. OVERLAPPED_SDK names the folder of the headers and the library, \
                  CXX and CC the compiler. The exit code is the compiler's."
)]
pub(crate) struct Options {
    /// g++, clang++ or a path; $CXX ($CC for C), g++ or clang++ if not given
    #[arg(long, value_name = "COMPILER")]
    pub(crate) compiler: Option<OsString>,
    /// The code page of sources that are neither UTF-8 nor UTF-16: cp949, gb18030, cp1252, …; guessed if not given
    #[arg(long, value_name = "NAME")]
    pub(crate) charset: Option<String>,
    /// Link libws2_32.a, so that the program needs no libws2_32.so
    #[arg(long)]
    pub(crate) static_ws2: bool,
    /// Print the command line that is run; -v tells the compiler, too
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Leave out the advice about what is otherwise here than with Visual C++
    #[arg(long)]
    pub(crate) no_advice: bool,
    /// Print each flag that is added, and why
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print the flags to compile with, for a Makefile
    #[arg(long)]
    pub(crate) cflags: bool,
    /// Print the flags to link with, for a Makefile
    #[arg(long)]
    pub(crate) libs: bool,
    /// The same as --cflags --libs
    #[arg(long)]
    pub(crate) print_flags: bool,
}

/// Takes ours, wherever they stand, from the command line. Help is printed here, and ends the process.
pub(crate) fn split(arguments: &[OsString]) -> Result<(Options, Vec<OsString>), Problem> {
    let (mut ours, mut theirs) = (vec![OsString::from("cc")], Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match kind(argument) {
            Kind::Theirs => theirs.push(argument.clone()),
            Kind::Flag => ours.push(argument.clone()),
            Kind::Both => {
                ours.push("--verbose".into());
                theirs.push(argument.clone());
            }
            Kind::WithValue => {
                ours.push(argument.clone());
                ours.extend(rest.next().cloned());
            }
        }
    }
    match Options::try_parse_from(ours) {
        Ok(options) => Ok((options, theirs)),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => error.exit(),
        Err(error) => Err(usage(&error)),
    }
}

enum Kind {
    Theirs,
    Flag,
    WithValue,
    Both,
}

fn kind(argument: &OsStr) -> Kind {
    match argument.to_str().unwrap_or_default() {
        "-v" => Kind::Both,
        "--compiler" | "--charset" => Kind::WithValue,
        "--static-ws2" | "--verbose" | "--no-advice" | "--explain" | "--cflags" | "--libs" | "--print-flags"
        | "--help" => Kind::Flag,
        other if other.starts_with("--compiler=") || other.starts_with("--charset=") => Kind::Flag,
        _ => Kind::Theirs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Options::command().debug_assert();
    }

    #[test]
    fn ours_may_stand_anywhere() {
        let line = [
            "a.cpp",
            "--charset",
            "cp949",
            "-o",
            "a",
            "--static-ws2",
            "-v",
            "-O2",
            "--compiler=clang++",
            "--param",
            "x=1",
        ];
        let line: Vec<OsString> = line.into_iter().map(OsString::from).collect();
        let (options, theirs) = split(&line).expect("good options");
        assert_eq!(theirs, ["a.cpp", "-o", "a", "-v", "-O2", "--param", "x=1"]);
        assert_eq!(options.charset.as_deref(), Some("cp949"));
        assert_eq!(options.compiler.as_deref(), Some(OsStr::new("clang++")));
        assert!(options.static_ws2 && options.verbose && !options.explain);
    }

    #[test]
    fn a_value_that_is_missing() {
        assert!(split(&["a.cpp".into(), "--charset".into()]).is_err());
    }
}
