//! The readiness models and messages, as C and C++ programs see them where the probes of Windows do not look. Each program
//! checks itself, and runs on each driver.

#![cfg(target_os = "linux")]

mod support;

fn passes(name: &str, driver: &str) {
    let (file, flags) = match name {
        "plain" => ("plain.c".to_owned(), "-std=c11"),
        _ => (format!("{name}.cpp"), "-std=c++17"),
    };
    let program = support::build(&support::source(&format!("readiness/{file}")), &[flags, "-Wall", "-Wextra"]);
    let output = support::run(&program, &[], &[("OVERLAPPED_DRIVER", driver)]);
    assert!(output.status.success(), "{name} on {driver}: {}\n{}", output.status, support::text(&output));
}

macro_rules! programs {
    ($($name:ident)*) => {
        mod uring {
            $(#[test] fn $name() { super::passes(stringify!($name), "uring"); })*
        }

        mod epoll {
            $(#[test] fn $name() { super::passes(stringify!($name), "epoll"); })*
        }
    };
}

programs! { alertable arguments changing_sets closes event_echo extended long_set message_echo messages plain }
