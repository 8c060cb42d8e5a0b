//! What an operation of the library costs, beside the kernel's bare interface doing the same in the same run.
//!
//! `cargo bench -p overlapped --bench operations` measures time, on each driver; with `-- --instructions` it counts
//! instructions on the epoll driver with callgrind, and compares them with `benches/instructions.txt`, which holds on any
//! machine. `-- --bless` writes that file.

#[cfg_attr(target_os = "linux", path = "operations/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "support/elsewhere.rs")]
mod measured;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

fn main() -> std::process::ExitCode {
    measured::main()
}
