//! A header that is in no folder of the command line, but beside the program: Visual Studio keeps folders in its project.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

/// How far around the sources is looked, and how much.
const UP: usize = 2;
const DOWN: usize = 3;
const MOST_FOLDERS: usize = 500;

/// The folder to be named, from which `name` leads to a file: the nearest one around these folders.
pub(crate) fn folder_of<'a>(name: &str, near: impl Iterator<Item = &'a Path>) -> Option<PathBuf> {
    let name = name.replace('\\', "/");
    if name.is_empty() || name.starts_with('/') {
        return None;
    }
    let near: BTreeSet<_> =
        near.map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder }).collect();
    let mut starts: Vec<_> = near.iter().map(|folder| folder.to_path_buf()).collect();
    for up in 1..=UP {
        starts.extend(near.iter().map(|folder| above(folder, up)));
    }
    let mut looked = 0;
    starts.into_iter().find_map(|start| look_below(&start, &name, &mut looked))
}

fn above(folder: &Path, times: usize) -> PathBuf {
    let mut path = if folder == Path::new(".") { PathBuf::new() } else { folder.to_path_buf() };
    for _ in 0..times {
        match path.file_name() {
            Some(_) => {
                path.pop();
            }
            None => path.push(".."),
        }
    }
    if path.as_os_str().is_empty() { PathBuf::from(".") } else { path }
}

fn look_below(start: &Path, name: &str, looked: &mut usize) -> Option<PathBuf> {
    let mut folders = VecDeque::from([(start.to_path_buf(), 0)]);
    while let Some((folder, depth)) = folders.pop_front() {
        *looked += 1;
        if *looked > MOST_FOLDERS {
            return None;
        }
        if folder.join(name).is_file() {
            return Some(folder);
        }
        if depth == DOWN {
            continue;
        }
        let mut below: Vec<_> = fs::read_dir(&folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .map(|entry| folder.join(entry.file_name()))
            .collect();
        below.sort();
        folders.extend(below.into_iter().map(|folder| (folder, depth + 1)));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_beside_the_sources() {
        let root = tempfile::tempdir().expect("a folder");
        let at = |path: &str| root.path().join(path);
        for path in ["a/b/Server/main.cpp", "a/b/Core/Net/Session.h"] {
            fs::create_dir_all(at(path).parent().expect("a folder")).expect("a folder");
            fs::write(at(path), "").expect("a file");
        }
        let near = at("a/b/Server");
        let find = |name| folder_of(name, [near.as_path()].into_iter());
        assert_eq!(find("Session.h"), Some(at("a/b/Core/Net")));
        assert_eq!(find("Net\\Session.h"), Some(at("a/b/Core")));
        assert_eq!(find("Nowhere.h"), None);
        assert_eq!(above(Path::new("src"), 1), Path::new("."));
        assert_eq!(above(Path::new("."), 1), Path::new(".."));
        assert_eq!(above(Path::new("a/b"), 2), Path::new("."));
    }
}
