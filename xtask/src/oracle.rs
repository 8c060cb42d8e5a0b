//! `conformance/rust.table`: for every fact that the probes of Windows print, the tests that hold it for the Rust API, or the
//! reason why that API cannot show it. The table is read here and compared with the checkout.

use crate::tidy::Tree;
use std::collections::{BTreeMap, BTreeSet};

const FOLDER: &str = "conformance/";
const TABLE: &str = "conformance/rust.table";
const TESTS: &str = "crates/overlapped/tests/";

/// What holds a fact.
enum Holder<'a> {
    Test { file: &'a str, name: &'a str },
    Reason(&'a str),
}

/// The rows of one probe.
struct Section<'a> {
    probe: &'a str,
    digest: &'a str,
    /// Each fact (`name = value`, or `*` for all of the probe) in the order of the table.
    facts: Vec<&'a str>,
    holders: Vec<Holder<'a>>,
}

#[derive(Default)]
struct Table<'a> {
    reasons: BTreeSet<&'a str>,
    sections: Vec<Section<'a>>,
    complaints: Vec<String>,
}

/// Reads the table: reasons, then sections of facts, each followed by the lines that hold the facts above it.
fn read(text: &str) -> Table<'_> {
    let mut table = Table::default();
    let mut held = true;
    for (at, line) in text.lines().enumerate() {
        let words: Vec<_> = line.split_whitespace().collect();
        let indented = line.starts_with(' ');
        let section = table.sections.last_mut();
        match (words.as_slice(), section) {
            ([], _) => {}
            ([word, ..], _) if word.starts_with('#') && !indented => {}
            (["test", file, names @ ..], Some(section)) if indented && !names.is_empty() => {
                section.holders.extend(names.iter().map(|name| Holder::Test { file, name }));
                held = true;
            }
            (["reason", name], Some(section)) if indented => {
                section.holders.push(Holder::Reason(name));
                held = true;
            }
            (["reason", name, _, ..], None) if !indented && name.ends_with(':') => {
                if !table.reasons.insert(name.trim_end_matches(':')) {
                    table.complaints.push(format!("{TABLE}:{}: the reason {name} stands there twice", at + 1));
                }
            }
            (["probe", probe, digest], _) if !indented && held => {
                table.sections.push(Section { probe, digest, facts: Vec::new(), holders: Vec::new() });
            }
            (_, Some(section)) if !indented && (line == "*" || line.contains(" = ")) => {
                section.facts.push(line);
                held = false;
            }
            _ => table.complaints.push(format!("{TABLE}:{}: cannot be read: {line}", at + 1)),
        }
    }
    if !held {
        table.complaints.push(format!("{TABLE}: nothing holds its last facts"));
    }
    table
}

/// Everything that is wrong with the table, given the probes and tests of the checkout.
pub fn complaints(tree: &Tree) -> Vec<String> {
    let Some(text) = tree.get(TABLE) else { return vec![format!("{TABLE} is missing")] };
    let mut table = read(text);
    let mut complaints = std::mem::take(&mut table.complaints);
    complaints.extend(facts(tree, &table));
    complaints.extend(digests(tree, &table));
    complaints.extend(tests(tree, &table));
    complaints.extend(reasons(&table));
    complaints
}

/// Every fact of every probe has a row, and every row is such a fact, name and value.
fn facts(tree: &Tree, table: &Table<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut rows: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for section in &table.sections {
        rows.entry(section.probe).or_default().extend(&section.facts);
    }
    for probe in probes(tree) {
        let Some(expected) = tree.get(&format!("{FOLDER}{probe}.expected")) else {
            complaints.push(format!("{probe}: has no .expected"));
            continue;
        };
        let mut rows = rows.remove(probe).unwrap_or_default();
        if rows == ["*"] {
            continue;
        }
        for fact in expected.lines().filter(|line| line.contains(" = ")) {
            match rows.iter().position(|row| *row == fact) {
                Some(at) => drop(rows.remove(at)),
                None => complaints.push(format!("{probe}: no row for `{fact}`")),
            }
        }
        complaints.extend(rows.iter().map(|row| format!("{probe}: a row for `{row}`, which the probe does not print")));
    }
    complaints.extend(rows.keys().map(|probe| format!("{probe}: is no probe")));
    complaints
}

/// The names of the probes, without ending.
fn probes(tree: &Tree) -> impl Iterator<Item = &str> {
    tree.keys().filter_map(|path| path.strip_prefix(FOLDER)?.strip_suffix(".cpp"))
}

/// Whoever changes a probe looks at its rows again.
fn digests(tree: &Tree, table: &Table<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    for section in &table.sections {
        let Some(code) = tree.get(&format!("{FOLDER}{}.cpp", section.probe)) else { continue };
        let digest = digest(code);
        if section.digest != digest {
            let probe = section.probe;
            complaints
                .push(format!("{probe}: has changed: look at its rows again, then write `probe {probe} {digest}`"));
        }
    }
    complaints
}

/// FNV-1a, 64 bits, whatever the ends of the lines.
pub fn digest(text: &str) -> String {
    let bytes = text.bytes().filter(|byte| *byte != b'\r');
    let hash =
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// Every test that the table names is one, and runs everywhere.
fn tests(tree: &Tree, table: &Table<'_>) -> Vec<String> {
    let mut complaints = BTreeSet::new();
    for section in &table.sections {
        for holder in &section.holders {
            let Holder::Test { file, name } = holder else { continue };
            let complaint = match tree.get(&format!("{TESTS}{file}")) {
                None => format!("{}: there is no file {TESTS}{file}", section.probe),
                Some(text) => match attributes(text, name).as_deref() {
                    None => format!("{}: {file} has no test {name}", section.probe),
                    Some(["#[test]"]) => continue,
                    Some(other) => {
                        format!("{}: {file}: {name} is {} instead of #[test]", section.probe, other.join(" "))
                    }
                },
            };
            complaints.insert(complaint);
        }
    }
    complaints.into_iter().collect()
}

/// The attributes above a function without arguments; nothing if there is no such function.
fn attributes<'a>(text: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let head = format!("fn {name}() {{");
    let lines: Vec<_> = text.lines().collect();
    let at = lines.iter().position(|line| *line == head)?;
    let above = lines[..at].iter().rev().take_while(|line| line.starts_with("#[") || line.starts_with("//"));
    let mut attributes: Vec<_> = above.filter(|line| line.starts_with("#[")).copied().collect();
    attributes.reverse();
    Some(attributes)
}

/// Every reason that is given is in the legend, and none is there for nothing.
fn reasons(table: &Table<'_>) -> Vec<String> {
    let mut unused = table.reasons.clone();
    let mut complaints = Vec::new();
    for section in &table.sections {
        for holder in &section.holders {
            let Holder::Reason(name) = holder else { continue };
            unused.remove(name);
            if !table.reasons.contains(name) {
                complaints.push(format!("{}: there is no reason {name}", section.probe));
            }
        }
    }
    complaints.extend(unused.iter().map(|name| format!("the reason {name} is given nowhere")));
    complaints
}
