//! The program's own sources and headers, and copies of those that no compiler here can read as they are.
//!
//! A file needs a copy if it is in a code page or in UTF-16, if it includes by a name that is right on Windows only, if something
//! in it has to be said otherwise, or if it includes a file that needs one. A copy begins with `#line`, so that messages, `__FILE__` and debuggers name
//! the original.

use super::charset;
use super::command_line::CommandLine;
use super::includes::{Folders, Meaning};
use super::rewrites;
use super::scanner::{Include, Source};
use crate::problem::Problem;
use encoding_rs::Encoding;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::{fs, io};
use tempfile::TempDir;

/// All files of a program that were found.
#[derive(Debug, Default)]
pub(crate) struct Program {
    files: BTreeMap<PathBuf, File>,
    /// The path under which each file is known here, by the one that it has in the system.
    known: HashMap<PathBuf, PathBuf>,
}

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) source: Source,
    /// In what it is written, if not in UTF-8.
    pub(crate) foreign: Option<&'static str>,
    includes: Vec<(Include, Meaning)>,
}

/// Copies by the paths of their originals, for as long as they are needed.
#[derive(Debug, Default)]
pub(crate) struct Copies {
    pub(crate) paths: HashMap<PathBuf, PathBuf>,
    /// Files that a copy includes by their full path, and how they are known here.
    full: Vec<(String, String)>,
    _folder: Option<TempDir>,
}

impl Program {
    /// Reads the files, and all that they include.
    pub(crate) fn read<'a>(
        roots: impl Iterator<Item = &'a Path>,
        folders: &Folders<'_>,
        asked: Option<&'static Encoding>,
    ) -> Self {
        let mut program = Self::default();
        for root in roots {
            // What is forced in is found like a quoted name, from here.
            let path = match folders.find(&root.to_string_lossy(), false, &[PathBuf::new()]) {
                Meaning::Own { path, plain: true } if !root.is_file() => path,
                _ => root.to_path_buf(),
            };
            let path = program.known_as(path);
            program.read_file(&path, &mut Vec::new(), folders, asked);
        }
        if asked.is_none() {
            program.agree_on_a_code_page();
        }
        program
    }

    /// A few words can look like several code pages. All files of a program are in the same, as far as they can be read so.
    fn agree_on_a_code_page(&mut self) {
        let in_pages = |file: &File| file.foreign.filter(|name| !name.starts_with("UTF-16"));
        let names: HashSet<_> = self.files.values().filter_map(in_pages).collect();
        if names.len() < 2 {
            return;
        }
        let paths = self.files.iter().filter(|(_, file)| in_pages(file).is_some()).map(|(path, _)| path.clone());
        let contents: Vec<_> = paths.filter_map(|path| Some((fs::read(&path).ok()?, path))).collect();
        let all: Vec<u8> = contents.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect();
        let page = charset::looks_like(&all);
        for (bytes, path) in contents {
            let decoded = charset::decode(&bytes, Some(page));
            // Names of headers are in ASCII, and lie where they were.
            if let Some(file) = self.files.get_mut(&path).filter(|_| !decoded.text.contains('\u{fffd}')) {
                let source = Source::new(decoded.text);
                for ((include, _), again) in file.includes.iter_mut().zip(source.includes()) {
                    *include = again;
                }
                (file.source, file.foreign) = (source, decoded.foreign);
            }
        }
    }

    /// A file that cannot be read is left to the compiler, which says so.
    fn read_file(
        &mut self,
        path: &Path,
        chain: &mut Vec<PathBuf>,
        folders: &Folders<'_>,
        asked: Option<&'static Encoding>,
    ) {
        if self.files.contains_key(path) || !path.is_file() {
            return;
        }
        let Ok(bytes) = fs::read(path) else { return };
        let decoded = charset::decode(&bytes, asked);
        let source = Source::new(decoded.text);
        chain.insert(0, path.parent().map(Path::to_path_buf).unwrap_or_default());
        let meant = |include: Include| match folders.find(&include.name, include.angled, chain) {
            Meaning::Own { path, plain } => (include, Meaning::Own { path: self.known_as(path), plain }),
            other => (include, other),
        };
        let includes: Vec<_> = source.includes().into_iter().map(meant).collect();
        let own: Vec<_> = includes
            .iter()
            .filter_map(|(_, meaning)| match meaning {
                Meaning::Own { path, .. } => Some(path.clone()),
                _ => None,
            })
            .collect();
        self.files.insert(path.to_path_buf(), File { source, foreign: decoded.foreign, includes });
        for included in own {
            self.read_file(&included, chain, folders, asked);
        }
        chain.remove(0);
    }

    /// A header that is included by two paths is one file, with one copy.
    fn known_as(&mut self, path: PathBuf) -> PathBuf {
        let Ok(real) = path.canonicalize() else { return path };
        self.known.entry(real).or_insert(path).clone()
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&Path, &File)> {
        self.files.iter().map(|(path, file)| (path.as_path(), file))
    }

    /// The file that a message of the compiler names.
    pub(crate) fn file(&self, path: &Path) -> Option<&File> {
        self.files.get(path).or_else(|| self.files.get(self.known.get(&path.canonicalize().ok()?)?))
    }

    /// Writes the copies that are needed.
    pub(crate) fn copy(&self) -> Result<Copies, Problem> {
        let needed = self.needed();
        if needed.is_empty() {
            return Ok(Copies::default());
        }
        self.write(&needed)
            .map_err(|error| Problem::failed(format!("cannot lay a copy of a source beside the others: {error}")))
    }

    fn needed(&self) -> HashSet<&Path> {
        let mut needed: HashSet<&Path> = HashSet::new();
        loop {
            let before = needed.len();
            for (path, file) in self.files() {
                let reaches =
                    |meaning: &Meaning| matches!(meaning, Meaning::Own { path, .. } if needed.contains(path.as_path()));
                if !needed.contains(path)
                    && (file.is_foreign() || file.includes.iter().any(|(_, meaning)| reaches(meaning)))
                {
                    needed.insert(path);
                }
            }
            if needed.len() == before {
                return needed;
            }
        }
    }

    fn write(&self, needed: &HashSet<&Path>) -> io::Result<Copies> {
        let folder = tempfile::Builder::new().prefix("overlapped-cc-").tempdir()?;
        let mut paths = HashMap::new();
        for (number, path) in self.files.keys().filter(|path| needed.contains(path.as_path())).enumerate() {
            // The name is that of the original: an object is named after it.
            let place = folder.path().join(number.to_string());
            fs::create_dir(&place)?;
            paths.insert(path.clone(), place.join(path.file_name().unwrap_or_default()));
        }
        for (path, copy) in &paths {
            if let Some(file) = self.files.get(path) {
                fs::write(copy, file.copy(path, &paths)?)?;
            }
        }
        let mut full = Vec::new();
        for path in self.files.keys().filter(|path| path.is_relative() && !paths.contains_key(*path)) {
            full.push((std::path::absolute(path)?.display().to_string(), path.display().to_string()));
        }
        // The longer path first: another may be its beginning.
        full.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        Ok(Copies { paths, full, _folder: Some(folder) })
    }
}

impl Copies {
    /// What a compiler has said, with the names of files as without copies.
    pub(crate) fn with_known_names(&self, said: Vec<u8>) -> Vec<u8> {
        match String::from_utf8(said) {
            Ok(text) => self.full.iter().fold(text, |text, (full, known)| text.replace(full, known)).into_bytes(),
            Err(other) => other.into_bytes(),
        }
    }

    /// Flags by which debuggers, and whoever compares two builds, see the originals of sources. Headers say so themselves.
    pub(crate) fn named_as_originals(&self, line: &CommandLine) -> Vec<OsString> {
        let copied = line.sources().filter_map(|(path, _)| Some((path, self.paths.get(path)?)));
        copied.map(|(path, copy)| format!("-ffile-prefix-map={}={}", copy.display(), path.display()).into()).collect()
    }
}

impl File {
    /// Whether it is written as only Visual C++ reads it.
    fn is_foreign(&self) -> bool {
        let renamed = |meaning: &Meaning| matches!(meaning, Meaning::Own { plain: false, .. } | Meaning::Other(_));
        self.foreign.is_some()
            || self.includes.iter().any(|(_, meaning)| renamed(meaning))
            || !rewrites::edits(&self.source).is_empty()
    }

    fn copy(&self, path: &Path, copies: &HashMap<PathBuf, PathBuf>) -> io::Result<String> {
        let mut edits = rewrites::edits(&self.source);
        for (include, meaning) in &self.includes {
            match meaning {
                Meaning::Own { path, plain } => {
                    let copy = copies.get(path);
                    // A name between angles is found from everywhere.
                    if copy.is_some() || !plain || !include.angled {
                        let path = std::path::absolute(copy.unwrap_or(path))?;
                        edits.push((include.place.clone(), format!("\"{}\"", path.display())));
                    }
                }
                Meaning::Other(name) => edits.push((include.place.clone(), format!("<{name}>"))),
                Meaning::Unchanged => {}
            }
        }
        edits.sort_by_key(|(place, _)| place.start);
        let text = self.source.text();
        let name = path.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
        let mut copy = format!("#line 1 \"{name}\"\n");
        let mut done = 0;
        for (place, instead) in edits {
            copy.push_str(text.get(done..place.start).unwrap_or_default());
            copy.push_str(&instead);
            done = place.end;
        }
        copy.push_str(text.get(done..).unwrap_or_default());
        Ok(copy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_in_one_code_page() {
        let folder = tempfile::tempdir().expect("a folder");
        let long = "// 服务器启动，等待客户端连接；创建完成端口，投递接收请求";
        for (name, text) in [("a.cpp", "#include \"b.h\"\n// 启动"), ("b.h", long)] {
            fs::write(folder.path().join(name), encoding_rs::GB18030.encode(text).0).expect("a file");
        }
        let (list, source): (&[PathBuf], _) = (&[], folder.path().join("a.cpp"));
        let none = || list;
        let folders = Folders::new(&[], &[], folder.path(), &none);
        let program = Program::read([source.as_path()].into_iter(), &folders, None);
        let file = program.file(&source).expect("it was read");
        assert_eq!((file.foreign, file.source.text()), (Some("gb18030"), "#include \"b.h\"\n// 启动"));
    }

    fn file(text: &str) -> File {
        File { source: Source::new(text.to_owned()), foreign: None, includes: Vec::new() }
    }

    #[test]
    fn a_copy_keeps_its_lines() {
        let text = "#include \"A.h\"\nvoid main() {}\n";
        let mut file = file(text);
        let include = file.source.includes().remove(0);
        file.includes.push((include, Meaning::Other("a.h".to_owned())));
        let copy = file.copy(Path::new("x.cpp"), &HashMap::new()).expect("a copy");
        assert_eq!(copy, "#line 1 \"x.cpp\"\n#include <a.h>\nint main() {}\n");
    }
}
