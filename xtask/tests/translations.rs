//! The Korean texts are in step with the English ones, and the rules can complain.

use std::path::Path;
use xtask::tidy::{self, Tree};
use xtask::translations::{out_of_step, untranslated};

fn kept(rule: fn(&Tree) -> Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the checkout");
    let complaints = rule(&tidy::read(root).expect("a readable checkout"));
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn complaints(rule: fn(&Tree) -> Vec<String>, files: &[(&str, &str)]) -> usize {
    rule(&files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()).len()
}

#[test]
fn what_must_be_there_in_both_languages_is() {
    let files = [
        ("README.md", ""),
        ("crates/overlapped/guide/a.md", ""),
        ("crates/overlapped/guide/a.ko.md", ""),
        ("b.md", ""),
    ];
    assert_eq!(complaints(untranslated, &files), 1);
    kept(untranslated);
}

#[test]
fn headings_commands_programs_and_tables_are_the_same() {
    let english = "# Title\ntext\n## Part\n| a | b |\n|---|---|\n```rust\nlet a = 1; // one\n# hidden\n```\n```sh\ncargo run # it\n```\n";
    let says = |korean: &str| complaints(out_of_step, &[("a.md", english), ("a.ko.md", korean)]);
    assert_eq!(says(&english.replace("Title", "제목").replace("// one", "// 하나").replace("# hidden\n", "")), 0);
    for (what, instead) in [
        ("## Part", "# Part"),
        ("## Part\n", ""),
        ("a = 1", "a = 2"),
        ("cargo run", "cargo test"),
        ("| a | b |", "| a |"),
    ] {
        assert_eq!(says(&english.replace(what, instead)), 1, "{what}");
    }
    assert_eq!(complaints(out_of_step, &[("b.ko.md", "")]), 1, "of nothing");
    kept(out_of_step);
}
