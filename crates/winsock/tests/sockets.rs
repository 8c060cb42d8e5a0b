//! The plain functions of sockets and names, as C++ programs see them where the probes of Windows do not look. Each program
//! checks itself, and runs on each driver.

#![cfg(target_os = "linux")]

mod support;

fn passes(name: &str, driver: &str) {
    let program = support::build(&support::source(&format!("sockets/{name}.cpp")), &["-std=c++17", "-Wall", "-Wextra"]);
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

programs! { arguments blocking churn crowds datagrams names options six }
