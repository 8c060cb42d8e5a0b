//! `-MD` and `-MMD`: the list of files that an object depends on names originals, not copies.

use super::command_line::{CommandLine, Stage};
use super::program::Copies;
use std::fs;
use std::path::PathBuf;

/// Puts the originals into the files that the compiler has written. What cannot be read or written stays as it is: the object
/// itself is good.
pub(crate) fn name_originals(line: &CommandLine, copies: &Copies) {
    if !line.writes_dependencies || copies.paths.is_empty() {
        return;
    }
    for file in files(line) {
        let Ok(mut text) = fs::read_to_string(&file) else { continue };
        for (original, copy) in &copies.paths {
            text = text.replace(&*copy.to_string_lossy(), &original.to_string_lossy());
        }
        let _ = fs::write(file, text);
    }
}

/// The names that compilers give these files.
fn files(line: &CommandLine) -> Vec<PathBuf> {
    match (&line.dependencies, &line.output) {
        (Some(named), _) => vec![named.clone()],
        (None, Some(output)) if line.stage == Stage::Compile => vec![output.with_extension("d")],
        _ => {
            let prefix = line
                .output
                .as_ref()
                .and_then(|output| output.file_name())
                .map(|name| format!("{}-", name.to_string_lossy()));
            let folder = line.output.as_ref().and_then(|output| output.parent()).unwrap_or(std::path::Path::new(""));
            let names = line.sources().flat_map(|(path, _)| {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                [format!("{}{stem}.d", prefix.as_deref().unwrap_or("a-")), format!("{stem}.d")]
            });
            names.map(|name| folder.join(name)).collect()
        }
    }
}
