//! Threads that do what the others ask for, without ever waiting for one of them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

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
    /// One thread of a quiet service ends.
    Stop,
}

/// A pending operation that has come to the service.
pub(super) struct Kept {
    pub(super) event: Event,
    pub(super) pending: Pending<Take>,
    pub(super) then: Box<dyn FnOnce(Overlapped<Take>, Result<Completion>) + Send>,
}

pub(super) struct Service {
    /// Its threads wait for nothing of the library, and so drive nothing for the others.
    quiet: bool,
    requests: Mutex<VecDeque<Request>>,
    asked: Condvar,
    /// As many as there are requests.
    work: Semaphore,
    stop: Event,
}

impl Service {
    pub(super) fn new(quiet: bool) -> Arc<Self> {
        let (requests, asked, stop) = (Mutex::default(), Condvar::new(), Event::manual());
        Arc::new(Self { quiet, requests, asked, work: Semaphore::new(0, u32::MAX).unwrap(), stop })
    }

    /// Whether it takes operations to finish.
    pub(super) fn keeps(&self) -> bool {
        !self.quiet
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
        if self.quiet {
            self.asked.notify_one();
        } else {
            self.work.release(1).unwrap();
        }
    }

    /// Ends so many threads, which are all.
    pub(super) fn stop(&self, threads: usize) {
        self.stop.set();
        (0..threads).filter(|_| self.quiet).for_each(|_| self.request(Request::Stop));
    }

    pub(super) fn start(self: &Arc<Self>, name: String, dice: Dice) -> Thread {
        let service = Arc::clone(self);
        let (thread, _) = alertable::spawn(move || {
            begin_thread(name);
            if service.quiet {
                service.run_quietly(dice)
            } else {
                service.run(dice)
            }
            thread_ends();
            watchdog::at(|| "has ended".into());
        })
        .expect("a thread");
        count(&THREADS);
        thread
    }

    fn run_quietly(&self, mut dice: Dice) {
        loop {
            watchdog::at(|| "serves quietly".into());
            let requests = self.requests.lock().unwrap();
            let request = self.asked.wait_while(requests, |requests| requests.is_empty()).unwrap().pop_front();
            match request {
                Some(Request::Do(work)) => {
                    dice.pause();
                    work(&mut dice);
                }
                Some(Request::Stop) => return,
                _ => unreachable!(),
            }
            watchdog::progress();
        }
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
                        Request::Stop => unreachable!(),
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
