//! What whole servers are compared with: those of `benches/peers` on bare epoll, in C and with the C library's calls, as the
//! promise says. A server with its system calls inlined is not the same: a `ret` after a call that went deep into the kernel is
//! mispredicted, which is up to a tenth of a message.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/peers/servers");

/// Compiles one of them as `benches/peers/build` does.
pub(crate) fn program(name: &str) -> PathBuf {
    let source = Path::new(SOURCES).join(name).with_extension("c");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let compiled = Command::new("cc").args(["-O2", "-o"]).args([&program, &source]).status().expect("a C compiler");
    assert!(compiled.success(), "{}: {compiled}", source.display());
    program
}
