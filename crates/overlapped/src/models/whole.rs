//! The whole engine under shuttle: many orders at random, on a script that stages like a ring and whose kernel is one of the
//! threads. It completes what it has in any order, and gives back what nobody has cancelled.
//!
//! `SHUTTLE_SCHEDULES` says how many orders a test tries with each scheduler, `SHUTTLE_SEED` which.

mod apcs;
mod cancels;
mod ends;
mod errands;
mod events;
mod leaders;
mod objects;
mod ports;
mod turns;
mod watches;

use crate::driver::scripted::{Script, Started, Work};
use crate::sync::atomic::AtomicBool;
use crate::sync::atomic::Ordering::SeqCst;
use crate::sync::thread;
use crate::{Completion, Overlapped, Result, Session, Socket, codes};
use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler};
use shuttle::{Config, MaxSteps, Runner};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Runs a model in many orders: each step at random, and with few changes of who goes first.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let number = |name, usual| std::env::var(name).map_or(usual, |value: String| value.parse().unwrap());
    let (schedules, seed) = (number("SHUTTLE_SCHEDULES", 100), number("SHUTTLE_SEED", 1));
    let mut config = Config::new();
    config.stack_size = 256 * 1024;
    // Far more than any of them takes: a thread that waits for ever beside one that looks again and again.
    config.max_steps = MaxSteps::FailAfter(200_000);
    let model = Arc::new(model);
    let again = Arc::clone(&model);
    Runner::new(RandomScheduler::new_from_seed(seed, schedules as usize), config.clone()).run(move || again());
    Runner::new(PctScheduler::new_from_seed(seed, 3, schedules as usize), config).run(move || model());
}

/// Runs a model with a script and a kernel that completes everything.
fn check_with_kernel(model: impl Fn(&Script) + Send + Sync + 'static) {
    check_with(serve, model);
}

/// Runs a model with a script and its kernel, which goes on until the model is over.
fn check_with(serve: fn(&Script, Started), model: impl Fn(&Script) + Send + Sync + 'static) {
    check(move || {
        let script = Script::new();
        script.stage();
        script.hold_cancels();
        script.enter();
        let over = Arc::new(AtomicBool::new(false));
        let kernel = thread::spawn({
            let (script, over) = (script.clone(), Arc::clone(&over));
            move || {
                while !over.load(SeqCst) {
                    for operation in script.started() {
                        serve(&script, operation);
                    }
                    thread::yield_now();
                }
            }
        });
        model(&script);
        over.store(true, SeqCst);
        kernel.join().unwrap();
    });
}

/// A kernel to which nothing ever comes: it ends what is cancelled.
fn end_cancelled(script: &Script, operation: Started) {
    if script.cancel_requests().contains(&operation) {
        script.fail(operation, codes::WSA_OPERATION_ABORTED);
    }
}

/// The same, which also gives back what nobody has cancelled.
fn end_or_give_back(script: &Script, operation: Started) {
    if thread_rng().gen_bool(0.5) {
        script.fail(operation, codes::WSA_OPERATION_ABORTED);
    } else {
        end_cancelled(script, operation);
    }
}

/// A kernel to which data comes, but no connection.
fn serve_data(script: &Script, operation: Started) {
    let serve = if operation.work == Work::Accept { end_cancelled } else { serve };
    serve(script, operation);
}

/// What a kernel may do with an operation.
fn serve(script: &Script, operation: Started) {
    let cancelled = script.cancel_requests().contains(&operation);
    match thread_rng().gen_range(0..8) {
        0 | 1 => {}
        // Its submitter has ended; the operation has not.
        2 if operation.work != Work::Send => script.fail(operation, codes::WSA_OPERATION_ABORTED),
        3 | 4 if cancelled => script.fail(operation, codes::WSA_OPERATION_ABORTED),
        _ => match operation.work {
            Work::Receive => script.receive(operation, b"x"),
            Work::Send => script.sent(operation, thread_rng().gen_range(0..=operation.length)),
            _ => script.ready(operation),
        },
    }
}

/// Starts a thread of the script.
fn spawn<T: Send + 'static>(
    script: &Script,
    function: impl FnOnce(&Script) -> T + Send + 'static,
) -> thread::JoinHandle<T> {
    let script = script.clone();
    thread::spawn(move || {
        script.enter();
        function(&script)
    })
}

/// Waits, without a wait of the library, until something holds.
fn until(holds: impl Fn() -> bool) {
    while !holds() {
        thread::yield_now();
    }
}

/// A session that counts how often it is dropped.
struct Client {
    socket: Socket,
    buffer: [u8; 1],
    dropped: Arc<AtomicUsize>,
}

impl Session for Client {
    fn parts(&mut self) -> (&Socket, &mut [u8]) {
        (&self.socket, &mut self.buffer)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, SeqCst);
    }
}

fn client(socket: &Socket, dropped: &Arc<AtomicUsize>) -> Overlapped<Client> {
    Overlapped::new(Client { socket: socket.clone(), buffer: [0], dropped: Arc::clone(dropped) })
}

/// A completion is with the data, or it was cancelled.
fn is_aborted(done: &Result<Completion>) -> bool {
    match done {
        Ok(done) => {
            assert_eq!(done.bytes, 1);
            false
        }
        Err(error) => {
            assert_eq!(error.code(), codes::WSA_OPERATION_ABORTED, "{error}");
            true
        }
    }
}
