//! Which driver a process gets: by itself, by the environment, by the program, and where io_uring is refused.
#![cfg(target_os = "linux")]

mod child;

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::str::FromStr;

use overlapped::driver::{self, Choice, ChosenBy, Kind};
use overlapped::{Operation, Socket};

/// Makes `io_uring_setup` fail in the child, as the seccomp profile of a container does.
fn refuse_io_uring(command: &mut Command, errno: i32) {
    const SETUP: u32 = libc::SYS_io_uring_setup as u32;
    let step = |code: u32, jt, jf, k| libc::sock_filter { code: code as u16, jt, jf, k };
    let mut filter = [
        // The number of the system call is the first word of what the filter sees.
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 0, 1, SETUP),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ERRNO | errno as u32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let install = move || {
        let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
        // SAFETY: takes no pointers.
        let locked = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        // SAFETY: `program` and the filter it points to outlive the call, which copies them.
        let installed = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) };
        if locked == 0 && installed == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    };
    // SAFETY: between fork and exec this makes two system calls and touches only what it has moved in.
    unsafe { command.pre_exec(install) };
}

/// What the system says, and what a person needs to read about it.
const REFUSALS: [(i32, &[&str]); 3] = [
    (libc::EPERM, &["seccomp", "kernel.io_uring_disabled"]),
    (libc::ENOSYS, &["kernel"]),
    (libc::ENOMEM, &["memory", "ulimit -l"]),
];

#[test]
fn auto_falls_back_says_why_and_works() {
    if let Some(errno) = child::role() {
        let errno: i32 = errno.parse().unwrap();
        let report = driver::report().expect("a driver all the same");
        assert!(matches!(report.kind, Kind::Epoll));
        assert!(matches!(report.chosen_by, ChosenBy::Default | ChosenBy::Environment));
        let refused = report.refused.as_ref().expect("the reason");
        assert!(matches!(refused.driver, Kind::Uring));
        assert_eq!(refused.errno, errno);
        assert!(!refused.cause.is_empty() && !refused.cure.is_empty());
        let said = format!("{} {}", refused.cause, refused.cure);
        let (_, words) = REFUSALS.iter().find(|(known, _)| *known == errno).unwrap();
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
        return child::exercise();
    }
    for (errno, _) in REFUSALS {
        for choice in [None, Some("auto")] {
            let mut command = child::command("auto_falls_back_says_why_and_works", &errno.to_string());
            command.envs(choice.map(|choice| ("OVERLAPPED_DRIVER", choice)));
            refuse_io_uring(&mut command, errno);
            child::run(&mut command);
        }
    }
}

#[test]
fn uring_that_was_asked_for_is_an_error_where_it_is_refused() {
    if let Some(asked) = child::role() {
        let error = match asked.as_str() {
            "by the environment" => driver::report().unwrap_err(),
            _ => driver::choose(Choice::Uring).unwrap_err(),
        };
        assert_eq!(error.operation(), Operation::Driver);
        let text = error.to_string();
        assert!(text.contains("io_uring") && text.contains("seccomp"), "{text}");
        if asked == "by the environment" {
            assert_eq!(Socket::listen("127.0.0.1:0").unwrap_err().operation(), Operation::Driver);
        }
        return;
    }
    let mut command = child::command("uring_that_was_asked_for_is_an_error_where_it_is_refused", "by the environment");
    refuse_io_uring(command.env("OVERLAPPED_DRIVER", "uring"), libc::EPERM);
    child::run(&mut command);
    let mut command = child::command("uring_that_was_asked_for_is_an_error_where_it_is_refused", "by the program");
    refuse_io_uring(&mut command, libc::EPERM);
    child::run(&mut command);
}

#[test]
fn an_unknown_name_is_an_error_that_names_the_known() {
    if child::role().is_some() {
        for error in [driver::report().unwrap_err(), Socket::listen("127.0.0.1:0").unwrap_err()] {
            let text = error.to_string();
            for word in ["iocp", "OVERLAPPED_DRIVER", "auto", "uring", "epoll"] {
                assert!(text.contains(word), "{text}");
            }
        }
        return;
    }
    let mut command = child::command("an_unknown_name_is_an_error_that_names_the_known", "child");
    child::run(command.env("OVERLAPPED_DRIVER", "iocp"));
}

#[test]
fn the_environment_chooses() {
    if child::role().is_some() {
        let report = driver::report().unwrap();
        assert!(matches!((report.kind, report.chosen_by), (Kind::Epoll, ChosenBy::Environment)));
        assert!(report.refused.is_none(), "io_uring was not tried");
        assert!(!report.kernel.is_empty());
        return child::exercise();
    }
    let mut command = child::command("the_environment_chooses", "child");
    child::run(command.env("OVERLAPPED_DRIVER", "epoll"));
}

#[test]
fn the_program_wins_over_the_environment_and_chooses_once() {
    if child::role().is_some() {
        let report = driver::choose(Choice::Epoll).unwrap();
        assert!(matches!((report.kind, report.chosen_by), (Kind::Epoll, ChosenBy::Program)));
        assert!(matches!(driver::choose(Choice::Epoll).unwrap().kind, Kind::Epoll));
        assert_eq!(driver::choose(Choice::Uring).unwrap_err().operation(), Operation::Driver);
        assert!(matches!(driver::report().unwrap().kind, Kind::Epoll));
        return child::exercise();
    }
    // Not even a name that is wrong matters to a program that chooses.
    for environment in ["uring", "auto", "iocp"] {
        let mut command = child::command("the_program_wins_over_the_environment_and_chooses_once", "child");
        child::run(command.env("OVERLAPPED_DRIVER", environment));
    }
}

#[test]
fn a_choice_after_the_first_socket_must_be_the_one_in_force() {
    if child::role().is_some() {
        let _first = Socket::listen("127.0.0.1:0").unwrap();
        assert!(matches!(driver::report().unwrap().kind, Kind::Epoll));
        assert!(driver::choose(Choice::Uring).is_err());
        return;
    }
    let mut command = child::command("a_choice_after_the_first_socket_must_be_the_one_in_force", "child");
    refuse_io_uring(&mut command, libc::EPERM);
    child::run(&mut command);
}

#[test]
fn by_default_it_is_io_uring_where_the_system_has_it() {
    if child::role().is_some() {
        let report = driver::report().unwrap();
        assert!(matches!(report.chosen_by, ChosenBy::Default));
        let uring = matches!(report.kind, Kind::Uring);
        assert_eq!(uring, report.refused.is_none());
        // An errno if it is not there at all, and none if it lacks what is needed.
        let there = report.refused.as_ref().is_none_or(|refused| refused.errno == 0);
        assert_eq!(there, io_uring::IoUring::new(2).is_ok());
        return child::exercise();
    }
    child::run(&mut child::command("by_default_it_is_io_uring_where_the_system_has_it", "child"));
}

#[test]
fn choices_are_read_from_their_names() {
    assert!(matches!(Choice::from_str("auto"), Ok(Choice::Auto)));
    assert!(matches!(Choice::from_str("uring"), Ok(Choice::Uring)));
    assert!(matches!(Choice::from_str("epoll"), Ok(Choice::Epoll)));
    let text = Choice::from_str("kqueue").unwrap_err().to_string();
    for word in ["kqueue", "auto", "uring", "epoll"] {
        assert!(text.contains(word), "{text}");
    }
}
