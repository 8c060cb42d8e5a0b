//! Rules of the repository. Each is a function from the files of a checkout to complaints; none means that it is kept.

use std::collections::BTreeMap;
use std::{fs, io, path::Path};

/// The files of a checkout: text (as far as it is UTF-8) by path from its root, with `/`.
pub type Tree = BTreeMap<String, String>;

/// Reads a checkout, without what is built (`target`), hidden folders (except those that hold the gate and its workflow) and what git itself
/// leaves there: `.git` is a file in a second worktree.
///
/// # Errors
///
/// A folder or a file that cannot be read.
pub fn read(root: &Path) -> io::Result<Tree> {
    let mut tree = Tree::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let (kind, path) = entry.and_then(|entry| Ok((entry.file_type()?, entry.path())))?;
            let relative = path.strip_prefix(root).expect("a path below the root").to_string_lossy().replace('\\', "/");
            let hidden = relative.starts_with('.') && ![".ci", ".github"].contains(&relative.as_str());
            let built = relative.rsplit('/').next() == Some("target");
            if kind.is_dir() && !hidden && !built {
                folders.push(path);
            } else if kind.is_file() && relative != ".git" {
                tree.insert(relative, String::from_utf8_lossy(&fs::read(&path)?).into_owned());
            }
        }
    }
    Ok(tree)
}

/// A file over 500 lines is a file with two ideas.
pub fn long_files(tree: &Tree) -> Vec<String> {
    let lengths = rust(tree).map(|(path, text)| (path, text.lines().count()));
    lengths.filter(|(_, lines)| *lines > 500).map(|(path, lines)| format!("{path}: {lines} lines")).collect()
}

/// The repository holds what people write: no build output, no images of disks or kernels.
pub fn big_files(tree: &Tree) -> Vec<String> {
    let big = tree.iter().filter(|(_, text)| text.len() > 256 << 10);
    big.map(|(path, text)| format!("{path}: {} KiB", text.len() >> 10)).collect()
}

/// Nothing is left for later in the code, and no test is switched off.
pub fn left_open(tree: &Tree) -> Vec<String> {
    let words = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[", "ignore")];
    lines(rust(tree), |line| words.iter().any(|word| line.contains(word)))
}

/// No file names a place of the machine on which it was written.
pub fn machine_paths(tree: &Tree) -> Vec<String> {
    let places = ["home", "root", "work", "Users"].map(|folder| format!("/{folder}/"));
    let starts = |line: &str, at: usize| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|letter| letter.is_alphanumeric() || "._-~/$}*".contains(letter))
    };
    lines(tree.iter(), |line| places.iter().any(|place| line.match_indices(place).any(|(at, _)| starts(line, at))))
}

/// Every Rust file is part of a target, and every other file beside tests and examples is used by one.
pub fn dead_files(tree: &Tree) -> Vec<String> {
    let manifests = tree.iter().filter_map(|(path, text)| Some((path.strip_suffix("Cargo.toml")?, text)));
    // A workspace that is no package has no files of its own.
    let packages = manifests.filter(|(root, text)| !root.is_empty() && !text.contains("[workspace]"));
    packages.flat_map(|(root, _)| dead_in_package(tree, root)).collect()
}

fn dead_in_package(tree: &Tree, root: &str) -> Vec<String> {
    let manifest = &tree[&format!("{root}Cargo.toml")];
    let code: Vec<_> = rust(tree).filter(|(path, _)| path.starts_with(root)).collect();
    let named = |file: &str, name: &str| {
        let elsewhere = code.iter().filter(|(path, _)| path.as_str() != file).map(|(_, text)| *text);
        elsewhere.chain([manifest]).any(|text| text.contains(name))
    };
    let alive = |path: &str| {
        let inside = &path[root.len()..];
        let (folder, name) = inside.rsplit_once('/').unwrap_or(("", inside));
        if let Some((stem, "c" | "cpp" | "h" | "hpp")) = name.rsplit_once('.') {
            // A list of programs names them without their endings.
            let word = |text: &str| {
                text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == stem)
            };
            let included = |(other, text): (&String, &String)| {
                other.starts_with(root) && other != path && text.contains("#include") && text.contains(name)
            };
            return code.iter().any(|(_, text)| word(text)) || tree.iter().any(included);
        }
        let Some(stem) = name.strip_suffix(".rs") else {
            let beside = path.rsplit_once('.').map(|(stem, _)| format!("{stem}.rs"));
            return beside.is_some_and(|beside| tree.contains_key(&beside)) || named(path, name);
        };
        is_target(inside, manifest)
            || is_module(tree, &format!("{root}{folder}"), stem)
            || named(path, &format!("{name}\""))
            || named(path, &format!("{folder}/*.rs"))
    };
    let checked = |path: &str| {
        let inside = &path[root.len()..];
        inside.ends_with(".rs") || inside.starts_with("tests/") || inside.starts_with("examples/")
    };
    let files = tree.keys().filter(|path| path.starts_with(root) && checked(path));
    files.filter(|path| !alive(path)).map(|path| format!("{path}: no target uses it")).collect()
}

/// What cargo finds by itself.
fn is_target(inside: &str, manifest: &str) -> bool {
    let parts: Vec<_> = inside.split('/').collect();
    let kind = parts[0];
    if manifest.contains(&format!("auto{kind} = false")) {
        return manifest.contains(&format!("\"{inside}\""));
    }
    match parts[..] {
        ["build.rs"] | ["src", "lib.rs" | "main.rs"] | ["src", "bin", _] | ["src", "bin", _, "main.rs"] => true,
        [_, _] | [_, _, "main.rs"] => ["tests", "examples", "benches"].contains(&kind),
        _ => false,
    }
}

/// Whether a file of the same folder, or the one that bears the folder's name, declares the module.
fn is_module(tree: &Tree, folder: &str, stem: &str) -> bool {
    let (folder, stem) = match folder.rsplit_once('/') {
        Some((parent, name)) if stem == "mod" => (parent, name),
        _ => (folder, stem),
    };
    let declaration = format!("mod {stem};");
    let declares = |text: &str| text.lines().any(|line| !line.starts_with("//") && line.contains(&declaration));
    let near = |path: &str| path.rsplit_once('/').is_some_and(|(place, _)| place == folder);
    rust(tree).any(|(path, text)| (near(path) || *path == format!("{folder}.rs")) && declares(text))
}

/// Every dependency stands below a comment that says what it is for.
pub fn unexplained_dependencies(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| path.ends_with("Cargo.toml")) {
        let (mut inside, mut before, mut depth) = (false, "", 0);
        for line in text.lines().map(str::trim) {
            let header = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).filter(|_| depth == 0);
            let one = header.is_some_and(|name| name.contains("dependencies."));
            inside = header.map_or(inside, |name| name.ends_with("dependencies"));
            let entry = inside && header.is_none() && depth == 0 && !line.is_empty() && !line.starts_with('#');
            if (one || entry) && !before.starts_with('#') {
                complaints.push(format!("{path}: no reason above `{line}`"));
            }
            if header.is_none() && !line.starts_with('#') {
                depth += line.matches(['[', '{']).count();
                depth = depth.saturating_sub(line.matches([']', '}']).count());
            }
            before = line;
        }
    }
    complaints
}

/// Every relative link of a Markdown file leads to a file or folder of this checkout.
pub fn broken_links(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in tree.iter().filter(|(path, _)| path.ends_with(".md")) {
        for target in links(text).into_iter().filter(|target| !target.contains(':')) {
            let file = target.split(['#', '?']).next().unwrap_or_default();
            let found = resolve(path, file).is_some_and(|at| {
                let folder = format!("{at}/");
                at.is_empty() || tree.contains_key(&at) || tree.keys().any(|path| path.starts_with(&folder))
            });
            if !file.is_empty() && !found {
                complaints.push(format!("{path}: {target} leads nowhere"));
            }
        }
    }
    complaints
}

/// Where inline links `[…](target)` and definitions `[…]: target` lead, outside fenced code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines().map(str::trim) {
        fenced ^= line.starts_with("```") || line.starts_with("~~~");
        if fenced {
            continue;
        }
        found.extend(line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()));
        let definition = line.strip_prefix('[').and_then(|line| line.split_once("]: "));
        found.extend(definition.and_then(|(_, rest)| rest.split(' ').next()));
    }
    found
}

/// A link of a file as a path from the root; nothing where it leaves the checkout.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').filter(|_| !link.starts_with('/')).collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What a newcomer looks for first.
pub fn missing_files(tree: &Tree) -> Vec<String> {
    let wanted = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "Cargo.lock",
        ".ci/run",
    ];
    wanted.iter().filter(|path| !tree.contains_key(**path)).map(|path| format!("{path} is missing")).collect()
}

fn rust(tree: &Tree) -> impl Iterator<Item = (&String, &String)> {
    tree.iter().filter(|(path, _)| path.ends_with(".rs"))
}

fn lines<'a>(files: impl Iterator<Item = (&'a String, &'a String)>, bad: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = files.flat_map(|(path, text)| text.lines().enumerate().map(move |(at, line)| (path, at + 1, line)));
    numbered.filter(|(.., line)| bad(line)).map(|(path, at, line)| format!("{path}:{at}: {}", line.trim())).collect()
}
