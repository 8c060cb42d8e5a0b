//! The beginning of a program: the driver that its environment asks for.

#![cfg(target_os = "linux")]

mod support;

#[test]
fn a_driver_that_is_none_is_named() {
    let program = support::build(&support::source("startup/driver.cpp"), &[]);
    let run = |driver| support::run(&program, &[], &[("OVERLAPPED_DRIVER", driver)]);
    let output = run("fast");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "10091\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("WSAStartup: ") && said.contains("fast"), "{said}");
    for driver in ["epoll", "auto"] {
        let output = run(driver);
        assert_eq!(support::text(&output), "0\n", "{driver}");
    }
}
