//! Everything at once, on Windows itself.
#![cfg(windows)]

mod stress;

#[test]
fn many_threads_and_a_model() {
    stress::run(overlapped::driver::Choice::Winsock);
}
