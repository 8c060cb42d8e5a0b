//! What only Linux has is refused on Windows, with a reason: the driver is chosen once a process, so each in its own.
#![cfg(windows)]

use overlapped::driver;

#[test]
fn what_linux_has_is_refused_with_a_reason() {
    if let Ok(role) = std::env::var("REFUSED") {
        let error = driver::report().unwrap_err().to_string();
        assert!(error.contains(&role), "{error}");
        return;
    }
    for (variable, value, words) in [
        ("OVERLAPPED_DRIVER", "uring", "`uring` is for Linux; there are auto and winsock"),
        ("OVERLAPPED_DRIVER", "epoll", "`epoll` is for Linux; there are auto and winsock"),
        ("OVERLAPPED_MASK", " ,nothing", "there is no feature `nothing`"),
    ] {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["what_linux_has_is_refused_with_a_reason", "--exact"]).env("REFUSED", words).env(variable, value);
        let output = child.output().unwrap();
        assert!(output.status.success(), "{value}: {}", String::from_utf8_lossy(&output.stdout));
    }
}
