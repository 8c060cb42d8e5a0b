//! What the library exports, what the headers declare, and what COMPATIBILITY.md says: one thing.

#![cfg(target_os = "linux")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

type Names = BTreeSet<String>;

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The functions and variables that a shared library defines.
fn symbols(library: &Path) -> Names {
    let listed = output(Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library));
    let name = |line: &str| Some(line.split([' ', '@']).next()?.to_owned());
    listed.lines().filter_map(name).collect()
}

fn exported() -> Names {
    symbols(&support::library_folder().join("libws2_32.so"))
}

fn libc() -> Names {
    let libraries = ["libc.so.6", "libm.so.6"].map(|name| {
        let path = output(Command::new("gcc").arg(format!("-print-file-name={name}")));
        symbols(Path::new(path.trim()))
    });
    libraries.into_iter().flatten().collect()
}

/// The functions that the headers declare, without those that they define.
fn declared() -> Names {
    // The tests run side by side, and the compiler's list is one file.
    static LIST: LazyLock<Names> = LazyLock::new(declarations);
    LIST.clone()
}

fn declarations() -> Names {
    let (source, listing) = (support::source("exports/all.c"), support::scratch("exports").join("declarations"));
    let mut compiler = Command::new("gcc");
    compiler.args(["-std=c11", "-fsyntax-only", "-I"]).arg(support::include_folder()).arg(&source);
    output(compiler.arg("-aux-info").arg(&listing));
    let listing = fs::read_to_string(listing).expect("the compiler's list of declarations");
    listing.lines().filter_map(declaration).collect()
}

/// `/* FILE:LINE:NC */ extern TYPE NAME (…);`, where `C` is a declaration.
fn declaration(line: &str) -> Option<String> {
    let (place, prototype) = line.strip_prefix("/* ")?.split_once(" */ ")?;
    let ours = place.contains("crates/winsock/include") && place.ends_with('C');
    let before = prototype.split_once(" (")?.0;
    ours.then(|| before.rsplit([' ', '*']).next().unwrap_or(before).to_owned())
}

/// Whether a function of the headers is there, by its own name or by that which its declaration gives the linker.
fn is_in(name: &str, exported: &Names) -> bool {
    exported.contains(name) || exported.contains(&format!("overlapped_{name}"))
}

#[test]
fn no_symbol_bears_a_name_of_libc() {
    let (exported, libc) = (exported(), libc());
    assert!(exported.contains("WSARecv") && libc.contains("recv"), "the lists are what they should be");
    let both: Vec<_> = exported.intersection(&libc).collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn what_is_declared_is_there() {
    let (exported, libc, declared) = (exported(), libc(), declared());
    assert!(declared.len() > 300, "{}", declared.len());
    let missing: Vec<_> = declared.iter().filter(|name| !is_in(name, &exported) && !libc.contains(*name)).collect();
    assert!(missing.is_empty(), "declared, but not in the library: {missing:?}");
}

#[test]
fn what_is_there_is_declared() {
    let (exported, declared) = (exported(), declared());
    let hidden: Vec<_> = exported
        .iter()
        .filter(|name| !declared.contains(*name))
        .filter(|name| !name.strip_prefix("overlapped_").is_some_and(|name| declared.contains(name)))
        .collect();
    assert!(hidden.is_empty(), "in the library, but not in the headers: {hidden:?}");
}

/// The calls of the tables of COMPATIBILITY.md, with what it says of each.
fn promised() -> BTreeMap<String, String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../COMPATIBILITY.md");
    let page = fs::read_to_string(page).expect("COMPATIBILITY.md");
    let mut promised = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [calls, state, why] = cells[..] else { panic!("not three cells: {line}") };
        assert!(["done", "partly", "later", "never"].contains(&state), "{line}");
        assert!(state == "done" || !why.is_empty(), "no reason: {line}");
        for call in calls.split(',') {
            let call = call.trim().trim_matches('`').to_owned();
            assert!(promised.insert(call.clone(), state.to_owned()).is_none(), "{call} stands there twice");
        }
    }
    promised
}

/// The names of extension functions, which are found at run time (see the extensions' own tests).
fn guids() -> Names {
    let header = fs::read_to_string(support::include_folder().join("overlapped/extensions.h")).expect("the header");
    let rio = fs::read_to_string(support::include_folder().join("overlapped/rio.h")).expect("the header");
    let words = [header, rio].map(|text| text.split_whitespace().map(str::to_owned).collect::<Names>());
    words.into_iter().flatten().filter(|word| word.starts_with("WSAID_")).collect()
}

#[test]
fn the_page_tells_of_every_call() {
    let (exported, declared, promised) = (exported(), declared(), promised());
    let (headers, is_function) = (guids(), |name: &str| !name.starts_with("WSAID_"));
    let is_declared = |name: &str| declared.contains(name) || declared.contains(&format!("overlapped_{name}"));
    let is_there = |name: &str| match is_function(name) {
        true => is_in(name, &exported) && is_declared(name),
        false => headers.contains(name),
    };
    let kept = |(call, state): &(&String, &String)| is_there(call) == matches!(state.as_str(), "done" | "partly");
    let broken: Vec<_> = promised.iter().filter(|row| !kept(row)).collect();
    assert!(broken.is_empty(), "COMPATIBILITY.md says otherwise: {broken:?}");
    let untold: Vec<_> = declared
        .iter()
        .filter(|name| is_there(name) && !promised.contains_key(*name) && !name.starts_with("overlapped_"))
        .collect();
    assert!(untold.is_empty(), "not in COMPATIBILITY.md: {untold:?}");
}

#[test]
fn winsock_and_posix_sockets_in_one_program() {
    let posix = support::source("mixed/posix.cpp");
    let posix = posix.to_str().expect("a path of text");
    let program = support::build(&support::source("mixed/winsock.cpp"), &["-std=c++17", posix]);
    for driver in ["uring", "epoll"] {
        let output = support::run(&program, &[], &[("OVERLAPPED_DRIVER", driver)]);
        assert!(output.status.success(), "{driver}: {}\n{}", output.status, support::text(&output));
    }
}
