//! What Winsock programs use beside sockets and kernel objects, as C and C++ programs see it.

#![cfg(target_os = "linux")]

mod support;

use std::os::unix::process::ExitStatusExt;

const UNICODE: [&str; 2] = ["-DUNICODE", "-D_UNICODE"];

fn control(how: &str) -> std::process::Output {
    support::run(&support::build(&support::source("system/control.cpp"), &[]), &[how], &[])
}

#[test]
fn locks_keep_what_they_protect_whole() {
    support::passes("system/locks.cpp", &["-O1"]);
}

#[test]
fn threads_share_lists_and_numbers_and_have_values_of_their_own() {
    support::passes("system/sharing.cpp", &["-O1"]);
}

#[test]
fn clocks_and_counters_tell_the_time_the_machine_and_the_process() {
    support::passes("system/clock.cpp", &[]);
}

#[test]
fn heaps_and_address_space_are_as_on_windows() {
    support::passes("system/memory.cpp", &[]);
}

#[test]
fn codes_have_texts_and_the_program_knows_its_names() {
    support::passes("system/messages.cpp", &[]);
}

#[test]
fn texts_go_from_code_page_to_code_page() {
    support::passes("system/text.cpp", &[]);
}

#[test]
fn files_are_read_and_written_at_once() {
    let program = support::build(&support::source("system/files.cpp"), &[]);
    let folder = support::scratch("files");
    let output = support::run(&program, &[&folder.to_string_lossy()], &[]);
    assert!(output.status.success(), "{}", support::text(&output));
}

#[test]
fn sockets_are_read_and_written_as_files() {
    support::passes("system/socket_file.cpp", &[]);
}

#[test]
fn microsofts_c_library_knows_the_sizes_of_its_buffers() {
    for (source, flags) in [
        ("system/crt.cpp", vec!["-std=c++14"]),
        ("system/crt.cpp", vec!["-std=c++20", "-O2"]),
        ("system/crt.c", vec!["-std=c11"]),
        ("system/crt.c", vec!["-std=gnu11", UNICODE[0], UNICODE[1]]),
    ] {
        let flags: Vec<_> = flags.into_iter().chain(["-Wall", "-Wextra", "-Werror", "-Wno-format"]).collect();
        support::passes(source, &flags);
    }
    let output = support::run(&support::build(&support::source("system/crt.cpp"), &["-std=c++14"]), &[], &[]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "printed -1 5 7\nwide text\nt\nwide narrow 가 각\nstd\nline\n가\n"
    );
}

#[test]
fn a_program_begins_at_tmain_or_wmain() {
    let arguments = ["one", "가"];
    for (source, flags) in
        [("system/start.cpp", &[] as &[&str]), ("system/start.cpp", &UNICODE), ("system/wide_start.c", &[])]
    {
        let output = support::run(&support::build(&support::source(source), flags), &arguments, &[]);
        assert!(output.status.success(), "{source} {flags:?}: {}", support::text(&output));
    }
    let output = support::run(&support::build(&support::source("system/no_result_start.cpp"), &UNICODE), &[], &[]);
    assert_eq!(support::text(&output), "started\n");
}

#[test]
fn signals_are_console_events() {
    for how in ["handled", "thread"] {
        let output = control(how);
        assert!(output.status.success(), "{how}: {} {}", output.status, support::text(&output));
    }
    assert_eq!(control("leaves").status.code(), Some(7));
    assert_eq!(control("interrupted").status.signal(), Some(2));
    assert_eq!(control("terminated").status.signal(), Some(15));
}

#[test]
fn keys_come_without_lines() {
    let program = support::build(&support::source("system/keys.cpp"), &[]);
    let output = support::run(&program, &[], &[]);
    assert!(output.status.success(), "{}", support::text(&output));
    let output = support::run_with_input(&program, &["piped"], &[], b"x\n");
    assert!(output.status.success(), "{}", support::text(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "out");
}

#[test]
fn names_of_temporary_files_are_new() {
    support::passes("system/temporary.c", &[]);
}
