//! `wmain` and `WinMain`, and `_tmain` and `_tWinMain`, which are one of them: Linux calls `main` only, so that a program which has
//! another one gets a `main` that calls it.

use super::command_line::{CommandLine, Stage};
use super::compiler::Compiler;
use super::program::Program;
use crate::problem::Problem;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;

/// The `main`, in C: any compiler that is installed for C++ takes it, too.
const SOURCE: &str = include_str!("entry.c");
const NAMES: [&str; 5] = ["wmain", "_tmain", "WinMain", "wWinMain", "_tWinMain"];
const SYMBOLS: [&[u8]; 4] = [b"_Z5wmain", b"\0wmain\0", b"_Z7WinMain", b"_Z8wWinMain"];

/// The object, for as long as the linker needs it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) object: PathBuf,
    _folder: TempDir,
}

/// Compiles the `main`, if the program is linked here and may need it.
pub(crate) fn make(line: &CommandLine, program: &Program, compiler: &Compiler) -> Result<Option<Entry>, Problem> {
    if line.stage != Stage::Link || line.shared || !(in_sources(program) || in_objects(line)) {
        return Ok(None);
    }
    let cannot = |error| Problem::failed(format!("cannot make a main: {error}"));
    let folder = tempfile::Builder::new().prefix("overlapped-cc-").tempdir().map_err(cannot)?;
    let (source, object) = (folder.path().join("entry.c"), folder.path().join("entry.o"));
    fs::write(&source, SOURCE).map_err(cannot)?;
    let options = ["-x", "c", "-O1", "-fPIC", "-c"].map(OsString::from);
    let output = compiler.command().args(options).arg(&source).arg("-o").arg(&object).stdin(Stdio::null()).output();
    let output = output.map_err(cannot)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::failed(format!("cannot make a main: {}", said.lines().next().unwrap_or_default())));
    }
    Ok(Some(Entry { object, _folder: folder }))
}

fn in_sources(program: &Program) -> bool {
    program.files().any(|(_, file)| NAMES.iter().any(|name| file.source.words(name).next().is_some()))
}

/// Objects that were compiled before: the names of their functions stand in them.
fn in_objects(line: &CommandLine) -> bool {
    let objects =
        line.linked().filter(|path| path.extension().is_some_and(|extension| extension == "o" || extension == "obj"));
    let mut contents = objects.filter_map(|path| fs::read(path).ok());
    contents.any(|bytes| SYMBOLS.iter().any(|symbol| bytes.windows(symbol.len()).any(|part| part == *symbol)))
}
