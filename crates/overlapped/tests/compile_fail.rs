//! What the types forbid is refused by the compiler, with words that tell why.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler whose words stand in `ui/refused`. Others say the same with other words.
const WORDS_OF: &str = "rustc 1.95.";

/// Set in the process that compiles copies, whose `.stderr` files trybuild may write.
const ROLE: &str = "OVERLAPPED_TEST_ROLE";

fn copies() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused")
}

#[test]
fn misuse_does_not_compile() {
    let cases = trybuild::TestCases::new();
    if std::env::var_os(ROLE).is_some() {
        return cases.compile_fail(copies().join("*.rs"));
    }
    // The same shapes, used well: the others must fail for their own fault alone.
    cases.pass("tests/ui/used_well.rs");
    let compiler = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into())).arg("--version").output().unwrap();
    if String::from_utf8_lossy(&compiler.stdout).starts_with(WORDS_OF) {
        return cases.compile_fail("tests/ui/refused/*.rs");
    }
    compare_error_codes();
}

/// Compiles copies of the cases and compares what the compiler calls the error, not how it words it.
fn compare_error_codes() {
    let _ = fs::remove_dir_all(copies());
    fs::create_dir_all(copies()).unwrap();
    let refused = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/refused");
    let cases = fs::read_dir(&refused).unwrap().map(|entry| entry.unwrap().path());
    let cases: Vec<_> = cases.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect();
    for case in &cases {
        fs::copy(case, copies().join(case.file_name().unwrap())).unwrap();
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let again = again.args(["misuse_does_not_compile", "--exact"]).env(ROLE, "copies").env("TRYBUILD", "overwrite");
    let output = again.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    for case in cases {
        let said = copies().join(case.file_name().unwrap()).with_extension("stderr");
        assert_eq!(error_codes(&said), error_codes(&case.with_extension("stderr")), "{}", case.display());
    }
}

fn error_codes(stderr: &Path) -> Vec<String> {
    let text = fs::read_to_string(stderr).unwrap();
    let errors = text.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next());
    errors.map(str::to_owned).collect()
}
