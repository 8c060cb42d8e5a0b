//! Routines that issue, cancel, close, wait alertably and unwind, in every nesting.

use std::cell::RefCell;
use std::io::Write;
use std::net::TcpStream;
use std::rc::Rc;
use std::thread;

use super::programs::{self, World};
use crate::behaviour::support;

struct Peer(RefCell<TcpStream>);

impl World for Peer {
    fn feed(&self) {
        // It may have been closed.
        let _ = self.0.borrow_mut().write_all(b"x");
    }
}

fn peer(stream: TcpStream) -> Rc<dyn World> {
    Rc::new(Peer(RefCell::new(stream)))
}

#[test]
fn every_program_of_three_acts_ends_with_each_routine_once() {
    let _watch = support::driver();
    // Wine takes its time to make connections.
    programs::every(3, if support::is_wine() { 20 } else { 1 }, |acts| {
        let (socket, stream) = support::pair();
        programs::run_to_its_end(socket, peer(stream), acts);
    });
}

#[test]
fn every_program_of_two_acts_may_be_left_by_its_thread() {
    let _watch = support::driver();
    programs::every(2, 1, |acts| {
        let (socket, stream) = support::pair();
        let begin = || programs::leave_behind(socket, peer(stream), acts);
        let left = thread::scope(|scope| {
            let joined = scope.spawn(begin).join();
            joined.expect("a thread that ends well")
        });
        left.judge(acts);
    });
}
