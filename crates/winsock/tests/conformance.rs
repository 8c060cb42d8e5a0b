//! The probes of Windows, built unchanged against the headers and the library: on each driver they print what Windows prints.

#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance")
}

fn conforms(probe: &str, driver: &str) {
    let source = folder().join(format!("{probe}.cpp"));
    let expected = fs::read_to_string(source.with_extension("expected")).expect("a probe has its expectation");
    let program = support::build(&source, &["-std=c++17", "-O1", "-Wno-unknown-pragmas"]);
    let output = support::run(&program, &[], &[("OVERLAPPED_DRIVER", driver)]);
    let printed = String::from_utf8_lossy(&output.stdout);
    if printed != expected {
        panic!("{probe} on {driver} ({}):\n{}", output.status, difference(&expected, &printed));
    }
}

/// The lines that one has and the other has not, each in its order.
fn difference(expected: &str, printed: &str) -> String {
    let only = |lines: &str, other: &str, mark: char| {
        let other: Vec<_> = other.lines().collect();
        let only = lines.lines().filter(|line| !other.contains(line));
        only.map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    only(expected, printed, '-') + &only(printed, expected, '+')
}

macro_rules! probes {
    ($($name:ident $probe:literal)*) => {
        const PROBES: &[&str] = &[$($probe),*];

        mod uring {
            $(#[test] fn $name() { super::conforms($probe, "uring"); })*
        }

        mod epoll {
            $(#[test] fn $name() { super::conforms($probe, "epoll"); })*
        }
    };
}

probes! {
    events "01_event"
    routines "02_routine"
    routines_reused "02_routine_reuse"
    apcs "03_apc"
    apcs_in_blocking_calls "03_apc_blocking"
    waits "04_waits"
    cancels_and_closes "05_cancel_close"
    buffers "06_buffers"
    ports "07_iocp"
    extensions "08_extensions"
    transmit_and_reuse "08_transmit_reuse"
    network_events "09_eventselect"
    select_and_poll "10_select_poll"
    messages "11_asyncselect"
    options "12_options"
    threads "13_threads"
    timers_and_pool "13_timers_pool"
    registered_io "14_rio"
}

#[test]
fn no_probe_is_left_out() {
    let files = fs::read_dir(folder()).expect("the probes' folder");
    let mut there: Vec<_> = files
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".cpp").map(str::to_owned))
        .collect();
    there.sort();
    assert_eq!(there, PROBES);
}
