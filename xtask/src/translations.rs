//! Texts that are there in Korean too (`NAME.ko.md` beside `NAME.md`) say the same: the same headings, commands, programs and tables.

use crate::tidy::Tree;

/// What both languages must have: the README, and the guide.
pub fn untranslated(tree: &Tree) -> Vec<String> {
    let wanted = |path: &str| path == "README.md" || path.starts_with("crates/overlapped/guide/");
    let originals = tree.keys().filter(|path| wanted(path) && path.ends_with(".md") && !path.ends_with(".ko.md"));
    let missing = originals.filter(|path| !tree.contains_key(&translation_of(path)));
    missing.map(|path| format!("{path} is there in one language only")).collect()
}

/// A translation whose outline is not that of its original.
pub fn out_of_step(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| path.ends_with(".ko.md")) {
        let original = path.replace(".ko.md", ".md");
        let Some(english) = tree.get(&original) else {
            complaints.push(format!("{path} translates nothing"));
            continue;
        };
        let (ours, theirs) = (outline(english), outline(text));
        let apart = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        if let Some((ours, theirs)) = apart {
            complaints.push(format!("{path}: where {original} has {ours:?} it has {theirs:?}"));
        } else if ours.len() != theirs.len() {
            complaints.push(format!("{path}: {} parts, {original} has {}", theirs.len(), ours.len()));
        }
    }
    complaints
}

fn translation_of(path: &str) -> String {
    path.replace(".md", ".ko.md")
}

/// A part of a text that is the same in any language.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Heading(usize),
    /// A line of a fenced block, without its comment.
    Line(String),
    /// A row of a table, by its number of columns.
    Row(usize),
}

fn outline(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        match (&fence, line.trim_start().strip_prefix("```")) {
            (None, Some(kind)) => {
                parts.push(Part::Line(format!("```{kind}")));
                fence = Some(kind.into());
            }
            (Some(_), Some(_)) => fence = None,
            (Some(kind), None) => parts.extend(essence(kind, line).map(Part::Line)),
            (None, None) if line.starts_with('#') => {
                parts.push(Part::Heading(line.bytes().take_while(|&byte| byte == b'#').count()));
            }
            (None, None) if line.trim_start().starts_with('|') => {
                parts.push(Part::Row(line.replace("\\|", "").matches('|').count()));
            }
            _ => {}
        }
    }
    parts
}

/// A line of a block as it must be the same; `None` for one that need not be there.
fn essence(kind: &str, line: &str) -> Option<String> {
    let rust = kind.starts_with("rust");
    // Hidden by rustdoc.
    if rust && (line == "#" || line.starts_with("# ")) {
        return None;
    }
    let comment = match kind {
        _ if rust => "//",
        "sh" => " # ",
        _ => return Some(line.trim_end().into()),
    };
    let code = line.split(comment).next().unwrap_or_default().trim_end();
    (!code.trim().is_empty()).then(|| code.into())
}
