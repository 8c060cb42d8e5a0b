//! What the headers declare, the library has, and the other way round.

#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use support::{include_folder, library_folder, scratch, text};

/// Every header, after the C preprocessor, without what comes from other folders.
fn preprocessed() -> String {
    let mut headers: Vec<_> =
        fs::read_dir(include_folder()).expect("a folder").map(|entry| entry.expect("an entry")).collect();
    headers.sort_by_key(fs::DirEntry::file_name);
    let names = headers.iter().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let lines = names
        .filter(|name| name.ends_with(".h") && !name.starts_with("sql"))
        .map(|name| format!("#include <{name}>\n"));
    let file = scratch("declared").join("all.c");
    fs::write(&file, lines.collect::<String>()).expect("the source is written");
    let include = include_folder();
    let output = Command::new("gcc").arg("-E").arg("-I").arg(&include).arg(&file).output().expect("gcc starts");
    assert!(output.status.success(), "{}", text(&output));
    let (mut ours, mut kept) = (false, String::new());
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some(marker) = line.strip_prefix("# ") {
            ours = marker.contains(&*include.to_string_lossy());
        } else if ours {
            kept.push_str(line);
            kept.push(' ');
        }
    }
    kept
}

/// A text without what stands in braces.
fn without_bodies(text: &str) -> String {
    let (mut depth, mut kept) = (0_usize, String::new());
    for letter in text.chars() {
        depth += usize::from(letter == '{');
        if depth == 0 {
            kept.push(letter);
        }
        if letter == '}' {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                kept.push(';');
            }
        }
    }
    kept
}

/// The symbol of a function that a statement declares.
fn symbol(statement: &str) -> Option<String> {
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    let own = ["typedef", "static"].iter().any(|word| words.starts_with(word)) || words.contains("inline");
    if own || !words.ends_with(')') {
        return None;
    }
    if let Some((_, label)) = words.split_once("__asm__(") {
        return Some(label.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect());
    }
    let mut start = words.as_str();
    while let Some((_, rest)) = start.split_once("__attribute__((").filter(|(before, _)| !before.contains('(')) {
        start = rest.split_once("))")?.1;
    }
    let name = start.split_once('(')?.0.trim_end().rsplit([' ', '*']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn declared() -> BTreeSet<String> {
    without_bodies(&preprocessed()).split(';').filter_map(symbol).collect()
}

fn exported() -> BTreeSet<String> {
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(library_folder().join("libws2_32.so")).output();
    let output = output.unwrap_or_else(|error| panic!("nm does not start ({error}): apt-get install binutils"));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().filter_map(|line| line.split_whitespace().last()).map(str::to_owned).collect()
}

#[test]
fn what_is_declared_is_in_the_library() {
    let (declared, exported) = (declared(), exported());
    assert!(declared.len() > 400, "only {} functions are found in the headers", declared.len());
    let missing: Vec<_> = declared.difference(&exported).collect();
    assert!(missing.is_empty(), "declared, and not there: {missing:?}");
}

#[test]
fn what_the_library_has_is_declared() {
    let (declared, exported) = (declared(), exported());
    let hidden: Vec<_> = exported.difference(&declared).collect();
    assert!(hidden.is_empty(), "no header declares {hidden:?}");
}
