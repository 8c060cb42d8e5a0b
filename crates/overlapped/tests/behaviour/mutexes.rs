//! Mutexes: one owner, which may take it again, and who learns that one ended without releasing.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use overlapped::{Event, MutexObject, Overlapped, Semaphore, Waited, alertable, codes, wait};

use super::support;

const NOW: Option<Duration> = Some(Duration::ZERO);

/// A mutex whose owner has ended.
fn abandoned() -> MutexObject {
    let mutex = MutexObject::new();
    thread::scope(|scope| {
        scope.spawn(|| assert_eq!(wait::one(&mutex, None).unwrap(), Waited::Object(0))).join().unwrap();
    });
    mutex
}

/// What a wait of another thread finds; that thread releases what it got.
fn elsewhere(mutex: &MutexObject) -> Waited {
    thread::scope(|scope| {
        let found = scope.spawn(|| {
            let waited = wait::one(mutex, NOW).unwrap();
            if waited != Waited::TimedOut {
                mutex.release().unwrap();
            }
            waited
        });
        found.join().unwrap()
    })
}

#[test]
fn the_owner_takes_it_again_and_releases_as_often() {
    let _watch = support::driver();
    let mutex = MutexObject::owned().unwrap();
    assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Object(0));
    assert_eq!(wait::all(&[&mutex, &Event::new(overlapped::Reset::Auto, true)], NOW).unwrap(), Waited::Object(0));
    for _ in 0..3 {
        assert_eq!(elsewhere(&mutex), Waited::TimedOut);
        mutex.release().unwrap();
    }
    assert_eq!(mutex.release().unwrap_err().code(), codes::ERROR_NOT_OWNER);
    assert_eq!(elsewhere(&mutex), Waited::Object(0));
}

#[test]
fn nobody_else_releases_it() {
    let _watch = support::driver();
    let mutex = MutexObject::owned().unwrap();
    thread::scope(|scope| {
        let released = scope.spawn(|| mutex.release().unwrap_err().code());
        assert_eq!(released.join().unwrap(), codes::ERROR_NOT_OWNER);
    });
    mutex.release().unwrap();
}

#[test]
fn a_free_mutex_wins_over_a_queued_apc() {
    let _watch = support::driver();
    let mutex = MutexObject::new();
    let ran = std::sync::Arc::new(AtomicBool::new(false));
    let apc = std::sync::Arc::clone(&ran);
    alertable::current().queue(move || apc.store(true, Ordering::SeqCst)).unwrap();
    assert_eq!(alertable::one(&mutex, Some(Duration::from_secs(1))).unwrap(), Waited::Object(0));
    assert!(!ran.load(Ordering::SeqCst));
    mutex.release().unwrap();
    assert_eq!(alertable::sleep(NOW).unwrap(), Waited::Routines);
    assert!(ran.load(Ordering::SeqCst));
}

#[test]
fn an_abandoned_one_says_so_once() {
    let _watch = support::driver();
    let mutex = abandoned();
    assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Abandoned(0));
    assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Object(0));
    assert_eq!(elsewhere(&mutex), Waited::TimedOut, "it is owned");
    mutex.release().unwrap();
    mutex.release().unwrap();
    assert_eq!(elsewhere(&mutex), Waited::Object(0));
}

#[test]
fn an_abandoned_one_has_its_index() {
    let _watch = support::driver();
    let (event, mutex) = (Event::manual(), abandoned());
    assert_eq!(wait::any(&[&event, &mutex], NOW).unwrap(), Waited::Abandoned(1));
    assert_eq!(alertable::any(&[&event, &mutex], NOW).unwrap(), Waited::Object(1));
    let (first, second) = (MutexObject::new(), abandoned());
    assert_eq!(wait::all(&[&first, &event, &second], NOW).unwrap(), Waited::TimedOut, "and loses nothing");
    event.set();
    assert_eq!(wait::all(&[&first, &event, &second], NOW).unwrap(), Waited::Abandoned(0));
    first.release().unwrap();
    second.release().unwrap();
    assert_eq!(elsewhere(&second), Waited::Object(0));
}

#[test]
fn who_waits_gets_it_when_the_owner_ends() {
    let _watch = support::driver();
    let (one, all) = (MutexObject::new(), MutexObject::new());
    let (ready, go, never) = (Event::auto(), Event::auto(), Event::manual());
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(wait::all(&[&one, &all], None).unwrap(), Waited::Object(0));
            wait::signal_and_wait(&ready, &go, None).unwrap();
        });
        wait::one(&ready, None).unwrap();
        let waiting = scope.spawn(|| {
            assert_eq!(wait::any(&[&never, &one], None).unwrap(), Waited::Abandoned(1));
            one.release().unwrap();
        });
        let for_all = scope.spawn(|| {
            assert_eq!(wait::all(&[&all, &ready], None).unwrap(), Waited::Abandoned(0));
            all.release().unwrap();
        });
        assert_eq!(elsewhere(&one), Waited::TimedOut);
        go.set();
        ready.set();
        waiting.join().unwrap();
        for_all.join().unwrap();
    });
    assert_eq!(elsewhere(&one), Waited::Object(0));
    assert_eq!(elsewhere(&all), Waited::Object(0));
}

/// A wait that claimed the abandoned mutex but found a lower object gives it back as it was.
#[test]
fn what_is_given_back_is_still_abandoned() {
    let _watch = support::driver();
    for _ in 0..300 {
        let (mutex, low) = (MutexObject::new(), Semaphore::new(0, 1).unwrap());
        let (owned, end) = (Event::auto(), Event::auto());
        thread::scope(|scope| {
            let owner = scope.spawn(|| {
                wait::one(&mutex, None).unwrap();
                wait::signal_and_wait(&owned, &end, None).unwrap();
            });
            wait::one(&owned, None).unwrap();
            let waiting = scope.spawn(|| {
                let waited = wait::any(&[&low, &mutex], None).unwrap();
                if waited != Waited::Object(0) {
                    assert_eq!(waited, Waited::Abandoned(1));
                    mutex.release().unwrap();
                }
                waited
            });
            end.set();
            low.release(1).unwrap();
            owner.join().unwrap();
            match waiting.join().unwrap() {
                Waited::Object(0) => assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Abandoned(0)),
                _ => assert_eq!(wait::one(&mutex, NOW).unwrap(), Waited::Object(0)),
            }
        });
    }
}

#[test]
fn dropped_while_owned_it_is_no_more() {
    let _watch = support::driver();
    let ended = thread::spawn(|| {
        for _ in 0..1000 {
            MutexObject::owned().unwrap();
        }
    });
    ended.join().unwrap();
}

/// Increments that a lock must guard, by threads that wait in every way; some end as owners.
#[test]
fn one_thread_at_a_time() {
    let _watch = support::driver();
    const ROUNDS: usize = 1500;
    let (mutex, never) = (MutexObject::new(), Event::manual());
    let (inside, count, left_behind) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let told = AtomicUsize::new(0);
    thread::scope(|scope| {
        for kind in 0..5 {
            let (mutex, never, inside, count, left_behind, told) =
                (&mutex, &never, &inside, &count, &left_behind, &told);
            let once = move |ends: bool| {
                let waited = loop {
                    let waited = match kind {
                        0 => wait::one(mutex, None),
                        1 => wait::any(&[never, mutex], None),
                        2 => wait::all(&[mutex], None),
                        3 => alertable::one(mutex, None),
                        _ => wait::one(mutex, Some(Duration::from_micros(20))),
                    };
                    if let Ok(Waited::Object(_) | Waited::Abandoned(_)) = waited {
                        break waited.unwrap();
                    }
                };
                if let Waited::Abandoned(_) = waited {
                    told.fetch_add(1, Ordering::SeqCst);
                }
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                count.fetch_add(1, Ordering::SeqCst);
                assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                if ends {
                    left_behind.fetch_add(1, Ordering::SeqCst);
                } else {
                    mutex.release().unwrap();
                }
            };
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    if round % 100 == 50 {
                        thread::scope(|scope| {
                            scope.spawn(move || once(true));
                        });
                    } else {
                        once(false);
                    }
                }
            });
        }
    });
    let last = matches!(wait::one(&mutex, NOW).unwrap(), Waited::Abandoned(_));
    assert_eq!(count.into_inner(), 5 * ROUNDS);
    assert_eq!(left_behind.into_inner(), told.into_inner() + usize::from(last));
}

struct Locks {
    mutex: MutexObject,
    told: mpsc::Sender<Result<Waited, i32>>,
}

impl Drop for Locks {
    fn drop(&mut self) {
        let waited = wait::one(&self.mutex, Some(Duration::from_secs(30))).map_err(|error| error.code());
        if waited.is_ok() {
            self.mutex.release().unwrap();
        }
        self.told.send(waited).unwrap();
    }
}

thread_local! {
    static AFTER: RefCell<Option<Locks>> = const { RefCell::new(None) };
}

/// What the end of a thread drops may still own a mutex, the same as before.
#[test]
fn what_the_end_of_a_thread_drops_owns_it_too() {
    let _watch = support::driver();
    let (socket, _peer) = support::pair();
    let (mutex, again, late) = (MutexObject::new(), MutexObject::new(), MutexObject::new());
    let (told, take) = mpsc::channel();
    thread::scope(|scope| {
        let (mutex, again, late) = (mutex.clone(), again.clone(), late.clone());
        let ended = scope.spawn(move || {
            // Made before the thread's first use of the library, so destroyed after all of that.
            AFTER.set(Some(Locks { mutex: late, told: told.clone() }));
            wait::one(&again, None).unwrap();
            let session = (socket, vec![0_u8; 8], Locks { mutex, told: told.clone() });
            Overlapped::new(session).recv_with(|(socket, buffer, _)| (socket, buffer), |_, _| unreachable!());
            let recursive = Locks { mutex: again, told };
            alertable::current().queue(move || drop(recursive)).unwrap();
        });
        ended.join().unwrap();
    });
    let told: Vec<_> = take.iter().collect();
    assert_eq!(told[..2], [Ok(Waited::Object(0)), Ok(Waited::Object(0))]);
    // Windows may run the destructors of thread-locals in another order.
    assert!(told[2] == Err(codes::ERROR_GEN_FAILURE) || cfg!(windows) && told[2] == Ok(Waited::Object(0)), "{told:?}");
    assert_eq!(elsewhere(&mutex), Waited::Object(0), "it was released");
    assert_eq!(elsewhere(&late), Waited::Object(0), "it was never taken");
    assert_eq!(wait::one(&again, None).unwrap(), Waited::Abandoned(0));
}
