//! A program may have a file of Winsock and a file of the C library's sockets.

#![cfg(target_os = "linux")]

mod support;

use support::{build, run, source, text};

#[test]
fn a_file_of_winsock_and_a_file_of_posix_are_one_program() {
    let posix = source("beside/posix_side.cpp");
    let posix = posix.to_str().expect("a path of letters");
    let output = run(&build(&source("beside/winsock_side.cpp"), &["-Wall", "-Wextra", "-Werror", posix]), &[], &[]);
    assert!(output.status.success(), "{}", text(&output));
}
