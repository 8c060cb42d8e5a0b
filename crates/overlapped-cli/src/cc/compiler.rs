//! The compiler: which it is, and where it looks for headers.

use super::command_line::{CommandLine, Language};
use crate::problem::Problem;
use std::cell::OnceCell;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A compiler that is installed.
#[derive(Debug)]
pub(crate) struct Compiler {
    program: PathBuf,
    /// `CXX="ccache g++"` is a program with an argument.
    first: Vec<OsString>,
    pub(crate) family: Family,
    /// It compiles C only.
    pub(crate) for_c: bool,
    folders: OnceCell<Vec<PathBuf>>,
}

/// What differs between compilers is the same within a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Gcc,
    Clang,
}

impl Compiler {
    pub(crate) fn choose(asked: Option<&OsStr>, line: &CommandLine) -> Result<Self, Problem> {
        let for_c = line.speaks(Language::C) && !line.speaks(Language::Cpp) && !line.speaks(Language::Else);
        if let Some(asked) = asked {
            return Self::installed(asked, for_c, "--compiler");
        }
        let variable = if for_c { "CC" } else { "CXX" };
        if let Some(named) = env::var_os(variable).filter(|named| !named.is_empty()) {
            return Self::installed(&named, for_c, variable);
        }
        let names = if for_c { ["gcc", "clang"] } else { ["g++", "clang++"] };
        let found = names.into_iter().find_map(|name| Self::installed(OsStr::new(name), for_c, "").ok());
        found.ok_or_else(|| Problem::failed(format!("there is no {} and no {} here: {INSTALL}", names[0], names[1])))
    }

    fn installed(command: &OsStr, for_c: bool, named_by: &str) -> Result<Self, Problem> {
        let words = command.to_string_lossy();
        let (program, first) = match on_path(Path::new(command)) {
            Some(program) => (Some(program), Vec::new()),
            None => {
                let mut words = words.split_whitespace();
                let program = words.next().and_then(|program| on_path(Path::new(program)));
                (program, words.map(OsString::from).collect())
            }
        };
        let program = program
            .ok_or_else(|| Problem::failed(format!("there is no compiler `{words}` ({named_by}): {INSTALL}")))?;
        let mut compiler = Self { program, first, family: Family::Gcc, for_c, folders: OnceCell::new() };
        compiler.family = compiler.ask_family();
        Ok(compiler)
    }

    fn ask_family(&self) -> Family {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy();
        if self.first.is_empty() && name.contains("clang") {
            return Family::Clang;
        }
        if self.first.is_empty() && (name.starts_with("g++") || name.starts_with("gcc")) {
            return Family::Gcc;
        }
        // `c++` and wrappers are either.
        let version = self.command().arg("--version").stdin(Stdio::null()).output();
        let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        if version.contains("clang") { Family::Clang } else { Family::Gcc }
    }

    /// The command without arguments. Its messages are English, since the advice reads them. It does not see the variables that
    /// name it: a build system sets them to a script that runs this command, which would go on to run itself for ever.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.first).env("LC_ALL", "C.UTF-8").env_remove("CXX").env_remove("CC");
        command
    }

    /// The command as words, to be shown.
    pub(crate) fn words(&self) -> Vec<OsString> {
        std::iter::once(self.program.clone().into_os_string()).chain(self.first.iter().cloned()).collect()
    }

    /// Where the compiler looks for headers by itself.
    pub(crate) fn folders(&self) -> &[PathBuf] {
        self.folders.get_or_init(|| {
            let language = if self.for_c { "c" } else { "c++" };
            let asked = self.command().args(["-x", language, "-E", "-v", "/dev/null"]).stdin(Stdio::null()).output();
            let said = asked.map(|output| String::from_utf8_lossy(&output.stderr).into_owned()).unwrap_or_default();
            searched(&said)
        })
    }
}

const INSTALL: &str =
    "install one (apt install g++, dnf install gcc-c++, pacman -S gcc), or name another with --compiler";

/// The program of that name, or at that path.
fn on_path(program: &Path) -> Option<PathBuf> {
    if program.components().count() > 1 {
        return program.is_file().then(|| program.to_path_buf());
    }
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// The folders between the two lines that every compiler prints around them.
fn searched(said: &str) -> Vec<PathBuf> {
    let list = said.lines().skip_while(|line| !line.starts_with("#include <...>")).skip(1);
    list.take_while(|line| !line.starts_with("End of search list")).map(|line| PathBuf::from(line.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_read_from_what_the_compiler_says() {
        let said = "x\n#include \"...\" search starts here:\n#include <...> search starts here:\n /usr/a\n /usr/b\nEnd of search list.\ny\n";
        assert_eq!(searched(said), [Path::new("/usr/a"), Path::new("/usr/b")]);
        assert!(searched("nothing").is_empty());
    }
}
