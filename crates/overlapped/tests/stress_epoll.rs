//! Everything at once, on epoll.
#![cfg(target_os = "linux")]

mod stress;

#[test]
fn many_threads_and_a_model() {
    stress::run(overlapped::driver::Choice::Epoll);
}
