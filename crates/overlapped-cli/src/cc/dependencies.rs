//! `-MD` and `-MMD`: the list of files that an object depends on names originals, not copies.

use super::command_line::CommandLine;
use super::program::Copies;
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

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
        (None, Some(output)) => {
            // A link with several sources makes one for each, named after both.
            let program = output.file_name().unwrap_or_default().to_string_lossy();
            let folder = output.parent().unwrap_or(Path::new(""));
            let each = line.sources().map(|(path, _)| folder.join(format!("{program}-{}.d", stem(path))));
            each.chain([output.with_extension("d")]).collect()
        }
        (None, None) => {
            let names =
                line.sources().flat_map(|(path, _)| [format!("{}.d", stem(path)), format!("a-{}.d", stem(path))]);
            names.map(PathBuf::from).collect()
        }
    }
}

fn stem(path: &Path) -> Cow<'_, str> {
    path.file_stem().unwrap_or_default().to_string_lossy()
}
