//! What the tests ask of Linux beside the library.

use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd};
use std::thread;

use overlapped::Socket;
use overlapped::driver::{self, Choice};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Where the system forbids io_uring, or has too little of it, there is nothing to test; that must be loud, and CI must not
/// accept it.
pub(crate) fn skip_without_driver() {
    if !matches!(crate::DRIVER, Choice::Uring) || std::env::var_os("OVERLAPPED_TEST_REQUIRE_URING").is_some() {
        return;
    }
    if let Err(refused) = driver::choose(crate::DRIVER) {
        super::say(&format!(
            "\nSKIPPED: {refused}\n\
             So nothing was tested here.\n\
             Set OVERLAPPED_TEST_REQUIRE_URING=1 to make that a failure.\n"
        ));
        std::process::exit(0);
    }
}

/// Returns when all that `peer` wrote is in the other end's socket: acknowledged, so its send queue is empty.
pub(crate) fn delivered(peer: &TcpStream) {
    let (from, to) = (peer.local_addr().unwrap().port(), peer.peer_addr().unwrap().port());
    let (from, to) = (format!(":{from:04X}"), format!(":{to:04X}"));
    let empty = |table: String| {
        table.lines().any(|line| {
            let column: Vec<_> = line.split_whitespace().collect();
            column.len() > 4
                && column[1].ends_with(&from)
                && column[2].ends_with(&to)
                && column[4].starts_with("00000000:")
        })
    };
    while !empty(std::fs::read_to_string("/proc/net/tcp").expect("the system's connections")) {
        thread::yield_now();
    }
}

/// Whether Windows is but acted, where some things differ.
pub(crate) fn is_wine() -> bool {
    false
}

/// Another descriptor of the same connection, as a socket of its own.
pub(crate) fn duplicate(socket: &Socket) -> Socket {
    Socket::from(socket.as_fd().try_clone_to_owned().expect("room for a descriptor"))
}

/// How many descriptors a crowd has; the rest is for the tests that run beside.
pub(crate) fn crowd() -> usize {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
    maximum.map_or(6000, |maximum| (maximum.saturating_sub(1000) / 4).min(6000)) as usize
}

/// What the system calls a socket; unlike a descriptor's number it is not used again at once.
pub(crate) struct Open(String);

impl Open {
    pub(crate) fn of(socket: &Socket) -> Self {
        let descriptor = socket.as_fd().as_raw_fd();
        Self(std::fs::read_link(format!("/proc/self/fd/{descriptor}")).unwrap().to_string_lossy().into_owned())
    }

    pub(crate) fn is_open(&self) -> bool {
        let descriptors = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let mut names = descriptors.flat_map(|entry| std::fs::read_link(entry.path()));
        names.any(|name| name.to_string_lossy() == self.0)
    }
}
