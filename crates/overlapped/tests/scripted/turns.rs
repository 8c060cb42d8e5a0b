//! Routines and events in turns on one socket.

use overlapped::driver::scripted;
use overlapped::{Event, Overlapped, Socket, Waited, alertable};
use std::cell::Cell;
use std::thread;

thread_local! {
    /// How many routines have run.
    static RAN: Cell<usize> = const { Cell::new(0) };
}

fn receive(socket: &Socket) -> Overlapped<(Socket, [u8; 1])> {
    Overlapped::new((socket.clone(), [0]))
}

/// Nobody waits for the event, so somebody else has to see that its operation ends.
#[test]
fn a_routine_comes_although_an_event_nobody_waits_for_is_before_it() {
    for event_first in [true, false] {
        scripted::run(|script| {
            let (socket, event) = (script.socket(), Event::manual());
            let by_event = || receive(&socket).recv_event_with(&event, |(socket, buffer)| (socket, buffer));
            let by_routine = || {
                receive(&socket).recv_with(
                    |(socket, buffer)| (socket, buffer),
                    |_, done| {
                        assert!(done.is_ok());
                        RAN.set(RAN.get() + 1);
                    },
                );
            };
            if !event_first {
                by_routine();
            }
            let pending = by_event();
            by_routine();
            thread::scope(|scope| {
                scope.spawn(|| {
                    // Each is started when the one before it has completed.
                    for _ in 0..if event_first { 2 } else { 3 } {
                        script.receive(script.wait_for(1)[0], b"x");
                    }
                });
                // One wait may run both, where this thread is slow.
                while RAN.get() < if event_first { 1 } else { 2 } {
                    assert_eq!(alertable::sleep(None).unwrap(), Waited::Routines);
                }
            });
            assert_eq!(pending.finish().1.unwrap().bytes, 1);
        });
    }
}
