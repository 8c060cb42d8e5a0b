//! The rules of the repository: kept by this checkout, and each able to complain.

use std::path::Path;
use xtask::tidy::{self, Tree};

type Rule = fn(&Tree) -> Vec<String>;

/// This checkout keeps the rule.
#[track_caller]
fn kept(rule: Rule) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root of the checkout");
    let complaints = rule(&tidy::read(root).expect("a readable checkout"));
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The rule has as many complaints about these files.
#[track_caller]
fn complains(rule: Rule, files: &[(&str, &str)], times: usize) {
    let tree = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let complaints = rule(&tree);
    assert_eq!(complaints.len(), times, "{complaints:?}");
}

#[test]
fn no_rust_file_is_over_500_lines() {
    complains(tidy::long_files, &[("a.rs", &"\n".repeat(500)), ("b.rs", &"\n".repeat(501))], 1);
    kept(tidy::long_files);
}

#[test]
fn no_file_is_big() {
    complains(tidy::big_files, &[("a.md", &" ".repeat(256 << 10)), ("b", &" ".repeat((256 << 10) + 1))], 1);
    kept(tidy::big_files);
}

#[test]
fn nothing_is_left_open() {
    let open = ["to", "do!()\nunimple", "mented!()\n#[ig", "nore]\nfn todo() {}"].concat();
    complains(tidy::left_open, &[("a.rs", &open), ("b.md", &open)], 3);
    kept(tidy::left_open);
}

#[test]
fn no_path_of_a_machine() {
    let paths = ["\"/ro", "ot/x\"\ncd /ho", "me/x\nhttps://host/ho", "me/x\n~/wo", "rk/x"].concat();
    complains(tidy::machine_paths, &[("a.md", &paths)], 2);
    kept(tidy::machine_paths);
}

#[test]
fn no_dead_files() {
    let files = [
        ("a/Cargo.toml", ""),
        ("a/src/lib.rs", "mod used;\n// mod unused;\n"),
        ("a/src/used.rs", "pub(crate) mod deep;"),
        ("a/src/used/deep.rs", ""),
        ("a/src/unused.rs", ""),
        ("a/tests/target.rs", "mod support;\nfn ui() { compile(\"tests/ui/*.rs\") }\nconst DATA: &str = \"data.txt\";"),
        ("a/tests/support/mod.rs", "const PROGRAMS: &[&str] = &[\"program\"];"),
        ("a/tests/c/program.cpp", "#include \"header.h\""),
        ("a/tests/c/header.h", ""),
        ("a/tests/c/unused_program.cpp", ""),
        ("a/tests/c/unused_header.h", ""),
        ("a/tests/support/unused.rs", ""),
        ("a/tests/ui/refused.rs", ""),
        ("a/tests/ui/refused.stderr", ""),
        ("a/tests/ui/unused.stderr", ""),
        ("a/tests/data.txt", ""),
        ("a/examples/server.rs", ""),
        ("a/examples/folder/unused.rs", ""),
        ("w/Cargo.toml", "[workspace]\nmembers = [\"member\"]"),
        ("w/member/Cargo.toml", ""),
        ("w/member/src/main.rs", ""),
        ("w/member/src/unused.rs", ""),
        ("b/Cargo.toml", "autotests = false\n[[test]]\npath = \"tests/one.rs\""),
        ("b/tests/one.rs", ""),
        ("b/tests/unused.rs", ""),
    ];
    let unused = files.iter().filter(|(path, _)| path.contains("unused")).count();
    complains(tidy::dead_files, &files, unused);
    kept(tidy::dead_files);
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = r#"
        [dependencies]
        # Reads the weather.
        a = "1"
        b = "1"
        # Reads the clock.
        c = { version = "1", features = [
            "one",
        ] }
        [target.'cfg(unix)'.dev-dependencies]
        d.workspace = true
        [dependencies.e]
        version = "1"
        [profile.release]
        debug = true
    "#;
    complains(tidy::unexplained_dependencies, &[("x/Cargo.toml", manifest)], 3);
    kept(tidy::unexplained_dependencies);
}

#[test]
fn no_link_leads_nowhere() {
    let text = "[there](../b.md#part) [folder](..) [`web`](https://host/x) [part](#part)\n```\n[code](nowhere)\n```\n\
                [gone](gone.md) and [outside](../../c.md)\n[defined]: gone.md\n";
    complains(tidy::broken_links, &[("a/a.md", text), ("b.md", "")], 3);
    kept(tidy::broken_links);
}

#[test]
fn nothing_that_a_newcomer_looks_for_is_missing() {
    complains(tidy::missing_files, &[("README.md", "")], 8);
    kept(tidy::missing_files);
}
