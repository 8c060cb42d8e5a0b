//! Mutexes: they go from thread to thread, also from one that has ended.

use super::{Of, check, core, join, spawn};
use crate::sync::atomic::AtomicUsize;
use crate::sync::atomic::Ordering::SeqCst;
use crate::thread::ThreadCore;
use crate::wait::{Goal, Waited, wait_as};
use std::sync::Arc;

fn take(mutex: &Of, thread: &Arc<ThreadCore>) -> Waited {
    wait_as(thread, &Goal::Any(&[mutex]), None)
}

/// One thread has it at a time, and a release gives it to who waits.
#[test]
fn a_mutex_belongs_to_one_thread() {
    check(|| {
        let (mutex, inside) = (Of::mutex(), Arc::new(AtomicUsize::new(0)));
        let section = |mutex: &Of, inside: &AtomicUsize| {
            let thread = core();
            assert_eq!(take(mutex, &thread), Waited::Object(0));
            assert_eq!(inside.fetch_add(1, SeqCst), 0);
            inside.fetch_sub(1, SeqCst);
            assert!(mutex.0.release(&thread));
        };
        let others = [(); 2].map(|()| {
            let (mutex, inside) = (mutex.clone(), Arc::clone(&inside));
            spawn(move || section(&mutex, &inside))
        });
        join(others);
        assert!(mutex.left());
    });
}

/// A thread that ends with it leaves it to the next wait, which is told, and no other.
#[test]
fn an_abandoned_mutex_is_told_once() {
    check(|| {
        let (mutex, ended) = (Of::mutex(), Arc::new(AtomicUsize::new(0)));
        let owner = spawn({
            let (mutex, ended) = (mutex.clone(), Arc::clone(&ended));
            move || {
                let thread = core();
                take(&mutex, &thread);
                ended.store(1, SeqCst);
                thread.finish();
            }
        });
        let waiter = spawn({
            let (mutex, ended) = (mutex.clone(), Arc::clone(&ended));
            move || {
                let thread = core();
                let waited = take(&mutex, &thread);
                let told = usize::from(waited == Waited::Abandoned(0));
                assert_eq!(told, ended.load(SeqCst));
                assert!(mutex.0.release(&thread));
                told
            }
        });
        owner.join().unwrap();
        let told = waiter.join().unwrap();
        let last = core();
        let waited = take(&mutex, &last);
        assert_eq!(usize::from(waited == Waited::Abandoned(0)) + told, 1);
    });
}
