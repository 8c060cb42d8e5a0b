//! What Winsock programs use beside sockets and kernel objects, as C and C++ programs see it.

#![cfg(target_os = "linux")]

mod support;

#[test]
fn a_program_links_and_runs() {
    support::passes("system/links.c", &[]);
}
