//! The headers live in one file with the whole C and C++ library: each compiler and standard, any order, the usual macros, and
//! no warning.

#![cfg(target_os = "linux")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::{check, include_folder, scratch};

/// What each source here is compiled with beside `-Wall -Wextra -Werror`.
const PEDANTIC: &str = "-pedantic";
const DEFINES: [&[&str]; 3] =
    [&[], &["-DUNICODE", "-D_UNICODE"], &["-DWIN32_LEAN_AND_MEAN", "-DNOMINMAX", "-DBACKWARDS"]];

/// A source of `tests/headers`.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/headers").join(name)
}

fn installed(compiler: &str) -> bool {
    support::has(compiler, if compiler.starts_with("clang") { "clang" } else { "g++" })
}

fn compiles(compiler: &str, source: &Path, flags: &[&str]) {
    let flags: Vec<_> = flags.iter().copied().chain([PEDANTIC]).collect();
    if let Err(message) = check(compiler, source, &flags) {
        panic!("{compiler} {} {flags:?}:\n{message}", source.display());
    }
}

/// Each order meets each standard, each set of macros meets each order, and each standard each set.
fn matrix(compiler: &str, name: &str, standards: [&str; 3]) {
    if !installed(compiler) {
        return;
    }
    for (first, standard) in standards.iter().enumerate() {
        for (second, defines) in DEFINES.iter().enumerate() {
            let order = format!("-DORDER={}", (first + second) % 3 + 1);
            let standard = format!("-std={standard}");
            let flags: Vec<_> = defines.iter().copied().chain([order.as_str(), standard.as_str()]).collect();
            compiles(compiler, &source(name), &flags);
        }
    }
}

// The sources include `standard.hpp`, `standard.h`, `standard_posix.h`, `ours.h`, `uses.h` and `uses.hpp`.

#[test]
fn lives_with_the_cpp_library_under_gcc() {
    matrix("g++", "matrix.cpp", ["c++14", "c++17", "c++20"]);
}

#[test]
fn lives_with_the_cpp_library_under_clang() {
    matrix("clang++", "matrix.cpp", ["c++14", "c++17", "c++20"]);
}

#[test]
fn lives_with_the_c_library() {
    for compiler in ["gcc", "clang"] {
        matrix(compiler, "matrix.c", ["c11", "gnu11", "c17"]);
    }
}

/// Headers that another package has to bring.
const OTHERS: [&str; 2] = ["sql.h", "sqlext.h"];

/// All headers, by their names from the folder of headers.
fn headers() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![include_folder()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(include_folder()).expect("a path below it");
                found.insert(name.to_str().expect("a name of letters").to_owned());
            }
        }
    }
    OTHERS.iter().for_each(|header| assert!(found.remove(*header), "{header} is here"));
    found
}

#[test]
fn each_header_stands_alone() {
    for header in headers() {
        let file = scratch("alone").join(format!("{}.c", header.replace(['/', '.'], "_")));
        fs::write(&file, format!("#include <{header}>\n#include <{header}>\nint end;\n"))
            .expect("the source is written");
        compiles("gcc", &file, &["-std=c11"]);
    }
}

#[test]
fn all_headers_stand_together() {
    let all: String = headers().iter().rev().map(|header| format!("#include <{header}>\n")).collect();
    let file = scratch("together").join("all.cpp");
    fs::write(&file, all).expect("the source is written");
    for compiler in ["g++", "clang++"].into_iter().filter(|compiler| installed(compiler)) {
        compiles(compiler, &file, &["-std=c++14"]);
    }
}

#[test]
fn a_header_has_one_concept() {
    for header in headers() {
        let text = fs::read_to_string(include_folder().join(&header)).expect("a text");
        assert!(text.lines().count() <= 500, "{header} is longer than 500 lines");
        let forwards = text.lines().count() == 1 && text.starts_with("#include <");
        assert!(text.starts_with("// ") || forwards, "{header} does not say what it is");
        if forwards {
            let target = text.trim().trim_start_matches("#include <").trim_end_matches('>');
            assert_eq!(target, header.to_lowercase(), "a spelling leads to the header that it spells");
        }
    }
}

#[test]
fn the_size_of_a_set_is_the_program_s() {
    for case in 1..=6 {
        compiles("gcc", &source("set_size.c"), &["-std=c11", &format!("-DCASE={case}")]);
    }
    let file = scratch("set_size").join("command_line.c");
    fs::write(&file, "#include <stdio.h>\n#include <winsock2.h>\n_Static_assert(FD_SETSIZE == 128, \"\");\n")
        .expect("written");
    compiles("gcc", &file, &["-std=c11", "-DFD_SETSIZE=128"]);
}

#[test]
fn what_cannot_work_is_refused_with_the_change_to_make() {
    for compiler in ["g++", "clang++"].into_iter().filter(|compiler| installed(compiler)) {
        for (case, says) in [(1, "use try and catch"), (2, "use a destructor"), (3, "declare it ULONG_PTR")] {
            let case = format!("-DCASE={case}");
            let message = check(compiler, &source("refused.cpp"), &[&case]).expect_err("it is refused");
            let errors: Vec<_> = message.lines().filter(|line| line.contains("error:")).collect();
            assert!(errors.len() == 1 && errors[0].contains(says), "{compiler} {case}:\n{message}");
        }
    }
}
