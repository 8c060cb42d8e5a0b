//! The library lives beside the C library: it exports none of its names, and a program may use both.

#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use support::{build, library_folder, run, text};

/// The names that a shared library exports, without versions.
fn exported(library: &Path) -> BTreeSet<String> {
    let output = Command::new("nm").args(["-D", "--defined-only"]).arg(library).output();
    let output = output.unwrap_or_else(|error| panic!("nm does not start ({error}): apt-get install binutils"));
    assert!(output.status.success(), "{}", text(&output));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = lines.lines().filter_map(|line| line.split_whitespace().last());
    names.map(|name| name.split('@').next().unwrap_or(name).to_owned()).collect()
}

/// The C library that this test runs with.
fn libc() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("the maps of this process");
    let line = maps.lines().find(|line| line.contains("/libc.so.6") || line.contains("/libc-"));
    line.and_then(|line| line.split_whitespace().last()).expect("the C library is loaded").to_owned()
}

#[test]
fn no_name_of_libc_is_exported() {
    let ours = exported(&library_folder().join("libws2_32.so"));
    assert!(ours.contains("WSAStartup") && ours.contains("overlapped_recv"), "these are ours");
    let theirs = exported(Path::new(&libc()));
    assert!(theirs.contains("recv"), "this is the C library");
    let both: Vec<_> = ours.intersection(&theirs).collect();
    assert!(both.is_empty(), "the C library has these too: {both:?}");
}

#[test]
fn a_file_of_winsock_and_a_file_of_posix_are_one_program() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/beside");
    let posix = folder.join("posix_side.cpp");
    let posix = posix.to_str().expect("a path of letters");
    let output = run(&build(&folder.join("winsock_side.cpp"), &["-Wall", "-Wextra", "-Werror", posix]), &[], &[]);
    assert!(output.status.success(), "{}", text(&output));
}
