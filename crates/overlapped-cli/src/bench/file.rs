//! Files that a result is written to: whole, or not at all. What is there stays until the new one is complete.

use crate::problem::Problem;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Result, Write};
use std::path::{Path, PathBuf};
use std::process;

/// Where a result goes.
pub(super) struct Target {
    /// As the user says it.
    pub(super) asked: PathBuf,
    draft: Option<Draft>,
}

/// What is written to.
struct Draft {
    file: File,
    /// Where it lies until it is whole, and the place that it goes to then; none of a pipe or device, which is written to as it is.
    way: Option<(PathBuf, PathBuf)>,
}

impl Target {
    /// Makes sure that it can be written, before the run rather than after it.
    pub(super) fn open(asked: &Path) -> std::result::Result<Self, Problem> {
        let draft = if asked.as_os_str() == "-" {
            None
        } else {
            Some(Draft::open(asked).map_err(|error| cannot_write(asked, &error))?)
        };
        Ok(Self { asked: asked.into(), draft })
    }

    /// Gives the text back if it is for the standard output.
    pub(super) fn write(self, text: String) -> std::result::Result<Option<String>, Problem> {
        match self.draft {
            None => Ok(Some(text)),
            Some(draft) => draft.finish(&text).map(|()| None).map_err(|error| cannot_write(&self.asked, &error)),
        }
    }
}

fn cannot_write(file: &Path, error: &std::io::Error) -> Problem {
    Problem::failed(format!("cannot write {}: {error}", file.display()))
}

impl Draft {
    fn open(asked: &Path) -> Result<Self> {
        let Ok(found) = fs::metadata(asked) else { return Self::beside(asked.into()) };
        // Also of one that will be replaced: what may not be written stays.
        let file = OpenOptions::new().append(true).open(asked)?;
        if !found.is_file() {
            return Ok(Self { file, way: None });
        }
        // Not the link is replaced but what it leads to.
        let draft = Self::beside(fs::canonicalize(asked)?)?;
        draft.file.set_permissions(found.permissions())?;
        Ok(draft)
    }

    fn beside(place: PathBuf) -> Result<Self> {
        let mut number = 0;
        loop {
            let mut name = OsString::from(".");
            name.push(place.file_name().unwrap_or_default());
            name.push(format!(".{}.{number}.part", process::id()));
            let way = place.with_file_name(name);
            match OpenOptions::new().write(true).create_new(true).open(&way) {
                // Another result of this process, or what one that was killed has left.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                file => return Ok(Self { file: file?, way: Some((way, place)) }),
            }
        }
    }

    fn finish(mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes())?;
        if let Some((way, place)) = &self.way {
            self.file.sync_all()?;
            fs::rename(way, place)?;
            self.way = None;
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some((way, _)) = &self.way {
            let _ = fs::remove_file(way);
        }
    }
}
