//! What the compiler is asked to do: its options are read as far as they matter here, and kept as they are.

use super::libraries;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The command line of the compiler.
#[derive(Debug, Default)]
pub(crate) struct CommandLine {
    arguments: Vec<Argument>,
    pub(crate) stage: Stage,
    /// `-iquote` and `-I`, in their order.
    pub(crate) quoted: Vec<PathBuf>,
    pub(crate) folders: Vec<PathBuf>,
    /// The names that `-D` defines.
    defined: Vec<String>,
    pub(crate) output: Option<PathBuf>,
    pub(crate) charset: Option<String>,
    pub(crate) all_static: bool,
    pub(crate) shared: bool,
    pub(crate) standard: bool,
    /// The user has something to say about `-Wunknown-pragmas` or colours.
    pub(crate) asks_pragmas: bool,
    pub(crate) asks_colors: bool,
    /// `-MD` or `-MMD`, and the file that `-MF` names.
    pub(crate) writes_dependencies: bool,
    pub(crate) dependencies: Option<PathBuf>,
}

/// How far the compiler goes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// `-E`, `-M`, `-fsyntax-only`: nothing is written that a linker takes.
    Read,
    /// `-c` or `-S`.
    Compile,
    #[default]
    Link,
}

#[derive(Debug, PartialEq, Eq)]
enum Argument {
    /// A source, or an object or archive.
    Source(PathBuf, Language),
    Linked(PathBuf),
    /// `-include FILE`.
    Forced(PathBuf),
    /// A library of Windows by its name there: what it holds is in our one library, or not there.
    Windows(String),
    Other(OsString),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    C,
    Cpp,
    /// Assembler, Objective-C, …: none of our business.
    Else,
}

/// Options whose value is the next argument, if it is not a part of the same.
const WITH_VALUE: [&str; 40] = [
    "-o",
    "-I",
    "-D",
    "-U",
    "-L",
    "-l",
    "-x",
    "-include",
    "-imacros",
    "-isystem",
    "-iquote",
    "-idirafter",
    "-iprefix",
    "-iwithprefix",
    "-iwithprefixbefore",
    "-isysroot",
    "-MF",
    "-MT",
    "-MQ",
    "-Xlinker",
    "-Xassembler",
    "-Xpreprocessor",
    "-Xclang",
    "-T",
    "-u",
    "-z",
    "-e",
    "-B",
    "-A",
    "-aux-info",
    "--param",
    "-arch",
    "-target",
    "-mllvm",
    "-dumpbase",
    "-dumpbase-ext",
    "-dumpdir",
    "-specs",
    "--sysroot",
    "-wrapper",
];

impl CommandLine {
    pub(crate) fn read(arguments: &[OsString]) -> Self {
        let mut line = Self::default();
        let mut language = None;
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy();
            if !text.starts_with('-') || text == "-" {
                line.input(argument, language);
                continue;
            }
            let Some((name, attached)) = split(&text) else {
                line.flag(argument, &text);
                continue;
            };
            let Some(value) = attached.map(OsString::from).or_else(|| rest.next().cloned()) else {
                line.arguments.push(Argument::Other(argument.clone()));
                continue;
            };
            if name == "-x" {
                language = spoken(&value);
            }
            line.option(name, attached.is_some(), argument, &value);
        }
        line
    }

    fn input(&mut self, argument: &OsStr, language: Option<Language>) {
        let path = PathBuf::from(argument);
        let known = language.or_else(|| by_name(&path));
        self.arguments.push(match (known, libraries::file(&path)) {
            (_, Some(library)) if !path.exists() => Argument::Windows(library),
            (Some(language), _) => Argument::Source(path, language),
            _ if argument.to_string_lossy().starts_with('@') => Argument::Other(argument.to_owned()),
            _ => Argument::Linked(path),
        });
    }

    /// An option without a value.
    fn flag(&mut self, argument: &OsStr, text: &str) {
        match text {
            "-E" | "-M" | "-MM" | "-fsyntax-only" => self.stage = Stage::Read,
            "-c" | "-S" if self.stage == Stage::Link => self.stage = Stage::Compile,
            "-static" | "-static-pie" => self.all_static = true,
            "-shared" | "-r" => self.shared = true,
            "-MD" | "-MMD" => self.writes_dependencies = true,
            "-ansi" => self.standard = true,
            _ => {}
        }
        if let Some(name) = text.strip_prefix("-finput-charset=") {
            // Sources reach the compiler in UTF-8.
            self.charset = Some(name.to_owned());
            return;
        }
        self.standard |= text.starts_with("-std=") || text.starts_with("--std=");
        self.asks_pragmas |= text.contains("unknown-pragmas");
        self.asks_colors |= text.starts_with("-fdiagnostics-") || text.contains("color-diagnostics");
        self.arguments.push(Argument::Other(argument.to_owned()));
    }

    fn option(&mut self, name: &str, attached: bool, argument: &OsStr, value: &OsString) {
        match name {
            "-o" => self.output = Some(value.into()),
            "-MF" => self.dependencies = Some(value.into()),
            "-iquote" => self.quoted.push(value.into()),
            "-I" => self.folders.push(value.into()),
            "-D" => {
                let text = value.to_string_lossy();
                self.defined.push(text.split(['=', '(']).next().unwrap_or_default().to_owned());
            }
            "-include" => return self.arguments.push(Argument::Forced(value.into())),
            "-l" => {
                if let Some(library) = libraries::linked(&value.to_string_lossy()) {
                    return self.arguments.push(Argument::Windows(library));
                }
            }
            _ => {}
        }
        self.arguments.push(Argument::Other(argument.to_owned()));
        if !attached {
            self.arguments.push(Argument::Other(value.clone()));
        }
    }

    pub(crate) fn sources(&self) -> impl Iterator<Item = (&Path, Language)> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Source(path, language) => Some((path.as_path(), *language)),
            _ => None,
        })
    }

    /// Files that come before all others.
    pub(crate) fn forced(&self) -> impl Iterator<Item = &Path> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Forced(path) => Some(path.as_path()),
            _ => None,
        })
    }

    /// Objects and archives.
    pub(crate) fn linked(&self) -> impl Iterator<Item = &Path> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Linked(path) => Some(path.as_path()),
            _ => None,
        })
    }

    /// Libraries of Windows that are asked for.
    pub(crate) fn windows_libraries(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().filter_map(|argument| match argument {
            Argument::Windows(name) => Some(name.as_str()),
            _ => None,
        })
    }

    pub(crate) fn has_input(&self) -> bool {
        self.sources().next().is_some() || self.linked().next().is_some()
    }

    pub(crate) fn speaks(&self, language: Language) -> bool {
        self.sources().any(|(_, spoken)| spoken == language)
    }

    pub(crate) fn defines(&self, name: &str) -> bool {
        self.defined.iter().any(|defined| defined == name)
    }

    /// The arguments for the compiler, with copies in the place of some files. `mixed` tells that C is compiled by a compiler for
    /// C++, which takes a `.c` for C++; Visual C++ does not.
    pub(crate) fn render(&self, copies: &HashMap<PathBuf, PathBuf>, mixed: bool) -> Vec<OsString> {
        let place = |path: &PathBuf| copies.get(path).unwrap_or(path).clone().into_os_string();
        let mut rendered = Vec::new();
        for argument in &self.arguments {
            match argument {
                Argument::Source(path, Language::C) if mixed && by_name(path) == Some(Language::C) => {
                    rendered.extend(["-x".into(), "c".into(), place(path), "-x".into(), "none".into()]);
                }
                Argument::Source(path, _) | Argument::Linked(path) => rendered.push(place(path)),
                Argument::Forced(path) => rendered.extend(["-include".into(), place(path)]),
                Argument::Other(other) => rendered.push(other.clone()),
                Argument::Windows(_) => {}
            }
        }
        rendered
    }
}

/// The name of an option with a value, and the value where both are one argument.
fn split(text: &str) -> Option<(&'static str, Option<&str>)> {
    let exact = WITH_VALUE.iter().find(|name| **name == text);
    if let Some(name) = exact {
        return Some((name, None));
    }
    // The longest that fits: `-include` is no `-i…` with a value, and `-lfoo` is `-l` with one.
    let fits =
        WITH_VALUE.iter().filter(|name| text.starts_with(**name) && joins(name)).max_by_key(|name| name.len())?;
    Some((fits, text.get(fits.len()..)))
}

/// Options that take their value in the same argument. Others of one letter begin the names of further options.
fn joins(name: &str) -> bool {
    matches!(name, "-o" | "-I" | "-D" | "-U" | "-L" | "-l" | "-x" | "-isystem" | "-iquote" | "-idirafter")
}

/// What `-x` says; none for `none`.
fn spoken(value: &OsStr) -> Option<Language> {
    match value.to_str() {
        Some("none") => None,
        Some("c" | "c-header") => Some(Language::C),
        Some("c++" | "c++-header") => Some(Language::Cpp),
        _ => Some(Language::Else),
    }
}

fn by_name(path: &Path) -> Option<Language> {
    match path.extension()?.to_str()? {
        "c" => Some(Language::C),
        "cc" | "cp" | "cxx" | "cpp" | "CPP" | "c++" | "C" | "ixx" | "cppm" => Some(Language::Cpp),
        "h" | "hh" | "H" | "hp" | "hxx" | "hpp" | "HPP" | "h++" => Some(Language::Cpp),
        "i" | "ii" | "m" | "mm" | "s" | "S" | "sx" => Some(Language::Else),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> CommandLine {
        CommandLine::read(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
    }

    fn rendered(line: &str) -> String {
        let rendered = read(line).render(&HashMap::new(), false);
        rendered.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn options_go_through_as_they_are() {
        for line in [
            "a.cpp -o a -O2 -Wall -Wextra -march=native -fsanitize=address -g",
            "-x c++ - -MD -MF a.d -MT a.o -c",
            "a.o b.a -lfoo -l bar -Wl,--as-needed -Xlinker -Map -L lib --param x=1",
            "-I inc -Iother -iquote q -isystem s -DA -D B=1 -U C -include pch.h a.c",
            "--version",
            "@list",
            "-o",
        ] {
            assert_eq!(rendered(line), line);
        }
    }

    #[test]
    fn what_matters_is_read() {
        let line =
            read("-c a.cpp -x c b -x none c.o -I inc -Iother -iquote q -DUNICODE -D_X=1 -std=c++20 -include f.h");
        assert_eq!(line.stage, Stage::Compile);
        let sources: Vec<_> = line.sources().collect();
        assert_eq!(sources, [(Path::new("a.cpp"), Language::Cpp), (Path::new("b"), Language::C)]);
        assert_eq!(line.linked().collect::<Vec<_>>(), [Path::new("c.o")]);
        assert_eq!(line.folders, [Path::new("inc"), Path::new("other")]);
        assert_eq!(line.quoted, [Path::new("q")]);
        assert!(line.defines("UNICODE") && line.defines("_X") && !line.defines("X"));
        assert!(line.standard);
        assert_eq!(line.forced().collect::<Vec<_>>(), [Path::new("f.h")]);
        assert_eq!(read("-fsyntax-only -c a.c").stage, Stage::Read);
        assert!(!read("-fopenmp --version").has_input());
    }

    #[test]
    fn libraries_of_windows_are_taken_out() {
        let line = "a.cpp ws2_32.lib -lws2_32 -l mswsock -lpthread -lkernel32 d3d11.lib -finput-charset=CP949";
        assert_eq!(rendered(line), "a.cpp -lpthread");
        let line = read(line);
        assert_eq!(line.windows_libraries().collect::<Vec<_>>(), ["ws2_32", "ws2_32", "mswsock", "kernel32", "d3d11"]);
        assert_eq!(line.charset.as_deref(), Some("CP949"));
    }
}
