//! Processes that fork, where there are any.

#[cfg(target_os = "linux")]
mod busy;
#[cfg(target_os = "linux")]
mod linux;

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
}
