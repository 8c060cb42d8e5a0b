//! Values that nobody wants any more, whose drops take their time.

use overlapped::driver::scripted::{self, Script, SendNow, Work};
use overlapped::{Event, Overlapped, Socket, codes, wait};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// A cancelled receive on an event whose owner has left it: it is with the kernel still, and `value` with it.
fn leave<T: Send + 'static>(script: &Script, value: T) {
    let session = Overlapped::new((script.socket(), [0; 8], value));
    let event = Event::manual();
    drop(session.recv_event_with(&event, |(socket, buffer, _)| (socket, buffer)));
}

fn abort_next(script: &Script) {
    if let Some(receive) = script.started().into_iter().find(|started| started.work == Work::Receive) {
        script.fail(receive, codes::WSA_OPERATION_ABORTED);
    }
}

/// Its drop lets the next receive complete, and comes to the value of that while it waits.
struct Chained(Script, Arc<AtomicUsize>);

impl Drop for Chained {
    fn drop(&mut self) {
        self.1.fetch_add(1, SeqCst);
        self.0.enter();
        abort_next(&self.0);
        let _ = wait::one(&Event::manual(), Some(Duration::ZERO));
    }
}

#[test]
fn drops_that_come_to_further_drops_do_not_exhaust_the_stack() {
    const COUNT: usize = if cfg!(miri) { 40 } else { 5000 };
    scripted::run(|script| {
        script.hold_cancels();
        let dropped = Arc::new(AtomicUsize::new(0));
        for _ in 0..COUNT {
            leave(script, Chained(script.clone(), Arc::clone(&dropped)));
        }
        abort_next(script);
        // Nobody waits here, so it is one thread of the library's that drives and drops.
        while dropped.load(SeqCst) < COUNT {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(script.started().is_empty());
    });
}

/// A drop that takes until it is told.
struct Slow(mpsc::Sender<()>, mpsc::Receiver<()>);

impl Drop for Slow {
    fn drop(&mut self) {
        self.0.send(()).expect("somebody listens");
        self.1.recv().expect("it is told");
    }
}

#[test]
fn a_drop_that_blocks_holds_up_no_send() {
    scripted::run(|script| {
        script.hold_cancels();
        let ((begun, begins), (go_on, goes_on)) = (mpsc::channel(), mpsc::channel());
        leave(script, Slow(begun, goes_on));
        // Nobody waits here, so a thread of the library's drives, and drops.
        abort_next(script);
        begins.recv().expect("the drop begins");
        script.send_now(SendNow::Bytes(0));
        let socket: Socket = script.socket();
        socket.give(b"while it blocks").expect("queued");
        script.sent(script.wait_for(1)[0], 15);
        while socket.queued_bytes() > 0 {
            thread::yield_now();
        }
        go_on.send(()).expect("it waits for this");
    });
}
