//! Which file an `#include` means: as the compiler finds it, and as Windows does, where letter case does not matter, `\` is `/`,
//! and the folders of the including files are searched, too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::{fs, mem};

/// What an `#include` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A file of the program; `plain` tells that the compiler finds it as it is written.
    Own { path: PathBuf, plain: bool },
    /// A header of ours or of the system, by the name that the compiler finds.
    Other(String),
    /// As the compiler sees it: it finds the file itself, or nobody does.
    Unchanged,
}

/// The folders that are searched.
pub(crate) struct Folders<'a> {
    /// Of the program: `-iquote`, then `-I`.
    pub(crate) quoted: &'a [PathBuf],
    pub(crate) own: &'a [PathBuf],
    /// Our headers, then those of the compiler, which are asked for only when it matters.
    pub(crate) ours: &'a Path,
    pub(crate) system: &'a dyn Fn() -> &'a [PathBuf],
    listings: RefCell<HashMap<PathBuf, Vec<OsString>>>,
}

impl<'a> Folders<'a> {
    pub(crate) fn new(
        quoted: &'a [PathBuf],
        own: &'a [PathBuf],
        ours: &'a Path,
        system: &'a dyn Fn() -> &'a [PathBuf],
    ) -> Self {
        Self { quoted, own, ours, system, listings: RefCell::default() }
    }

    /// What the name means in a file; `chain` are the folders of that file, of the one that includes it, and so on.
    pub(crate) fn find(&self, name: &str, angled: bool, chain: &[PathBuf]) -> Meaning {
        let own = || {
            let near = chain.iter().take(usize::from(!angled)).chain(self.quoted.iter().filter(move |_| !angled));
            near.chain(self.own)
        };
        if let Some(path) = own().map(|folder| join(folder, name)).find(|path| path.is_file()) {
            return Meaning::Own { path, plain: true };
        }
        if self.ours.join(name).is_file() {
            return Meaning::Unchanged;
        }
        let slashed = name.replace('\\', "/");
        let far = chain.iter().skip(1).filter(move |_| !angled);
        if let Some(path) = own().chain(far).find_map(|folder| self.any_case(folder, &slashed)) {
            let theirs = || (self.system)().iter().any(|folder| folder.join(name).is_file());
            return if theirs() { Meaning::Unchanged } else { Meaning::Own { path, plain: false } };
        }
        if let Some(path) = self.any_case(self.ours, &slashed) {
            return self.other(self.ours, &path);
        }
        // Headers of the system are of lower case; what is written so is found or is not there.
        if name.chars().any(|c| c.is_uppercase() || c == '\\') {
            let folders = (self.system)();
            if !folders.iter().any(|folder| folder.join(name).is_file()) {
                let found = folders.iter().find_map(|folder| Some((folder, self.any_case(folder, &slashed)?)));
                return found.map_or(Meaning::Unchanged, |(folder, path)| self.other(folder, &path));
            }
        }
        Meaning::Unchanged
    }

    fn other(&self, folder: &Path, path: &Path) -> Meaning {
        let name = path.strip_prefix(folder).unwrap_or(path);
        Meaning::Other(name.to_string_lossy().into_owned())
    }

    /// The file below the folder whose path differs in letter case only.
    fn any_case(&self, folder: &Path, name: &str) -> Option<PathBuf> {
        let mut path = folder.to_path_buf();
        for part in name.split('/').filter(|part| !part.is_empty() && *part != ".") {
            if part == ".." {
                path = join(&path, "..");
                continue;
            }
            let exact = path.join(part);
            path = if exact.exists() { exact } else { path.join(self.entry(&path, part)?) };
        }
        path.is_file().then_some(path)
    }

    fn entry(&self, folder: &Path, name: &str) -> Option<OsString> {
        let mut listings = self.listings.borrow_mut();
        let place = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let listing = listings.entry(folder.to_path_buf()).or_insert_with(|| {
            let entries = fs::read_dir(place).into_iter().flatten().flatten();
            let mut names: Vec<_> = entries.map(|entry| entry.file_name()).collect();
            names.sort();
            names
        });
        let lower = name.to_lowercase();
        listing.iter().find(|entry| entry.to_string_lossy().to_lowercase() == lower).cloned()
    }
}

/// The path as people write it: `a/../b` is `b`, as far as that is not through a link.
fn join(folder: &Path, name: &str) -> PathBuf {
    let joined = folder.join(name);
    let mut path = PathBuf::new();
    for part in joined.components() {
        let up = part == Component::ParentDir && matches!(path.components().next_back(), Some(Component::Normal(_)));
        if up && !path.is_symlink() {
            path.pop();
        } else if part != Component::CurDir || path.as_os_str().is_empty() && joined.components().count() == 1 {
            path.push(part);
        }
    }
    mem::take(&mut path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_what_windows_takes_them_for() {
        let root = tempfile::tempdir().expect("a folder");
        let at = |path: &str| root.path().join(path);
        for path in [
            "src/Session.h",
            "Common/PCH.h",
            "ours/winsock2.h",
            "system/string.h",
            "system/sys/types.h",
            "inc/String.h",
        ] {
            fs::create_dir_all(at(path).parent().expect("a folder")).expect("a folder");
            fs::write(at(path), "").expect("a file");
        }
        let (own, system, ours) = ([at("inc")], [at("system")], at("ours"));
        let list: &[PathBuf] = &system;
        let system = || list;
        let folders = Folders::new(&[], &own, &ours, &system);
        let chain = [at("src")];
        let own = |path: &str, plain| Meaning::Own { path: at(path), plain };
        for (name, angled, meaning) in [
            ("Session.h", false, own("src/Session.h", true)),
            ("session.H", false, own("src/Session.h", false)),
            ("..\\common\\pch.h", false, own("Common/PCH.h", false)),
            ("../Common/PCH.h", false, own("Common/PCH.h", true)),
            ("Session.h", true, Meaning::Unchanged),
            ("winsock2.h", true, Meaning::Unchanged),
            ("WINSOCK2.H", true, Meaning::Other("winsock2.h".to_owned())),
            // The system has it as it is written: it is not the program's file of another case.
            ("string.h", true, Meaning::Unchanged),
            ("String.h", true, own("inc/String.h", true)),
            ("Sys\\Types.h", true, Meaning::Other("sys/types.h".to_owned())),
            ("vector", true, Meaning::Unchanged),
            ("nowhere.h", false, Meaning::Unchanged),
        ] {
            assert_eq!(folders.find(name, angled, &chain), meaning, "{name}");
        }
        let deep = [at("Common"), at("src")];
        assert_eq!(
            folders.find("Session.h", false, &deep),
            own("src/Session.h", false),
            "the folder of the including file"
        );
    }
}
