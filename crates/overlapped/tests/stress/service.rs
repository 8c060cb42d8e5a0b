//! Threads that do what the others ask for, without ever waiting for one of them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use overlapped::alertable::{self, Thread};
use overlapped::{Completion, Event, Overlapped, Pending, Result, Semaphore, Waitable, Waited};

use super::dice::Dice;
use super::model::{THREADS, count, thread_ends};
use super::receives::Take;
use super::waits::{How, begin_thread};
use super::watchdog;

type Work = Box<dyn FnOnce(&mut Dice) + Send>;

enum Request {
    Do(Work),
    Keep(Kept),
}

/// A pending operation that has come to the service.
pub(super) struct Kept {
    pub(super) event: Event,
    pub(super) pending: Pending<Take>,
    pub(super) then: Box<dyn FnOnce(Overlapped<Take>, Result<Completion>) + Send>,
}

pub(super) struct Service {
    requests: Mutex<VecDeque<Request>>,
    /// As many as there are requests.
    work: Semaphore,
    stop: Event,
}

impl Service {
    pub(super) fn new() -> Arc<Self> {
        let work = Semaphore::new(0, u32::MAX).unwrap();
        Arc::new(Self { requests: Mutex::default(), work, stop: Event::manual() })
    }

    /// One of the threads does that, soon.
    pub(super) fn ask(&self, work: impl FnOnce(&mut Dice) + Send + 'static) {
        self.request(Request::Do(Box::new(work)));
    }

    /// One of the threads finishes the operation.
    pub(super) fn keep(&self, kept: Kept) {
        self.request(Request::Keep(kept));
    }

    fn request(&self, request: Request) {
        self.requests.lock().unwrap().push_back(request);
        self.work.release(1).unwrap();
    }

    pub(super) fn stop(&self) {
        self.stop.set();
    }

    pub(super) fn start(self: &Arc<Self>, name: String, dice: Dice) -> Thread {
        let service = Arc::clone(self);
        let (thread, _) = alertable::spawn(move || {
            begin_thread(name);
            service.run(dice);
            thread_ends();
            watchdog::at(|| "has ended".into());
        })
        .expect("a thread");
        count(&THREADS);
        thread
    }

    fn run(&self, mut dice: Dice) {
        let mut kept: Vec<Kept> = Vec::new();
        let mut stopping = false;
        while !stopping || !kept.is_empty() {
            watchdog::at(|| format!("serves, keeps {} operations, stopping {stopping}", kept.len()));
            let mut objects: Vec<&dyn Waitable> = vec![&self.work];
            objects.extend(kept.iter().map(|kept| &kept.event as &dyn Waitable));
            if !stopping {
                objects.push(&self.stop);
            }
            let how = How { alertable: dice.percent(50), timeout: None };
            match how.any(&objects) {
                Waited::Routines => {}
                Waited::Object(0) => {
                    let request = self.requests.lock().unwrap().pop_front();
                    match request.expect("a semaphore is taken as often as it is released") {
                        Request::Do(work) => {
                            dice.pause();
                            work(&mut dice);
                        }
                        Request::Keep(more) => kept.push(more),
                    }
                    watchdog::progress();
                }
                Waited::Object(index) if index <= kept.len() => {
                    let Kept { pending, then, .. } = kept.swap_remove(index - 1);
                    assert!(pending.is_done(), "the event is set before its operation is done");
                    let (take, done) = pending.finish();
                    then(take, done);
                    watchdog::progress();
                }
                Waited::Object(_) => stopping = true,
                waited => panic!("{waited:?}"),
            }
        }
    }
}
