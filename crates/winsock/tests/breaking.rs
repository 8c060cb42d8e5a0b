//! C++ programs that try to break what operations, sockets, ports and threads have to do with each other. Each checks itself, and
//! runs on each driver.

#![cfg(target_os = "linux")]

mod support;

fn passes(name: &str, driver: &str) {
    let source = support::source(&format!("breaking/{name}.cpp"));
    let program = support::build(&source, &["-std=c++17", "-O1", "-Wall", "-Wextra"]);
    let folder = support::scratch(&format!("{name}-{driver}"));
    let folder = folder.to_str().expect("the build's folder has a name");
    let output = support::run(&program, &[folder], &[("OVERLAPPED_DRIVER", driver)]);
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

programs! {
    accept_again cancels cleanup close_storm datagram_storm echo_storm ends invented limits lingers own_timeout ports results routines urgent
    used_again
}
