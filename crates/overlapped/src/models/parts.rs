//! Small parts under loom: every order of their steps, with at most so many preemptions as `LOOM_MAX_PREEMPTIONS` says,
//! and everything that a weak memory order lets a load see.

mod all;
mod blocks;
mod claims;
mod hub;
mod instead;
mod mailbox;
mod mutexes;
mod parking;
mod spares;
mod starts;

use crate::object::Object;
use crate::object::sealed::Sealed;
use crate::sync::kind::clear;
use crate::sync::thread;
use crate::thread::ThreadCore;
use crate::wait::{Goal, Waited, wait_as};
use crate::{Waitable, thread as engine};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Runs a model in every order.
fn check(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 100_000;
    builder.preemption_bound = builder.preemption_bound.or(Some(2));
    let orders = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&orders);
    builder.check(move || {
        clear();
        without_engine();
        counted.fetch_add(1, Relaxed);
        model();
    });
    println!("{} orders", orders.load(Relaxed));
}

/// The calling thread is as in its last destructors: it waits for objects and owns mutexes, and has no APC queue.
fn without_engine() {
    engine::forget_engine();
}

fn spawn<T: 'static>(function: impl FnOnce() -> T + 'static) -> thread::JoinHandle<T> {
    thread::spawn(move || {
        without_engine();
        function()
    })
}

fn join<T, const N: usize>(threads: [thread::JoinHandle<T>; N]) {
    for thread in threads {
        thread.join().unwrap();
    }
}

fn core() -> Arc<ThreadCore> {
    Arc::new(ThreadCore::new())
}

/// An object as the program has it, whatever its kind.
#[derive(Clone)]
struct Of(Arc<Object>);

impl Of {
    fn auto() -> Self {
        Self(Arc::new(Object::event(true, false)))
    }

    fn manual() -> Self {
        Self(Arc::new(Object::event(false, false)))
    }

    fn semaphore(count: u32, maximum: u32) -> Self {
        Self(Arc::new(Object::semaphore(count, maximum)))
    }

    fn mutex() -> Self {
        Self(Arc::new(Object::mutex()))
    }

    /// Two, the lower address first: the order in which waits take two locks is the same in every run.
    fn pair(one: Object, other: Object) -> [Self; 2] {
        let mut places = [Arc::new_uninit(), Arc::new_uninit()];
        places.sort_by_key(Arc::as_ptr);
        for (place, object) in places.iter_mut().zip([one, other]) {
            Arc::get_mut(place).unwrap().write(object);
        }
        // SAFETY: written just now.
        places.map(|place| Self(unsafe { place.assume_init() }))
    }

    fn autos() -> [Self; 2] {
        Self::pair(Object::event(true, false), Object::event(true, false))
    }

    fn set(&self) {
        self.0.set();
    }

    /// Whether it is there to be taken; it is taken then.
    fn left(&self) -> bool {
        self.0.take(&core())
    }
}

impl Sealed for Of {
    fn waits_for(&self) -> &Arc<Object> {
        &self.0
    }
}

impl Waitable for Of {}

/// Waits for any of them as a thread of its own; its index.
fn any(objects: &[&dyn Waitable]) -> usize {
    match wait_as(&core(), &Goal::Any(objects), None) {
        Waited::Object(index) => index,
        other => panic!("{other:?}"),
    }
}
