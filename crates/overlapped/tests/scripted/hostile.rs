//! Routines that issue, cancel, close, wait alertably and unwind, in every nesting, on the scripted driver.

use crate::programs::{self, World};
use overlapped::driver::scripted::{self, Script, Work};
use overlapped::{Event, Overlapped, Waited, wait};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const NOW: Option<Duration> = Some(Duration::ZERO);

struct Fed(Script);

impl World for Fed {
    fn feed(&self) {
        if let Some(receive) = self.0.started().into_iter().find(|started| started.work == Work::Receive) {
            self.0.receive(receive, b"x");
        }
    }
}

fn fed(script: &Script) -> Rc<dyn World> {
    Rc::new(Fed(script.clone()))
}

#[test]
fn every_program_ends_with_each_routine_once() {
    let (length, one_of) = if cfg!(miri) { (3, 71) } else { (4, 1) };
    scripted::run(|script| {
        programs::every(length, one_of, |acts| programs::run_to_its_end(script.socket(), fed(script), acts));
    });
}

#[test]
fn every_program_may_be_left_by_its_thread() {
    programs::every(2, if cfg!(miri) { 12 } else { 1 }, |acts| {
        let left = scripted::run(|script| programs::leave_behind(script.socket(), fed(script), acts));
        left.judge(acts);
    });
}

/// The owner leaves, the completion arrives: whoever comes second frees the block, whatever the first still does.
#[test]
fn a_pending_is_dropped_while_its_operation_completes() {
    scripted::run(|script| {
        script.hold_cancels();
        let sessions = Arc::new(());
        for _ in 0..if cfg!(miri) { 10 } else { 1000 } {
            let session = Overlapped::new((script.socket(), [0; 8], Arc::clone(&sessions)));
            let pending = session.recv_event_with(&Event::manual(), |session| (&session.0, &mut session.1));
            let receive = script.started()[0];
            thread::scope(|scope| {
                scope.spawn(move || {
                    script.enter();
                    drop(pending);
                });
                script.receive(receive, b"data");
                // Takes the completion, if nobody else has.
                assert_eq!(wait::one(&Event::manual(), NOW).unwrap(), Waited::TimedOut);
            });
            while Arc::strong_count(&sessions) > 1 {
                thread::yield_now();
            }
        }
    });
}
