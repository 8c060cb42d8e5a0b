//! Where our headers and our library lie.

use crate::problem::Problem;
use std::env;
use std::path::{Path, PathBuf};

/// Names the folder of headers and library, whatever lies beside this command.
const VARIABLE: &str = "OVERLAPPED_SDK";
const HEADER: &str = "winsock2.h";
const SHARED: &str = "libws2_32.so";
const ARCHIVE: &str = "libws2_32.a";

/// Where the headers are below a root, and where the library may be.
type Layout = (&'static str, &'static [&'static str]);

/// An installed prefix and a checkout; and a plain folder, which has to be named: the `include` of a system is not ours.
const LAYOUTS: [Layout; 3] = [
    ("include/overlapped/win32", &["lib", "lib64"]),
    ("crates/winsock/include", &["target/release", "target/debug"]),
    ("include", &["lib", "lib64"]),
];

/// The headers, and the folders in which the library may be.
#[derive(Debug)]
pub(crate) struct Sdk {
    pub(crate) headers: PathBuf,
    folders: Vec<PathBuf>,
}

impl Sdk {
    pub(crate) fn find() -> Result<Self, Problem> {
        if let Some(root) = env::var_os(VARIABLE).filter(|root| !root.is_empty()) {
            let root = PathBuf::from(root);
            return Self::below(&root, &LAYOUTS).ok_or_else(|| {
                Problem::usage(format!(
                    "{VARIABLE}: there is no {HEADER} below {}; it names an installed prefix or a checkout of the project",
                    root.display()
                ))
            });
        }
        let place = env::current_exe().and_then(|exe| exe.canonicalize()).unwrap_or_default();
        // Of a checkout, the libraries of the profile to which this command belongs come first.
        let beside = place.parent().map(Path::to_path_buf).unwrap_or_default();
        let mut found = place.ancestors().skip(2).find_map(|root| Self::below(root, &LAYOUTS[..2])).ok_or_else(|| {
            Problem::failed(format!(
                "cannot find the headers beside {}: set {VARIABLE} to the folder where overlapped is installed, or to a checkout",
                place.display()
            ))
        })?;
        found.folders.retain(|folder| *folder != beside);
        found.folders.insert(0, beside);
        Ok(found)
    }

    fn below(root: &Path, layouts: &[Layout]) -> Option<Self> {
        let (headers, folders) = layouts.iter().find(|(headers, _)| root.join(headers).join(HEADER).is_file())?;
        let root = std::path::absolute(root).ok()?;
        Some(Self { headers: root.join(headers), folders: folders.iter().map(|folder| root.join(folder)).collect() })
    }

    /// The folder of the shared library.
    pub(crate) fn shared(&self) -> Result<&Path, Problem> {
        self.folder_of(SHARED)
    }

    /// The archive.
    pub(crate) fn archive(&self) -> Result<PathBuf, Problem> {
        Ok(self.folder_of(ARCHIVE)?.join(ARCHIVE))
    }

    fn folder_of(&self, file: &str) -> Result<&Path, Problem> {
        let found = self.folders.iter().find(|folder| folder.join(file).is_file());
        found.map(PathBuf::as_path).ok_or_else(|| {
            let folders: Vec<_> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
            Problem::failed(format!(
                "there is no {file} in {}: run cargo build --release -p winsock, or set {VARIABLE}",
                folders.join(", ")
            ))
        })
    }
}

#[cfg(test)]
impl Sdk {
    /// Headers without a library.
    pub(crate) fn for_test() -> Self {
        Self { headers: "include".into(), folders: Vec::new() }
    }
}
