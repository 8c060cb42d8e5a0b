//! Every kind of operation at once, its data checked, while the kernel answers as it rarely does.
//!
//! By itself: with a signal for each thread, again and again, without `SA_RESTART`. With the name of a driver, in
//! `FAULTS_ON`, the same work without signals, for somebody outside who makes system calls fail (`.ci/run faults`).

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod linux;
#[cfg(target_os = "linux")]
#[path = "work.rs"]
mod work;

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
}
