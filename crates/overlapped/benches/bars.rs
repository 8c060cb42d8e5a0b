//! The bars: what is promised of the library's cost, each as a line `bar NAME value limit`.
//!
//! `cargo bench -p overlapped --bench bars` shows all on each driver; with `-- --check` a bar that fails in two runs of
//! ten cycles is a failure. `-- wake` measures those with that in their names.

#[cfg_attr(target_os = "linux", path = "bars/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "support/elsewhere.rs")]
mod measured;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "each benchmark uses its part")]
mod support;

fn main() -> std::process::ExitCode {
    measured::main()
}
